"""One small API written in three dialects gives the same actions."""

from __future__ import annotations

from typing import Any

import pytest

from discovery.compiler import compile_surface
from discovery.document import Dialect, Document
from tools.action import Action, Argument, Place, Surface

WIDGET = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "name": {"type": "string"},
        "size": {"type": "integer", "minimum": 0},
        "parent": {"$ref": "#/REF/Widget"},
    },
}


def _relocated(value: Any, place: str) -> Any:
    if isinstance(value, dict):
        return {key: _relocated(part, place) for key, part in value.items()}
    return value.replace("#/REF", place) if isinstance(value, str) else value


def _openapi(version: str, size: dict[str, Any]) -> dict[str, Any]:
    widget = _relocated(WIDGET, "#/components/schemas")
    widget["properties"]["size"] = size
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Widget"}}}}
    answer = {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Widget"}}}}
    return {
        "openapi": version,
        "info": {"title": "Widgets", "version": "1"},
        "paths": {
            "/widgets/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": {
                    "operationId": "getWidget",
                    "parameters": [
                        {
                            "name": "tags",
                            "in": "query",
                            "style": "form",
                            "explode": False,
                            "schema": {"type": "array", "items": {"type": "string"}},
                        }
                    ],
                    "responses": {"200": answer},
                },
                "put": {
                    "operationId": "replaceWidget",
                    "requestBody": body,
                    "responses": {"200": answer, "404": {"description": "gone"}},
                },
            }
        },
        "components": {"schemas": {"Widget": widget}},
    }


def _swagger() -> dict[str, Any]:
    widget = _relocated(WIDGET, "#/definitions")
    widget["properties"]["size"] = {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "x-nullable": True}
    answer = {"description": "", "schema": {"$ref": "#/definitions/Widget"}}
    return {
        "swagger": "2.0",
        "info": {"title": "Widgets", "version": "1"},
        "produces": ["application/json"],
        "consumes": ["application/json"],
        "paths": {
            "/widgets/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
                "get": {
                    "operationId": "getWidget",
                    "parameters": [{"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}}],
                    "responses": {"200": answer},
                },
                "put": {
                    "operationId": "replaceWidget",
                    "parameters": [
                        {"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Widget"}}
                    ],
                    "responses": {"200": answer, "404": {"description": "gone"}},
                },
            }
        },
        "definitions": {"Widget": widget},
    }


DOCUMENTS: dict[Dialect, dict[str, Any]] = {
    "swagger-2.0": _swagger(),
    "openapi-3.0": _openapi("3.0.3", {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "nullable": True}),
    "openapi-3.1": _openapi("3.1.0", {"type": ["integer", "null"], "exclusiveMinimum": 0}),
}


def surface_of(root: dict[str, Any], dialect: Dialect) -> Surface:
    return compile_surface("shop", Document(root=root, dialect=dialect, digest="d", title="Widgets"))


@pytest.mark.parametrize("dialect", DOCUMENTS)
def test_the_shared_schema_is_kept_once_as_json_schema(dialect: Dialect) -> None:
    surface = surface_of(DOCUMENTS[dialect], dialect)
    assert {
        "Widget": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "id": {"type": "string", "readOnly": True},
                "name": {"type": "string"},
                "size": {"type": ["integer", "null"], "exclusiveMinimum": 0},
                "parent": {"$ref": "#/$defs/Widget"},
            },
        }
    } == surface.defs
    assert () == surface.quarantine


@pytest.mark.parametrize("dialect", DOCUMENTS)
def test_arguments_are_flat_and_leave_out_what_only_the_server_sets(dialect: Dialect) -> None:
    replace = surface_of(DOCUMENTS[dialect], dialect).actions[1]
    identifier = Argument(
        name="id", wire_name="id", place=Place.PATH, required=True, json_schema={"type": "string"}, is_target=True
    )
    assert (
        identifier,
        Argument(name="name", wire_name="name", place=Place.BODY, required=True, json_schema={"type": "string"}),
        Argument(
            name="size",
            wire_name="size",
            place=Place.BODY,
            json_schema={"type": ["integer", "null"], "exclusiveMinimum": 0},
        ),
        Argument(name="parent", wire_name="parent", place=Place.BODY, json_schema={"$ref": "#/$defs/Widget"}),
    ) == replace.arguments


def test_the_three_dialects_give_the_same_actions() -> None:
    def comparable(action: Action) -> dict[str, Any]:
        return action.model_dump(mode="json", exclude={"evidence"})

    swagger, three, three_one = (
        [comparable(action) for action in surface_of(root, dialect).actions] for dialect, root in DOCUMENTS.items()
    )
    assert three == three_one == swagger
