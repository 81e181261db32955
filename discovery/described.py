"""What a document says of one operation, in the same words for every dialect; schemas are still as written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tools.action import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    place: Place
    schema: Any
    required: bool = False
    style: str | None = None
    explode: bool | None = None
    allow_reserved: bool = False
    content_type: str | None = None
    description: str = ""
    example: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One content type of a body or an answer."""

    content_type: str
    schema: Any = None
    encoding: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: str
    #: "200", "2XX" or "default"
    media: tuple[Media, ...] = ()
    headers: frozenset[str] = frozenset()
    #: lower-cased names


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    method: str
    #: upper case
    path: str
    pointer: str
    operation_id: str = ""
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[Media, ...] = ()
    is_body_required: bool = False
    answers: tuple[Answer, ...] = ()
    scopes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    #: optional parameters that could not be read, each with the reason


def text(value: Any) -> str:
    """`value` when it is text, else nothing: a description may be wrong without harm."""
    return value if isinstance(value, str) else ""
