"""The typed model of an action's arguments takes what the schema takes, as it is, and refuses what it refuses."""

from __future__ import annotations

import time
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, JsonValue, ValidationError

from tools.action import Action, ActionId, Argument, Place, Schema
from tools.schema import Validator, arguments_model

DEFS: dict[str, Schema] = {
    "Node": {
        "type": "object",
        "properties": {"value": {"type": "number"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
        "required": ["value"],
    },
    "Nested": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Nested"}}, {"type": "integer"}]},
    "Timed": {"allOf": [{"$ref": "#/$defs/Node"}, {"properties": {"at": {"type": "string", "format": "date-time"}}}]},
}

Json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 20) | st.floats(-5, 20) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("a", "value", "_id", "x")), inner),
    max_leaves=8,
)


def action(properties: dict[str, Schema], required: tuple[str, ...] = ()) -> Action:
    arguments = tuple(
        Argument(name=name, wire_name=name, place=Place.BODY, required=name in required, json_schema=schema)
        for name, schema in properties.items()
    )
    return Action(
        id=ActionId("shop.make_order"),
        system="shop",
        operation="make_order",
        method="POST",
        path="/orders",
        pointer="/paths/~1orders/post",
        arguments=arguments,
    )


def model(properties: dict[str, Schema], *required: str) -> type[BaseModel]:
    return arguments_model(action(properties, required), DEFS)


def dumped(made: BaseModel) -> Any:
    return made.model_dump(mode="json", by_alias=True, exclude_unset=True)


SCALARS: list[tuple[Schema, st.SearchStrategy[Any]]] = [
    ({"type": "string"}, st.text(max_size=5)),
    ({"type": "string", "minLength": 2, "maxLength": 3}, st.text(min_size=2, max_size=3)),
    ({"type": "string", "pattern": r"^\d+$"}, st.from_regex(r"\A[0-9]+\Z")),
    ({"type": "string", "format": "date"}, st.dates().map(str)),
    ({"type": "string", "format": "uuid"}, st.uuids().map(str)),
    ({"type": ["string", "null"], "maxLength": 2}, st.none() | st.text(max_size=2)),
    ({"type": "integer"}, st.integers() | st.just(12.0)),
    ({"type": "integer", "minimum": 0.5, "exclusiveMaximum": 9.5}, st.integers(1, 9)),
    ({"type": "number", "maximum": 7}, st.integers(max_value=7) | st.floats(-1e9, 7)),
    ({"type": "number", "multipleOf": 0.5}, st.integers(-9, 9).map(lambda one: one / 2)),
    ({"type": "boolean"}, st.booleans()),
    ({"type": "null"}, st.none()),
    ({"enum": ["a", 1, True, None]}, st.sampled_from(["a", 1, 1.0, True, None])),
    ({"const": 0}, st.just(0)),
    ({"enum": [1, 2], "type": "integer"}, st.sampled_from([1, 2])),
    ({}, Json),
    ({"$ref": "#/$defs/Nested"}, st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=5)),
    ({"$ref": "#/$defs/Timed"},
     st.just({"value": 1, "children": [{"value": 2.5, "more": [1]}], "at": "2026-01-01T00:00:00Z"})),
]  # fmt: skip
NAMES = ("a", "value", "_id", "page[size]", "class", "copy", "model_fields", "1st", "größe", "x-y", "x_y")

Sample = tuple[Schema, Any]
#: a schema and a value that fits it


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Sample]) -> Sample:
    parts = draw(st.dictionaries(st.sampled_from(NAMES), inner, max_size=4))
    given_names = [name for name in parts if draw(st.booleans())]
    value = {name: parts[name][1] for name in given_names}
    schema: Schema = {"type": "object", "properties": {name: part for name, (part, _) in parts.items()}}
    schema["required"] = [name for name in given_names if draw(st.booleans())]
    if draw(st.booleans()):
        schema["additionalProperties"] = False
    elif draw(st.booleans()):
        value["something else"] = draw(Json)
    return schema, value


@st.composite
def lists(draw: st.DrawFn, inner: st.SearchStrategy[Sample]) -> Sample:
    schema, value = draw(inner)
    value = [value] * draw(st.integers(0, 3))
    return {"type": "array", "items": schema, "maxItems": 3}, value


@st.composite
def choices(draw: st.DrawFn, inner: st.SearchStrategy[Sample]) -> Sample:
    options = draw(st.lists(inner, min_size=1, max_size=3))
    return {"anyOf": [schema for schema, _ in options]}, draw(st.sampled_from(options))[1]


@st.composite
def maps(draw: st.DrawFn, inner: st.SearchStrategy[Sample]) -> Sample:
    schema, value = draw(inner)
    return {"type": "object", "additionalProperties": schema}, dict.fromkeys(draw(st.sets(st.text())), value)


@st.composite
def leaves(draw: st.DrawFn) -> Sample:
    schema, values = draw(st.sampled_from(SCALARS))
    return schema, draw(values)


samples = st.recursive(
    leaves(), lambda inner: objects(inner) | lists(inner) | choices(inner) | maps(inner), max_leaves=6
)


@settings(max_examples=150, deadline=None)
@given(sample=samples, other=Json)
def test_it_takes_what_the_schema_takes_and_gives_it_back(sample: Sample, other: JsonValue) -> None:
    schema, fitting = sample
    made = model({"part": schema})
    validator = Validator.compile(schema, DEFS)
    assert () == validator.problems(fitting)
    assert {"part": fitting} == dumped(made.model_validate({"part": fitting}))
    if validator.problems(other):
        with pytest.raises(ValidationError):
            made.model_validate({"part": other})
    else:
        assert {"part": other} == dumped(made.model_validate({"part": other}))


@pytest.mark.parametrize(
    ("schema", "wrong"),
    [
        ({"type": "integer"}, ["12", 1.5, True, None, [1]]),
        ({"type": "number"}, ["1.5", False]),
        ({"type": "string"}, [12, True, None, b"x"]),
        ({"type": "boolean"}, [0, 1, "true"]),
        ({"type": "array", "items": {"type": "integer"}}, ["1", {"0": 1}, ["1"], (1,)]),
        ({"type": "object", "properties": {"a": {}}}, ["a", [["a", 1]]]),
        ({"enum": [1, "a"]}, [True, "b", None, "1"]),
        ({"type": "string", "format": "email"}, ["nobody"]),
        ({"type": "string", "pattern": "^a"}, ["b"]),
        ({"$ref": "#/$defs/Node"}, [{}, {"value": 1, "children": [{"value": "1"}]}]),
    ],
    ids=lambda one: str(one)[:40],
)
def test_nothing_is_converted(schema: Schema, wrong: list[Any]) -> None:
    made = model({"part": schema})
    for value in wrong:
        with pytest.raises(ValidationError):
            made.model_validate({"part": value})


def test_fields_have_python_names_types_and_the_documents_words() -> None:
    made = model(
        {
            "page[size]": {"type": "integer", "description": "How many.", "default": 20},
            "class": {"enum": ["a", "b"]},
            "copy": {"type": "string"},
        },
        "class",
    )
    told = {
        name: (one.alias, one.annotation, one.is_required(), one.description) for name, one in made.model_fields.items()
    }
    assert "MakeOrder" == made.__name__
    assert {
        "page_size_": ("page[size]", int, False, "How many."),
        "class_": ("class", Literal["a", "b"], True, None),
        "copy_": ("copy", str, False, None),
    } == told
    order = made.model_validate({"class": "a", "copy": "x"})
    assert ("a", "x", 20) == (order.class_, order.copy_, order.page_size_)  # type: ignore[attr-defined]  # made at run time
    assert {"class": "a", "copy": "x"} == dumped(order)


def test_objects_inside_are_models_and_recursive_ones_their_own() -> None:
    tree: Any = model({"tree": {"$ref": "#/$defs/Node"}}).model_validate(
        {"tree": {"value": 1, "children": [{"value": 2}]}}
    )
    assert ("Node", 2) == (type(tree.tree).__name__, tree.tree.children[0].value)
    assert type(tree.tree) is type(tree.tree.children[0])


def test_an_alternative_is_told_by_its_fields() -> None:
    card = {"type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"]}
    bank = {"type": "object", "properties": {"iban": {"type": "string"}}, "required": ["iban"]}
    made: Any = model({"pay": {"oneOf": [card, bank]}}).model_validate({"pay": {"iban": "DE1", "bic": "X"}})
    assert ("DE1", {"bic": "X"}) == (made.pay.iban, made.pay.model_extra)


def test_an_argument_that_the_action_does_not_have_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        model({"a": {}}).model_validate({"a": 1, "b": 2})
    assert [("b",)] == [one["loc"] for one in caught.value.errors()]


def test_no_error_repeats_a_value() -> None:
    made = model({"pin": {"type": "string", "pattern": "^[0-9]{4}$"}, "token": {"type": "integer"}})
    with pytest.raises(ValidationError) as caught:
        made.model_validate({"pin": "hunter2", "token": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_pattern_costs_linear_time_and_one_that_cannot_is_left_out() -> None:
    made = model({"a": {"type": "string", "pattern": "^(a+)+$"}, "b": {"type": "string", "pattern": r"^(?=x)\1"}})
    started = time.perf_counter()
    with pytest.raises(ValidationError):
        made.model_validate({"a": "a" * 50_000 + "!"})
    assert time.perf_counter() - started < 1
    assert {"b": "anything"} == dumped(made.model_validate({"b": "anything"}))


def test_a_schema_beyond_all_bounds_ends_as_any_json() -> None:
    deep: Schema = {"type": "integer"}
    for _ in range(150):
        deep = {"type": "array", "items": deep}
    wide: Schema = {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(3000)}}
    made = model({"deep": deep, "wide": wide})
    assert {"wide": {"p2999": "x"}} == dumped(made.model_validate({"wide": {"p2999": "x"}}))
