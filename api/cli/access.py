"""Where the API is and with which key: from the environment, or from the data folder of a service on this machine."""

from __future__ import annotations

import os

from api.cli.client import Api, Problem
from api.settings import Settings


def connect() -> Api:
    """The API at INTERLOCK_URL, with INTERLOCK_API_KEY or else the admin's key in the service's data folder.

    Raises `Problem` when there is no key.
    """
    settings = Settings()
    return Api(url(settings), _key(settings))


def url(settings: Settings) -> str:
    """Where the API is: INTERLOCK_URL, else where a service with these settings on this machine is."""
    return os.environ.get("INTERLOCK_URL") or settings.url


def _key(settings: Settings) -> str:
    if key := os.environ.get("INTERLOCK_API_KEY", "").strip():
        return key
    path = settings.admin_key_file
    try:
        return path.read_text("ascii").strip()
    except OSError:
        raise Problem(
            {
                "title": "no API key",
                "detail": f"INTERLOCK_API_KEY is not set and {path} cannot be read",
                "mend": "set INTERLOCK_API_KEY, or run this where `interlock serve` has made its data folder",
            }
        ) from None
