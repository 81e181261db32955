"""Why a second reader refuses what we send: whose fault it is, and the explanation, told once for each kind.

A refusal of a kind that stands here nowhere is UNEXPLAINED, and is to be looked into.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from tools.action import Action


class Cause(StrEnum):
    OURS = "ours"
    DOCUMENT = "document"
    READER = "reader"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    reader: str
    says: re.Pattern[str]
    cause: Cause
    explanation: str


_TWINS = Kind(
    reader="prism",
    says=re.compile(r"Request path parameter"),
    cause=Cause.DOCUMENT,
    explanation="two paths of the document differ only in the name of a parameter, which OpenAPI 3.0.3 section 4.7.8 "
    "forbids; Prism holds the request against the first of them",
)
KINDS = (
    Kind(
        reader="prism",
        says=re.compile(r"Request (path|query) parameter \S+ must match exactly one schema in oneOf"),
        cause=Cause.READER,
        explanation="a path and a query hold texts only: Prism converts the text for each alternative, so that a "
        "number fits both the integer and the string",
    ),
    Kind(
        reader="prism",
        says=re.compile(r"Request query parameter \S+ must have required property"),
        cause=Cause.READER,
        explanation="Prism reads an object that is absent from a deepObject query as an empty one, then misses what it "
        "requires (deserializers/style/deepObject.js)",
    ),
    Kind(
        reader="prism",
        says=re.compile(r'must match pattern ".*(?<!\\)\.[*+]'),
        cause=Cause.OURS,
        explanation="a dot in a pattern does not stand for a carriage return in ECMA-262, which JSON Schema follows "
        "and Prism runs; in the linear-time engine that runs a document's patterns here it does",
    ),
    Kind(
        reader="body",
        says=re.compile(r"None is not valid under any of the given schemas \((oneOf|anyOf)\)|None for not nullable"),
        cause=Cause.DOCUMENT,
        explanation="`nullable` stands beside oneOf, anyOf or a reference without a `type`, where OpenAPI 3.0.3 "
        "section 4.7.24.1 gives it no effect; we take the author at his word",
    ),
    Kind(
        reader="body",
        says=re.compile(r": None is not one of "),
        cause=Cause.DOCUMENT,
        explanation="`nullable: true` stands beside an enum without null, which then does not allow it (OpenAPI 3.0.3, "
        "proposal 2019-10-31); we take the author at his word",
    ),
    Kind(
        reader="body",
        says=re.compile(r"the document's schema cannot be used"),
        cause=Cause.DOCUMENT,
        explanation="a keyword of the schema has a value it cannot have; we leave such a keyword out",
    ),
)


def explain(reader: str, why: str, action: Action, paths: Collection[str]) -> Kind:
    """The kind of a refusal of `action`'s request; `paths` are those of its document."""
    if _TWINS.reader == reader and _TWINS.says.search(why) and _has_twin(action.path, paths):
        return _TWINS
    found = (one for one in KINDS if one.reader == reader and one.says.search(why))
    unknown = Kind(reader=reader, says=re.compile(""), cause=Cause.UNEXPLAINED, explanation="")
    return next(found, unknown)


def _has_twin(path: str, paths: Collection[str]) -> bool:
    return any(other != path and _shape(other) == _shape(path) for other in paths)


def _shape(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", path)
