"""Documents and traffic become surfaces of typed actions."""
