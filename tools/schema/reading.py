"""Reads what a schema says of one level of a value: references followed, `allOf` merged, choices laid side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from pydantic import JsonValue

from tools.action import Schema

MAX_FORMS = 40
#: alternatives looked at side by side; a schema with more is read as one that says nothing

_NOTHING: Schema = {}
_Parts = tuple[Schema, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One alternative: schemas that all apply, none of them with a reference or a combinator to follow."""

    parts: _Parts

    @property
    def types(self) -> frozenset[str]:
        """The JSON types that every part allows; empty when no part names one."""
        named = [_types(part) for part in self.parts if "type" in part]
        return frozenset.intersection(*named) if named else frozenset()

    def of(self, keyword: str) -> Iterator[Any]:
        """The keyword's value in every part that has it."""
        return (part[keyword] for part in self.parts if keyword in part)

    def property(self, name: str) -> _Parts:
        """The schemas documented for the property; () when there is none."""
        return tuple(_schema(known[name]) for known in self.of("properties") if name in known)

    def element(self, index: int) -> _Parts:
        """The schemas documented for the element; () when there is none."""
        found: list[Schema] = []
        for part in self.parts:
            listed: Sequence[Any] = part.get("prefixItems", ())
            if index < len(listed):
                found.append(_schema(listed[index]))
            elif "items" in part:
                found.append(_schema(part["items"]))
        return tuple(found)

    def fits(self, value: JsonValue) -> bool:
        """Whether the value has this form at its own level. Of what is inside only tags are looked at: properties with
        one allowed value, by which an API tells the alternatives of an object apart."""
        return all(_fits(part, value) for part in self.parts)


def forms(schemas: _Parts, defs: Mapping[str, Schema]) -> tuple[Form, ...]:
    """The alternatives allowed by `schemas`, all of which apply.

    A reference met again below itself, and a reference to nothing, says nothing. More than MAX_FORMS alternatives are
    read as one that says nothing.
    """
    found = _combined([_laid_out(schema, defs, frozenset()) for schema in schemas])
    return tuple(Form(parts) for parts in found)


def same(left: Any, right: Any) -> bool:
    """JSON equality of scalars: true is not 1."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def is_type(value: JsonValue, name: str) -> bool:
    """JSON Schema's types (validation section 6.1.1): 12.0 is an integer, true is no number."""
    match value:
        case None:
            return name == "null"
        case bool():
            return name == "boolean"
        case int():
            return name in ("integer", "number")
        case float():
            return name == "number" or (name == "integer" and value.is_integer())
        case str():
            return name == "string"
        case list():
            return name == "array"
        case _:
            return name == "object"


def _laid_out(schema: Schema, defs: Mapping[str, Schema], seen: frozenset[str]) -> list[_Parts]:
    """The alternatives of one schema, each as the parts that apply together."""
    applying: list[list[_Parts]] = [[(schema,)]]
    ref = schema.get("$ref")
    if isinstance(ref, str):
        known = _target(ref, defs) if ref not in seen else _NOTHING
        applying.append(_laid_out(known, defs, seen | {ref}))
    for part in schema.get("allOf", ()):
        applying.append(_laid_out(_schema(part), defs, seen))
    for keyword in ("oneOf", "anyOf"):
        choices = schema.get(keyword, ())
        if choices:
            applying.append(
                [parts for choice in choices[: MAX_FORMS + 1] for parts in _laid_out(_schema(choice), defs, seen)]
            )
    return _combined(applying)


def _combined(applying: list[list[_Parts]]) -> list[_Parts]:
    """Every way to take one alternative of each."""
    count = 1
    for alternatives in applying:
        count *= len(alternatives)
    if count > MAX_FORMS:
        return [(_NOTHING,)]
    return [tuple(part for parts in chosen for part in parts) for chosen in product(*applying)]


def _target(ref: str, defs: Mapping[str, Schema]) -> Schema:
    return defs.get(def_name(ref), _NOTHING)


def def_name(ref: str) -> str:
    """The name in `#/$defs/NAME`, unescaped (RFC 6901 section 4); "" for any other reference."""
    start, _, name = ref.partition("#/$defs/")
    return "" if start else name.replace("~1", "/").replace("~0", "~")


def _schema(part: Any) -> Schema:
    """`true` says nothing, and so does what is no schema."""
    return part if isinstance(part, dict) else _NOTHING


def _types(part: Schema) -> frozenset[str]:
    named = part["type"]
    types = frozenset((named,) if isinstance(named, str) else named)
    return types | {"integer"} if "number" in types else types


def _fits(part: Schema, value: JsonValue) -> bool:
    if "type" in part and not any(is_type(value, name) for name in _types(part)):
        return False
    if "const" in part and not same(part["const"], value):
        return False
    if "enum" in part and not any(same(one, value) for one in part["enum"]):
        return False
    return not isinstance(value, dict) or _has_tags(part, value)


def _has_tags(part: Schema, value: dict[str, JsonValue]) -> bool:
    if any(name not in value for name in part.get("required", ())):
        return False
    tags = ((name, inner) for name, inner in part.get("properties", {}).items() if isinstance(inner, dict))
    return all(
        any(same(one, value[name]) for one in inner["enum"]) if "enum" in inner else same(inner["const"], value[name])
        for name, inner in tags
        if name in value and ("const" in inner or len(inner.get("enum", ())) == 1)
    )
