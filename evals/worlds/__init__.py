"""Six small but real services, each its own process, with its own document, state and ledger."""
