from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from discovery import lower
from discovery.lower import ArgumentSignature, ResultField, Signature
from tools.action import Action, ActionClass, ActionId, Argument, Place

DEFS: dict[str, dict[str, Any]] = {
    "Node": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "description": "What it is called. Free text."},
            "id": {"type": "string", "readOnly": True},
            "child": {"$ref": "#/$defs/Node"},
        },
    },
    "Maybe": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
    "Cat": {
        "type": "object",
        "required": ["kind", "lives"],
        "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
    },
    "Dog": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": "dog"}, "bark": {"type": "string"}},
    },
}


def action(result: Any = None, path: str = "/nodes", **arguments: Any) -> Action:
    return Action(
        id=ActionId("zoo.list_nodes"),
        system="zoo",
        operation="list_nodes",
        method="GET",
        path=path,
        pointer="/paths/~1nodes/get",
        summary="List nodes.",
        arguments=tuple(
            Argument(name=name, wire_name=name, place=Place.QUERY, json_schema=schema)
            for name, schema in arguments.items()
        ),
        result_schema=result or {},
        action_class=ActionClass.READ,
        resource="node",
    )


def test_a_signature_shows_an_argument_without_references() -> None:
    (argument,) = lower.signature(action(node={"$ref": "#/$defs/Maybe"}), DEFS).args
    leaf = ArgumentSignature(name="name", type="string", required=True, description="What it is called.")
    deepest = ArgumentSignature(name="child", type="object")
    inner = ArgumentSignature(name="child", type="object", fields=(leaf, deepest))
    middle = ArgumentSignature(name="child", type="object", fields=(leaf, inner))
    assert ArgumentSignature(name="node", type="object", fields=(leaf, middle)) == argument


def test_alternatives_become_one_object_that_requires_what_all_require() -> None:
    choice = {"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}
    (argument,) = lower.signature(action(pet=choice), DEFS).args
    assert [("kind", True), ("lives", False), ("bark", False)] == [
        (field.name, field.required) for field in argument.fields
    ]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": ["integer", "null"], "default": 3}, ArgumentSignature(name="a", type="integer", default=3)),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, ArgumentSignature(name="a", type="string|integer")),
        ({"type": "array", "items": {"enum": ["x", "y"]}}, ArgumentSignature(name="a", type="array", enum=("x", "y"))),
        ({"enum": ["x", None]}, ArgumentSignature(name="a", type="string", enum=("x",)),),
        ({"type": "string", "format": "date", "examples": ["2024-01-01"]},
         ArgumentSignature(name="a", type="string", format="date", example="2024-01-01")),
        ({}, ArgumentSignature(name="a", type="any")),
    ],
    ids=["nullable", "two types", "list of an enum", "enum with null", "format", "anything"],
)  # fmt: skip
def test_an_argument_is_told_by_its_types(schema: Any, expected: ArgumentSignature) -> None:
    if "enum" in schema:
        schema = {"type": ["string", "null"]} | schema
    assert (expected,) == lower.signature(action(a=schema), DEFS).args


def test_a_listing_shows_where_its_records_are_and_their_shallow_fields_first() -> None:
    result = {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            "next": {"type": ["string", "null"]},
        },
    }
    signature = lower.signature(action(result), DEFS)
    assert "data" == signature.items
    assert (
        ResultField(path="next", type="string"),
        ResultField(path="data[].name", type="string"),
        ResultField(path="data[].id", type="string"),
        ResultField(path="data[].child.name", type="string"),
        ResultField(path="data[].child.id", type="string"),
        ResultField(path="data[].child.child.name", type="string"),
        ResultField(path="data[].child.child.id", type="string"),
        ResultField(path="data[].child.child.child", type="object"),
    ) == signature.result


@pytest.mark.parametrize(
    ("result", "path", "expected"),
    [
        ({"type": "array", "items": {"type": "object"}}, "/nodes", ""),
        ({"properties": {"id": {}, "lines": {"type": "array", "items": {"type": "object"}}}}, "/me", None),
        ({"properties": {"lines": {"type": "array", "items": {"type": "object"}}}}, "/nodes/{id}", None),
        ({"properties": {"names": {"type": "array", "items": {"type": "string"}}}}, "/nodes", None),
        (
            {"properties": {"response": {"properties": {"items": {"type": "array", "items": {"type": "object"}}}}}},
            "/nodes",
            "response.items",
        ),
    ],
    ids=["bare list", "record with a list", "one record", "list of names", "nested"],
)
def test_what_is_a_listing(result: Any, path: str, expected: str | None) -> None:
    assert expected == lower.signature(action(result, path), {}).items


def test_the_lowered_view_is_bounded() -> None:
    wide = {f"field_{number}": {"$ref": "#/$defs/Wide"} for number in range(300)}
    defs = {"Wide": {"type": "object", "properties": wide}}
    signature = lower.signature(action({"$ref": "#/$defs/Wide"}, wide={"$ref": "#/$defs/Wide"}), defs)
    assert len(signature.result) <= lower.MAX_FIELDS
    assert _depth(signature.args[0]) <= lower.MAX_DEPTH + 1
    assert len(signature.args[0].fields) <= lower.FIELDS_AT_DEPTH[0]


def test_a_list_of_itself_ends() -> None:
    defs = {"Nested": {"type": "array", "items": {"$ref": "#/$defs/Nested"}}}
    signature = lower.signature(action({"$ref": "#/$defs/Nested"}, nested={"$ref": "#/$defs/Nested"}), defs)
    assert (ResultField(path="[][]", type="array"),) == signature.result
    assert "array" == signature.args[0].type


def _depth(argument: ArgumentSignature) -> int:
    return 1 + max((_depth(field) for field in argument.fields), default=0)


def test_a_tool_schema_is_valid_and_names_no_definition() -> None:
    choice = {"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}
    signature = lower.signature(action(pet=choice, many={"type": "array", "items": {"$ref": "#/$defs/Node"}}), DEFS)
    schema = lower.to_tool_schema(signature)
    assert "$" not in str(schema)
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert validator.is_valid({"pet": {"kind": "cat", "lives": 9}, "many": [{"name": "a", "child": {"name": "b"}}]})
    assert not validator.is_valid({"unheard": 1})
    assert not validator.is_valid({"many": [{"name": 1}]})


def test_tokens_grow_with_what_is_shown() -> None:
    small = Signature(id=ActionId("a.b"), system="a", action_class=ActionClass.READ, method="GET", path="/")
    large = lower.signature(action(node={"$ref": "#/$defs/Node"}), DEFS)
    assert 0 < lower.tokens(small) < lower.tokens(large) < 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", "One."),
        ("<p>Make  a\nthing</p>", "Make a thing"),
        ("x" * 200, "x" * 159 + "…"),
        ("Uses v1.2 only", "Uses v1.2 only"),
    ],
    ids=["first sentence", "mark-up", "long", "a point inside"],
)
def test_a_description_is_cut_to_one_short_line(text: str, expected: str) -> None:
    assert expected == lower.short(text)


def test_a_choice_of_constants_is_an_enumeration() -> None:
    kinds = {"oneOf": [{"const": "sick", "title": "Sick leave"}, {"const": "unpaid"}, {"type": "null"}]}
    (argument,) = lower.signature(action(kind=kinds), DEFS).args
    assert ArgumentSignature(name="kind", type="string", enum=("sick", "unpaid")) == argument
