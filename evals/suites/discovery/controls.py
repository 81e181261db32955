"""Controls for the second readers: arguments that are wrong on purpose, to see that a reader who accepts does look."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from tools.action import Action, Argument, Place

WRONG = "~none of these~"


def spoiled(
    action: Action, arguments: Mapping[str, JsonValue], places: frozenset[Place]
) -> dict[str, JsonValue] | None:
    """`arguments` with a text in the first place of `places` that can hold none; None where there is no such place."""
    for argument in action.arguments:
        if argument.name in arguments and argument.place in places and _is_narrow(argument):
            return {**arguments, argument.name: WRONG}
    return None


def _is_narrow(argument: Argument) -> bool:
    """Whether the argument's own schema, alternatives apart, allows listed values or numbers and booleans only."""
    schema = argument.json_schema
    is_plain = not schema.keys() & {"$ref", "allOf", "anyOf", "oneOf"}
    return is_plain and ("enum" in schema or schema.get("type") in ("integer", "number", "boolean"))
