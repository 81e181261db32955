"""What exchanges show of an API that nobody described: path templates, schemas, credentials, and how sure each is."""
