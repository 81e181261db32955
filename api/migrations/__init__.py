"""The database schema, revision by revision."""
