"""What a document says of one operation, in the same words for every dialect; schemas are still as written."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tools.action import Place

# Named tuples, because a document has ten thousand of them and a frozen dataclass costs four times as much to make.


class Parameter(NamedTuple):
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


class Media(NamedTuple):
    """One content type of a body or an answer."""

    content_type: str
    schema: Any = None
    encoding: Mapping[str, Any] = MappingProxyType({})


class Answer(NamedTuple):
    status: str
    #: "200", "2XX" or "default"
    media: tuple[Media, ...] = ()
    headers: frozenset[str] = frozenset()
    #: lower-cased names


class Operation(NamedTuple):
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
