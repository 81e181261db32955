"""The web pages: drawn on the server, without scripts."""

from api.web.install import install

__all__ = ["install"]
