"""Validation: what fits, what is wrong where, and never what the value was."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import errors
from tools.schema import Problem, Validator

DEFS: dict[str, Any] = {
    "Address": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "Tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}},
    "a/b": {"type": "integer"},
    "Unused": {"$ref": "#/$defs/Nowhere"},
}


def problems(schema: dict[str, Any], value: Any) -> list[str]:
    return [str(problem) for problem in Validator.compile(schema, DEFS).problems(value)]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer"}, 12.0, []),
        ({"type": "integer"}, "12", ["the whole: expected integer, came a text of 2 characters"]),
        ({"type": ["string", "null"]}, True, ["the whole: expected null or string, came a boolean"]),
        ({"enum": ["a", 1]}, "secret", ["the whole: expected one of 'a', 1, came a text of 6 characters"]),
        ({"const": "x"}, None, ["the whole: expected 'x', came null"]),
        ({"required": ["a"]}, {"b": 1}, ["/a: expected a value, since it is required, came nothing"]),
        ({"properties": {"a": {"format": "date"}}}, {"a": "soon"},
         ["/a: expected the format date, came a text of 4 characters"]),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"a": 1, "x": 2},
         ["/x: expected no property of this name, came an integer"]),
        ({"items": {"maximum": 5}}, [1, 9], ["/1: expected at most 5, came an integer"]),
        ({"properties": {"a/b~": {"minLength": 2}}}, {"a/b~": ""},
         ["/a~1b~0: expected at least 2 characters, came a text of 0 characters"]),
        ({"maxItems": 1}, [1, 2], ["the whole: expected at most 1 element, came a list of 2"]),
        ({"multipleOf": 0.01}, 0.001, ["the whole: expected a multiple of 0.01, came a number"]),
        ({"pattern": "^[A-Z]+$"}, "a1", ["the whole: expected the pattern ^[A-Z]+$, came a text of 2 characters"]),
        ({"uniqueItems": True}, [1, 1], ["the whole: expected what `uniqueItems` asks for, came a list of 2"]),
        ({"anyOf": [{"type": "string"}, {"required": ["id"]}]}, {},
         ["the whole: expected one of its 2 forms (string; or the property 'id'), came an object with 0 properties"]),
        ({"oneOf": [{"minimum": 1}, {"maximum": 9}]}, 5,
         ["the whole: expected just one of its 2 forms; it has several, came an integer"]),
        ({"properties": {"to": {"$ref": "#/$defs/Address"}}}, {"to": {"city": 7}},
         ["/to/city: expected string, came an integer"]),
        ({"$ref": "#/$defs/Tree"}, {"children": [{"children": [{"children": 1}]}]},
         ["/children/0/children/0/children: expected array, came an integer"]),
        ({"$ref": "#/$defs/a~1b"}, "x", ["the whole: expected integer, came a text of 1 character"]),
    ],
)  # fmt: skip
def test_problems_name_the_place_what_was_expected_and_what_kind_came(
    schema: dict[str, Any], value: Any, expected: list[str]
) -> None:
    assert expected == problems(schema, value)


def test_a_problem_is_told_in_parts() -> None:
    (problem,) = Validator.compile({"properties": {"a": {"type": "string"}}}, {}).problems({"a": [1]})
    assert Problem(path="/a", expected="string", came="a list of 1") == problem


CANARY = "canary-7731"


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["type", "format", "enum", "const", "pattern", "maxLength", "anyOf", "not", "contains"]),
        st.just(0),
        min_size=1,
    )
)
def test_no_problem_repeats_the_value(keywords: dict[str, int]) -> None:
    known: dict[str, Any] = {
        "type": "integer", "format": "email", "enum": ["a"], "const": "b", "pattern": "^z", "maxLength": 3,
        "anyOf": [{"type": "null"}, {"enum": ["q"]}], "not": {"type": "string"}, "contains": {"type": "null"},
    }  # fmt: skip
    schema = {keyword: known[keyword] for keyword in keywords}
    found = [*problems(schema, CANARY), *problems({"items": schema}, [CANARY, [CANARY]])]
    assert not any("canary" in problem for problem in found)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(x+x+)+y", "^([a-z]+)*$"])
def test_a_pattern_made_to_stall_does_not(pattern: str) -> None:
    validator = Validator.compile({"pattern": pattern}, {})
    began = time.perf_counter()
    validator.problems("a" * 50_000 + "!" + "x" * 50_000)
    assert time.perf_counter() - began < 0.5
    assert () == validator.unchecked


def test_a_pattern_beyond_the_linear_engine_is_left_out_and_named() -> None:
    schema: dict[str, Any] = {
        "properties": {
            "pattern": {"type": "string", "pattern": "^(?=.*x).*$"},
            "back": {"anyOf": [{"pattern": r"(a)\1"}, {"type": "null"}]},
            "map": {
                "patternProperties": {"^(?!x)": {"type": "integer"}, "^ok": {"type": "null"}},
                "additionalProperties": False,
            },
        }
    }  # fmt: skip
    validator = Validator.compile(schema, {})
    assert (
        "/properties/pattern/pattern",
        "/properties/back/anyOf/0/pattern",
        "/properties/map/patternProperties/^(?!x)",
    ) == validator.unchecked
    assert () == validator.problems({"pattern": "y", "back": "b", "map": {"q": 1, "ok": None}})
    assert ["/pattern: expected string, came an integer", "/map/ok: expected null, came an integer"] == [
        str(problem) for problem in validator.problems({"pattern": 1, "map": {"ok": 1}})
    ]


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "text"}, "/type"),
        ({"properties": {"a": {"minimum": "1"}}}, "/properties/a/minimum"),
        ({"$ref": "#/$defs/Nowhere"}, ""),
        ({"$ref": "http://127.0.0.1:9/schema"}, ""),
        ({"$ref": "file:///etc/passwd"}, ""),
    ],
)
def test_what_is_no_schema_is_refused_with_its_place_and_nothing_is_fetched(
    schema: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(errors.DocumentInvalid) as caught:
        Validator.compile(schema, DEFS)
    assert pointer == caught.value.data["pointer"]


def test_only_what_a_schema_reaches_must_be_sound() -> None:
    assert [] == problems({"$ref": "#/$defs/Address"}, {"city": "Ulm"})


def test_problems_are_counted_to_a_limit() -> None:
    assert 30 == len(problems({"items": {"type": "null"}}, list(range(1_000))))


@pytest.mark.parametrize("value", ["\ud800", {"a": "\udfff"}, 2**200])
def test_what_json_cannot_say_is_a_problem_and_not_an_exception(value: Any) -> None:
    assert problems({"type": "null"}, value)
