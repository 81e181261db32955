"""Which arguments an operation's parameters and body become, and under which names."""

from __future__ import annotations

from typing import Any

import pytest

from discovery.compiler import compile_surface
from discovery.document import Document
from tools.action import Action, Body, Resolver, ResolverKind
from tools.schema import Validator

SCHEMAS = {
    "Base": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
    "Full": {
        "allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"properties": {"name": {"type": "string"}, "kind": {"enum": ["a"]}}, "required": ["name"]},
        ]
    },
    "Doubled": {"allOf": [{"$ref": "#/components/schemas/Tower"}, {"$ref": "#/components/schemas/Tower"}]},
    "Tower": {"allOf": [{"$ref": "#/components/schemas/Doubled"}, {"properties": {"a": {}}}]},
}
SECURITY = {"key": {"type": "apiKey", "in": "query", "name": "token"}}


def action_of(
    operation: dict[str, Any], method: str = "post", path: str = "/things", security: dict[str, Any] | None = None
) -> Action:
    root = {
        "paths": {path: {method: {"responses": {}} | operation}},
        "components": {"schemas": SCHEMAS, "securitySchemes": security or {}},
    }
    surface = compile_surface("shop", Document(root=root, dialect="openapi-3.0", digest="d", title=""))
    assert () == surface.quarantine
    return surface.actions[0]


def body(schema: Any, content_type: str = "application/json", **rest: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {content_type: {"schema": schema}}} | rest}


def names(action: Action) -> list[str]:
    return [f"{argument.name}{'*' if argument.required else ''}" for argument in action.arguments]


OBJECT = {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("schema", "expected", "is_whole"),
    [
        (OBJECT, ["a*", "b"], False),
        ({"$ref": "#/components/schemas/Full"}, ["kind*", "name*"], False),
        (OBJECT | {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, ["a*", "b"], False),
        ({"anyOf": [OBJECT, {"type": "null"}]}, ["a*", "b"], False),
        ({"$ref": "#/components/schemas/Doubled"}, ["a"], False),
        ({"oneOf": [OBJECT, {"type": "object", "properties": {"c": {}}}]}, ["body"], True),
        ({"type": "array", "items": OBJECT}, ["body"], True),
        ({"type": "object", "additionalProperties": {"type": "string"}}, ["body"], True),
        ({"type": "string", "format": "binary"}, ["body"], True),
        ({"type": "object", "properties": {}, "additionalProperties": False}, [], None),
    ],
    ids=["object", "allOf through references", "only required differs", "or null", "circular allOf", "choice", "array",
         "free-form", "binary", "empty"],
)  # fmt: skip
def test_an_object_body_becomes_arguments_and_any_other_one(
    schema: Any, expected: list[str], is_whole: bool | None
) -> None:
    action = action_of(body(schema))
    assert expected == names(action)
    assert is_whole == (action.body.is_whole if action.body else None)


def test_a_property_told_twice_must_fit_both() -> None:
    argument = action_of(body({"$ref": "#/components/schemas/Full"})).argument("kind")
    assert argument is not None
    assert {"allOf": [{"type": "string"}, {"enum": ["a"]}]} == argument.json_schema


def test_a_body_property_steps_aside_for_a_parameter_of_its_name() -> None:
    parameters = [
        {"name": "a", "in": "query", "schema": {}},
        {"name": "a", "in": "header", "schema": {}},
        {"name": "id", "in": "path", "required": True, "schema": {}},
    ]
    action = action_of(body(OBJECT) | {"parameters": parameters}, path="/things/{id}")
    assert [
        ("id", "id", "path"),
        ("a", "a", "query"),
        ("header_a", "a", "header"),
        ("body_a", "a", "body"),
        ("b", "b", "body"),
    ] == [(argument.name, argument.wire_name, argument.place) for argument in action.arguments]


def test_json_is_preferred_to_form_and_form_to_multipart() -> None:
    kinds = ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "application/merge-patch+json"]
    chosen = []
    while kinds:
        content = {kind: {"schema": OBJECT} for kind in kinds}
        action = action_of({"requestBody": {"content": content}})
        assert action.body is not None
        chosen.append(action.body.content_type)
        kinds.remove(action.body.content_type)
    expected = [
        "application/merge-patch+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
    ]
    assert expected == chosen


def test_the_encoding_of_a_form_is_kept() -> None:
    encoding = {"b": {"style": "deepObject", "explode": True}}
    operation = {
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": OBJECT, "encoding": encoding}},
        }
    }
    assert (
        Body(content_type="application/x-www-form-urlencoded", required=True, encoding=encoding)
        == action_of(operation).body
    )


def test_a_get_has_no_body() -> None:
    action = action_of(body(OBJECT), method="get")
    assert ((), None) == (action.arguments, action.body)


def test_credentials_and_content_negotiation_are_no_arguments() -> None:
    places = [("header", "Authorization"), ("header", "Accept"), ("header", "X-Api-Key"), ("query", "token"),
              ("header", "token"), ("header", "X-Trace")]  # fmt: skip
    parameters = [{"name": name, "in": place, "schema": {}} for place, name in places]
    assert ["token", "X-Trace"] == names(action_of({"parameters": parameters}, security=SECURITY))


def test_an_idempotency_key_is_a_resolver_not_yet_proven_and_no_argument() -> None:
    header = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}}
    action = action_of(body(OBJECT) | {"parameters": [header]})
    assert ["a*", "b"] == names(action)
    assert Resolver(kind=ResolverKind.KEY, key_header="Idempotency-Key", is_proven=False) == action.resolver


def test_scopes_are_those_of_the_operation_before_those_of_the_document() -> None:
    action = action_of({"security": [{"key": []}, {"oauth": ["things.write", "things.read"]}]})
    assert ("things.write", "things.read") == action.scopes


def test_the_result_is_that_of_the_first_success_with_a_body() -> None:
    answers = {
        "204": {"description": ""},
        "201": {"content": {"application/json": {"schema": OBJECT}}},
        "409": {"content": {"application/problem+json": {"schema": {"type": "object"}}}},
        "default": {"description": ""},
    }
    action = action_of({"responses": answers})
    assert OBJECT == action.result_schema
    assert ("application/json",) == action.accepts
    assert {"409": {"type": "object"}, "default": {}} == action.errors


PAIR = {"type": "object", "properties": {"id": {}, "b": {}, "c": {}}}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"anyOf": [{"required": ["b"]}, {"required": ["c"], "title": "c", "type": "object"}]},
         ({"anyOf": [{"required": ["b"]}, {"required": ["c"]}]},)),
        ({"allOf": [{"oneOf": [{"required": ["b", "c"]}, {"required": ["id"]}]}]},
         ({"oneOf": [{"required": ["b", "c"]}, {"required": ["body_id"]}]},)),
        # An alternative that asks for what nobody described cannot be taken.
        ({"oneOf": [{"required": ["b"]}, {"required": ["unknown"]}]}, ({"oneOf": [{"required": ["b"]}]},)),
        ({"oneOf": [{"required": ["unknown"]}]}, ()),
        ({"anyOf": [{"required": ["b"]}, {"not": {"required": ["c"]}}]}, ()),
    ],
)  # fmt: skip
def test_what_is_required_together_stays_with_the_arguments(choice: dict[str, Any], expected: Any) -> None:
    action = action_of(body(PAIR | choice), path="/things/{id}")
    assert action.body is not None
    assert (["id*", "body_id", "b", "c"], expected) == (names(action), action.body.together)


def test_arguments_without_any_that_is_required_together_do_not_fit() -> None:
    choice = {"anyOf": [{"required": ["b"]}, {"required": ["c"]}]}
    validator = Validator.compile(action_of(body(PAIR | choice)).args_schema(), {})
    assert ((), ()) == (validator.problems({"b": 1}), validator.problems({"b": 1, "c": 2}))
    assert ["the whole: expected one of its 2 forms (the property 'b'; or the property 'c'), came an object with 1 "
            "property"] == [str(one) for one in validator.problems({"id": 1})]  # fmt: skip


def test_form_data_of_swagger_becomes_one_form() -> None:
    root = {
        "paths": {
            "/upload": {
                "post": {
                    "parameters": [
                        {"name": "file", "in": "formData", "type": "file", "required": True},
                        {
                            "name": "tags",
                            "in": "formData",
                            "type": "array",
                            "collectionFormat": "pipes",
                            "items": {"type": "string"},
                        },
                    ],
                    "responses": {},
                }
            }
        }
    }
    surface = compile_surface("shop", Document(root=root, dialect="swagger-2.0", digest="d", title=""))
    (action,) = surface.actions
    assert ["file*", "tags"] == names(action)
    assert {"type": "string", "format": "binary", "description": ""} == action.arguments[0].json_schema
    encoding = {"tags": {"style": "pipeDelimited", "explode": False}}
    assert Body(content_type="multipart/form-data", required=True, encoding=encoding) == action.body
