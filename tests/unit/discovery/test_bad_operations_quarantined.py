"""One bad operation is set apart with its place and reason; the others load."""

from __future__ import annotations

from typing import Any

import pytest

from discovery.compiler import compile_surface
from discovery.document import Document
from tools.action import Quarantined, Surface

GOOD = {"operationId": "good", "responses": {"200": {"description": "fine"}}}
REFERENCE = "OpenAPI 3.0.3 section 4.7.23 (Reference Object)"
PARAMETER = "OpenAPI 3.0.3 section 4.7.12 (Parameter Object)"


def surface_of(bad: Any, path: str = "/bad", schemas: dict[str, Any] | None = None) -> Surface:
    root = {"paths": {path: {"post": bad}, "/good": {"get": GOOD}}, "components": {"schemas": schemas or {}}}
    return compile_surface("shop", Document(root=root, dialect="openapi-3.0", digest="d", title=""))


def with_schema(schema: Any, required: bool = True) -> dict[str, Any]:
    body = {"required": required, "content": {"application/json": {"schema": schema}}}
    return {"operationId": "make", "requestBody": body, "responses": {}}


CASES = [
    (
        "another host",
        with_schema({"$ref": "https://example.com/a.json"}),
        "the reference `https://example.com/a.json` leads to another host, where nothing is ever fetched from; "
        "put that file beside the document",
        REFERENCE,
    ),
    (
        "a file that is not there",
        with_schema({"properties": {"a": {"$ref": "a.yaml#/A"}}, "required": ["a"]}),
        "the reference `a.yaml#/A` leads to a file that was not given with the document",
        REFERENCE,
    ),
    (
        "outside of the folder",
        with_schema({"properties": {"a": {"$ref": "../a.yaml#/A"}}, "required": ["a"]}),
        "the reference `../a.yaml#/A` leads to a file outside of the document's folder",
        REFERENCE,
    ),
    (
        "nothing",
        with_schema({"$ref": "#/components/schemas/Gone"}),
        "the reference `#/components/schemas/Gone` points to nothing in this document",
        REFERENCE,
    ),
    (
        "through a shared schema",
        with_schema({"properties": {"a": {"$ref": "#/components/schemas/Outer"}}}),
        "in the schema 'Inner': the reference `file:///etc/passwd` leads to another host, "
        "where nothing is ever fetched from; put that file beside the document",
        REFERENCE,
    ),
    (
        "circle of parameters",
        {"parameters": [{"$ref": "#/paths/~1bad/post/parameters/0"}], "responses": {}},
        "the reference `#/paths/~1bad/post/parameters/0` leads in a circle or through more than 50 others",
        REFERENCE,
    ),
    (
        "no name",
        {"parameters": [{"in": "query", "required": True}], "responses": {}},
        "a query parameter has no name",
        PARAMETER,
    ),
    (
        "no such style",
        {"parameters": [{"in": "query", "name": "q", "style": "matrix", "required": True}], "responses": {}},
        "parameter 'q' has style 'matrix', which query does not know",
        PARAMETER,
    ),
    ("no object", "POST it", "the operation is not an object", "OpenAPI 3.0.3 section 4.7.10 (Operation Object)"),
]
SCHEMAS = {
    "Outer": {"properties": {"b": {"$ref": "#/components/schemas/Inner"}}},
    "Inner": {"properties": {"c": {"$ref": "file:///etc/passwd"}}, "required": ["c"]},
}


@pytest.mark.parametrize(("bad", "reason", "section"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_bad_operation_is_set_apart_and_the_good_one_loads(bad: Any, reason: str, section: str) -> None:
    surface = surface_of(bad, schemas=SCHEMAS)
    entry = Quarantined(pointer="/paths/~1bad/post", method="POST", path="/bad", reason=reason, section=section)
    assert (entry,) == surface.quarantine
    assert ["shop.good"] == [action.id for action in surface.actions]


GONE = "the reference `#/gone` points to nothing in this document"


@pytest.mark.parametrize(
    ("operation", "arguments", "why"),
    [
        (with_schema({"$ref": "#/gone"}, required=False), [], f"left out the body, which is optional: {GONE}"),
        (
            with_schema({"properties": {"a": {"$ref": "#/gone"}, "b": {"type": "string"}}}),
            ["b"],
            f"left out 'a': {GONE}",
        ),
        (
            with_schema({"properties": {"o": {"$ref": "#/components/schemas/Open"}}}),
            ["o"],
            f"left out of 'Open' 'd': {GONE}",
        ),
        (
            {"operationId": "make", "parameters": [{"in": "query"}, {"in": "query", "name": "q"}], "responses": {}},
            ["q"],
            "left out a parameter, which is optional: a query parameter has no name",
        ),
    ],
    ids=["body", "property", "property of a shared schema", "parameter"],
)
def test_a_broken_part_that_nobody_has_to_fill_is_left_out_and_told(
    operation: Any, arguments: list[str], why: str
) -> None:
    surface = surface_of(operation, schemas={"Open": {"properties": {"d": {"$ref": "#/gone"}, "e": {}}}})
    assert () == surface.quarantine
    action = next(one for one in surface.actions if one.id == "shop.make")
    assert arguments == [one.name for one in action.arguments]
    assert why in [one.why for one in action.evidence if one.field == "arguments"]


@pytest.mark.parametrize("path", ["/a?b=c", "no-slash", "/a/{x}/b/{x}"])
def test_a_path_that_cannot_be_filled_safely_is_set_apart(path: str) -> None:
    surface = surface_of(GOOD, path)
    assert [path] == [entry.path for entry in surface.quarantine]
    assert "OpenAPI 3.0.3 section 4.7.8 (Paths Object)" == surface.quarantine[0].section


def test_a_broken_reference_in_an_answer_only_loosens_the_answer() -> None:
    answer = {"schema": {"properties": {"a": {"$ref": "x.yaml"}, "b": {"type": "string"}}}}
    surface = surface_of({"operationId": "make", "responses": {"200": {"content": {"application/json": answer}}}})
    assert () == surface.quarantine
    action = surface.actions[0]
    assert {"properties": {"a": {}, "b": {"type": "string"}}} == action.result_schema
    assert "accepts anything in part: the reference `x.yaml`" in action.evidence[0].why


def test_an_undeclared_path_parameter_is_a_required_string() -> None:
    surface = surface_of({"operationId": "make", "responses": {}}, "/things/{thing_id}")
    (argument,) = surface.actions[0].arguments
    assert ("thing_id", "path", True, {"type": "string"}, True) == (
        argument.name,
        argument.place,
        argument.required,
        argument.json_schema,
        argument.is_target,
    )
