"""Time and ids, passed in wherever they matter so that tests can hold them still."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware and in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Ids(Protocol):
    def new(self, prefix: str) -> str:
        """A fresh id such as `run_5f0c…`: the prefix tells what it names, the rest is 80 random bits."""
        ...


class RandomIds:
    def new(self, prefix: str) -> str:
        return f"{prefix}_{secrets.token_hex(10)}"


def aware(value: datetime) -> datetime:
    """`value` in UTC. Raises ValueError for a naive datetime, whose meaning would be a guess."""
    if value.tzinfo is None:
        raise ValueError("a time needs a zone; this one has none")
    return value.astimezone(UTC)
