"""The harmless conversions: "12" where an integer is asked for, 12 where a text is. Never lossy, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import JsonValue

from tools.action import Schema
from tools.schema.reading import Form, forms, same

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,11})\.[0-9]{1,3}")
#: at most 15 significant digits, which a float keeps
MAX_DEPTH = 50


def coerce(value: JsonValue, schema: Schema, defs: Mapping[str, Schema]) -> JsonValue:
    """`value` as the schema asks for it, where that changes how it is written and not what it says.

    What already fits, what has no such conversion and what has two stays as it is; checking it is the validator's work.
    """
    return _coerced(value, forms((schema,), defs), defs, 0)


def _coerced(value: JsonValue, known: tuple[Form, ...], defs: Mapping[str, Schema], depth: int) -> JsonValue:
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, dict | list):
        fitting = [form for form in known if form.fits(value)]
        # With several alternatives nobody knows which one was meant.
        return _inside(value, fitting[0], defs, depth) if len(fitting) == 1 else value
    if value is None or not known or any(form.fits(value) for form in known):
        return value
    converted = [made for form in known if (made := _converted(value, form)) is not None and form.fits(made)]
    return converted[0] if converted and all(same(made, converted[0]) for made in converted) else value


def _inside(value: JsonValue, form: Form, defs: Mapping[str, Schema], depth: int) -> JsonValue:
    if isinstance(value, dict):
        return {
            name: _coerced(part, forms(form.property(name), defs), defs, depth + 1) if form.property(name) else part
            for name, part in value.items()
        }
    assert isinstance(value, list), "only containers have an inside"
    return [
        _coerced(part, forms(form.element(index), defs), defs, depth + 1) if form.element(index) else part
        for index, part in enumerate(value)
    ]


def _converted(value: JsonValue, form: Form) -> JsonValue:
    """The value in the form's own type, or None when that is not just another way of writing it."""
    types = form.types
    if isinstance(value, str):
        if "integer" in types and _INTEGER.fullmatch(value):
            return int(value)
        if "number" in types and _DECIMAL.fullmatch(value):
            return float(value)
        if "boolean" in types and value in ("true", "false"):
            return value == "true"
    elif isinstance(value, int) and not isinstance(value, bool) and "string" in types:
        return str(value)
    return None
