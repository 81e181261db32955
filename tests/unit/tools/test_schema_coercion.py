"""Harmless conversions, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.schema import Validator, coerce

DEFS = {"Line": {"type": "object", "properties": {"qty": {"type": "integer"}, "next": {"$ref": "#/$defs/Line"}}}}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer"}, "12", 12),
        ({"type": "integer"}, "-7", -7),
        ({"type": "number"}, "12", 12),
        ({"type": "number"}, "12.50", 12.5),
        ({"type": "string"}, 12, "12"),
        ({"type": "boolean"}, "true", True),
        ({"type": ["integer", "null"]}, "3", 3),
        ({"enum": [1, 2], "type": "integer"}, "2", 2),
        ({"allOf": [{"type": "integer"}, {"minimum": 1}]}, "5", 5),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "5", 5),
        ({"type": "array", "items": {"$ref": "#/$defs/Line"}}, [{"qty": "2", "next": {"qty": "3", "x": "4"}}],
         [{"qty": 2, "next": {"qty": 3, "x": "4"}}]),
        # Left as it is: it fits, it would lose something, or it could mean two things.
        ({"type": "string"}, "12", "12"),
        ({}, "12", "12"),
        ({"type": ["string", "integer"]}, "12", "12"),
        ({"type": "integer"}, "012", "012"),
        ({"type": "integer"}, " 12", " 12"),
        ({"type": "integer"}, "1e3", "1e3"),
        ({"type": "integer"}, "12.0", "12.0"),
        ({"type": "integer"}, "9" * 30, "9" * 30),
        ({"type": "integer"}, "١٢", "١٢"),
        ({"type": "integer"}, True, True),
        ({"type": "number"}, "0.12345678901234567", "0.12345678901234567"),
        ({"type": "string"}, 1.5, 1.5),
        ({"type": "string"}, True, True),
        ({"type": "string"}, None, None),
        ({"type": "boolean"}, "yes", "yes"),
        ({"type": "boolean"}, 1, 1),
        ({"enum": [1, 2], "type": "integer"}, "3", "3"),
        ({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}, "x", "x"),
        ({"type": "array", "items": {"type": "integer"}}, "1,2", "1,2"),
    ],
)  # fmt: skip
def test_only_the_way_a_value_is_written_changes(schema: dict[str, Any], value: Any, expected: Any) -> None:
    made = coerce(value, schema, DEFS)
    assert (expected, type(expected)) == (made, type(made))


@given(st.integers(-(10**17), 10**17))
def test_an_integer_goes_to_text_and_back_unchanged(value: int) -> None:
    text = coerce(value, {"type": "string"}, {})
    assert str(value) == text
    assert value == coerce(text, {"type": "integer"}, {})


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)


@given(st.sampled_from(["integer", "number", "string", "boolean", "null"]), SCALARS)
def test_a_value_is_changed_only_into_one_that_fits(kind: str, value: Any) -> None:
    made = coerce(value, {"type": kind}, {})
    if made is not value:
        assert () == Validator.compile({"type": kind}, {}).problems(made)
        assert str(value).lower() == str(made).lower() or (isinstance(made, float) and float(value) == made)
