"""One bad operation is set apart with its place and reason; the others load."""

from __future__ import annotations

from typing import Any

import pytest

from discovery.document import Document
from discovery.surface import compile_surface
from tools.action import Quarantined, Surface

GOOD = {"operationId": "good", "responses": {"200": {"description": "fine"}}}
REFERENCE = "OpenAPI 3.0.3 section 4.7.23 (Reference Object)"
PARAMETER = "OpenAPI 3.0.3 section 4.7.12 (Parameter Object)"


def surface_of(bad: Any, path: str = "/bad", schemas: dict[str, Any] | None = None) -> Surface:
    root = {"paths": {path: {"post": bad}, "/good": {"get": GOOD}}, "components": {"schemas": schemas or {}}}
    return compile_surface("shop", Document(root=root, dialect="openapi-3.0", digest="d", title=""))


def with_schema(schema: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}}


CASES = [
    (
        "another host",
        with_schema({"$ref": "https://example.com/a.json"}),
        "the reference `https://example.com/a.json` leads to another host; only `#/…` inside the document is followed",
        REFERENCE,
    ),
    (
        "another file",
        with_schema({"properties": {"a": {"$ref": "../a.yaml#/A"}}}),
        "the reference `../a.yaml#/A` leads to another file; only `#/…` inside the document is followed",
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
        "in the schema 'Inner': the reference `file:///etc/passwd` leads to another host; "
        "only `#/…` inside the document is followed",
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
        {"parameters": [{"in": "query"}], "responses": {}},
        "a query parameter has no name",
        PARAMETER,
    ),
    (
        "no such style",
        {"parameters": [{"in": "query", "name": "q", "style": "matrix"}], "responses": {}},
        "parameter 'q' has style 'matrix', which query does not know",
        PARAMETER,
    ),
    ("no object", "POST it", "the operation is not an object", "OpenAPI 3.0.3 section 4.7.10 (Operation Object)"),
]
SCHEMAS = {
    "Outer": {"properties": {"b": {"$ref": "#/components/schemas/Inner"}}},
    "Inner": {"properties": {"c": {"$ref": "file:///etc/passwd"}}},
}


@pytest.mark.parametrize(("bad", "reason", "section"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_bad_operation_is_set_apart_and_the_good_one_loads(bad: Any, reason: str, section: str) -> None:
    surface = surface_of(bad, schemas=SCHEMAS)
    entry = Quarantined(pointer="/paths/~1bad/post", method="POST", path="/bad", reason=reason, section=section)
    assert (entry,) == surface.quarantine
    assert ["shop.good"] == [action.id for action in surface.actions]


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
