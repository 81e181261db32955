"""What the guard says of a call, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    rule: str
    why: str
    role: str = "approver"
    count: int = 1
    not_requester: bool = True
    within: timedelta = timedelta(days=3)


Verdict = Allow | Deny | Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """It happened (or was read), once; `result` is the answer's body."""

    result: JsonValue
    status: int
    is_replay: bool = False
    #: settled by an earlier leg or attempt; nothing was sent now
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It did not happen: the guard denied it, a person rejected it, or the system refused it without effect."""

    by: str
    #: `guard`, `person` or `system`
    why: str
    status: int | None = None
    detail: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Nothing was sent; someone or something is waited for."""

    kind: str
    #: the Wait's kind: approval, credential, …
    why: str
    reference: str | None = None
    until_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InDoubt:
    """Nobody knows whether it happened, and no resolver could tell; parked for a person."""

    why: str
    known: dict[str, JsonValue] = field(default_factory=dict)


Outcome = Settled | Refused | Waiting | InDoubt
