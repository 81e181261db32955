"""The command line: a client of the REST API, and the start of the processes that serve it."""

from api.cli.root import main

__all__ = ["main"]
