"""Controls for the second readers: arguments that are wrong on purpose, to see that a reader who accepts does look."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from tools.action import Action, Argument, Place
from tools.wire.values import is_json

WRONG = "~none of these~"
_SCALARS = ("string", "integer", "number", "boolean")


def spoiled(
    action: Action, arguments: Mapping[str, JsonValue], places: frozenset[Place]
) -> dict[str, JsonValue] | None:
    """`arguments` with one of `places` holding what its schema cannot allow; None where no such place can be told."""
    has_json = action.body is not None and is_json(action.body.content_type)
    for argument in action.arguments:
        if argument.name in arguments and argument.place in places:
            wrong = _wrong(argument, says_lists=has_json and argument.place is Place.BODY)
            if wrong is not None:
                return {**arguments, argument.name: wrong}
    return None


def _wrong(argument: Argument, *, says_lists: bool) -> JsonValue:
    """A text where listed values, numbers or booleans are asked for; in JSON also a list in place of a scalar."""
    schema = argument.json_schema
    if schema.keys() & {"$ref", "allOf", "anyOf", "oneOf"}:
        return None
    kind = schema.get("type")
    if "enum" in schema or kind in ("integer", "number", "boolean") or (says_lists and kind == "array"):
        return WRONG
    return [WRONG] if says_lists and kind in _SCALARS else None
