"""The Python types of texts, numbers and fixed choices, as strict as JSON Schema has them and no stricter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, Strict

from tools.schema.reading import Form, same
from tools.schema.validation import Validator

SHOWN = 12
#: values named in an error
#: JSON Schema keyword -> pydantic's
BOUNDS = {"minimum": Ge, "maximum": Le, "exclusiveMinimum": Gt, "exclusiveMaximum": Lt}
#: how a fraction bounds integers, for which pydantic takes only whole ones
_WHOLE = {"minimum": math.ceil, "maximum": math.floor, "exclusiveMinimum": math.floor, "exclusiveMaximum": math.ceil}
#: what pydantic would judge otherwise than JSON Schema: its `\d` takes digits of every script, its `multiple_of` rounds
CHECKED = ("pattern", "format", "multipleOf")


def of_type(name: str, form: Form) -> Any:
    """The type for the JSON type `name`, which is no container, with the bounds that `form` sets it."""
    match name:
        case "null":
            return None
        case "boolean":
            return Annotated[bool, Strict()]
        case "integer":
            whole = Annotated[int, Strict(), *_bounds(form, int), BeforeValidator(_whole)]
            return _checked(whole, form, ("multipleOf",))
        case "number":
            exact = Annotated[int, Strict(), *_bounds(form, int)]
            return _checked(exact | Annotated[float, Strict(), *_bounds(form, float)], form, ("multipleOf",))
        case _:
            return _checked(Annotated[str, Strict(), *lengths(form, "Length")], form, ("pattern", "format"))


def choices(form: Form) -> list[JsonValue] | None:
    """The values that every part allows; None when they are not named, or not such as a Literal can hold."""
    listed = [*form.of("enum"), *([one] for one in form.of("const"))]
    if not listed or not all(isinstance(one, str | int | None) for values in listed for one in values):
        return None
    return [one for one in listed[0] if all(any(same(one, other) for other in values) for values in listed[1:])]


def one_of(values: Sequence[JsonValue]) -> Any:
    """One of the values; true is not 1, which Python's own comparison would have it."""

    def exact(value: Any) -> Any:
        found = next((one for one in values if same(one, value)), None)
        if found is None and value is not None:
            raise ValueError(f"expected one of {', '.join(map(repr, values[:SHOWN]))}")
        return found

    return Annotated[Literal[tuple(values)], BeforeValidator(exact)] if values else JsonValue  # made at run time


def _bounds(form: Form, kind: type) -> list[Any]:
    limits = [(name, limit) for name in BOUNDS for limit in form.of(name)]
    return [BOUNDS[name](_WHOLE[name](limit) if kind is int else limit) for name, limit in limits]


def lengths(form: Form, what: str) -> list[Any]:
    limits = [MinLen(one) for one in form.of(f"min{what}")]
    return [*limits, *(MaxLen(one) for one in form.of(f"max{what}"))]


def _checked(kind: Any, form: Form, keywords: Sequence[str]) -> Any:
    """`kind` with those keywords judged by the engine that judges the schema itself, which is linear in time."""
    for name in keywords:
        for said in form.of(name):
            compiled = Validator.compile({name: said}, {})
            if not compiled.unchecked:
                told = Field(json_schema_extra={name: said})
                kind = Annotated[kind, AfterValidator(_judge(compiled)), told]
    return kind


def _judge(compiled: Validator) -> Any:
    def judged(value: Any) -> Any:
        if problems := compiled.problems(value):
            raise ValueError(f"expected {problems[0].expected}, came {problems[0].came}")
        return value

    return judged


def _whole(value: Any) -> Any:
    """JSON Schema takes 12.0 for an integer (validation section 6.1.1)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
