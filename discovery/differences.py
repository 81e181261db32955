"""What one finding of a comparison says: its kind, what it does to those who worked with the old side, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue


class Kind(StrEnum):
    ADDITIVE = "additive"
    #: something new, or a bound loosened
    NARROWING = "narrowing"
    #: fewer values fit: a bound tightened, an alternative gone
    REQUIRED = "required"
    TYPE = "type"
    ENUM = "enum"
    FORMAT = "format"
    #: of a value, or how it is written on the wire: place, style, content type
    REMOVED = "removed"
    RENAMED = "renamed"
    MEANING = "meaning"
    #: what discovery proposes of it: class, target, scopes, resolver; and what a server does with a value left out


class Impact(StrEnum):
    """On a caller that works today, the worst first."""

    BREAKS = "breaks"
    MAY_BREAK = "may_break"
    SAFE = "safe"


class Side(StrEnum):
    """Where the values travel. The same difference is a narrowing for who sends and a relief for who reads."""

    ACTION = "action"
    ARGUMENT = "argument"
    RESULT = "result"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    kind: Kind
    impact: Impact
    pointer: str
    #: JSON pointer below what was compared
    before: JsonValue = None
    after: JsonValue = None
    likelihood: float | None = None
    #: of a rename, 0 to 1: names, types and position are all there is to judge by


def escaped(name: str) -> str:
    """A name as a JSON pointer's token (RFC 6901 section 3)."""
    return name.replace("~", "~0").replace("/", "~1")
