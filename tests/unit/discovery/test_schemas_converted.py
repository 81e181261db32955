from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from discovery.schemas import Schemas, closure
from tools import errors

CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("nullable type", {"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    ("x-nullable", {"type": "string", "x-nullable": True}, {"type": ["string", "null"]}),
    (
        "nullable enum",
        {"type": "string", "enum": ["a"], "nullable": True},
        {"type": ["string", "null"], "enum": ["a", None]},
    ),
    (
        "nullable reference",
        {"nullable": True, "allOf": [{"$ref": "#/components/schemas/A"}]},
        {"anyOf": [{"allOf": [{"$ref": "#/$defs/A"}]}, {"type": "null"}]},
    ),
    ("exclusive bound", {"maximum": 9, "exclusiveMaximum": True}, {"exclusiveMaximum": 9}),
    ("not exclusive", {"maximum": 9, "exclusiveMaximum": False}, {"maximum": 9}),
    ("3.1 bound", {"exclusiveMinimum": 1}, {"exclusiveMinimum": 1}),
    ("file", {"type": "file"}, {"type": "string", "format": "binary"}),
    ("tuple", {"items": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}]}),
    ("typo in a type", {"type": "strnig", "minLength": 1}, {"minLength": 1}),
    ("required of draft 3", {"type": "string", "required": True}, {"type": "string"}),
    ("keyword of a wrong kind", {"minimum": "1", "enum": "a", "pattern": 3}, {}),
    ("short example", {"type": "string", "example": "a"}, {"type": "string", "examples": ["a"]}),
    ("large example", {"type": "object", "example": {"a": 1}}, {"type": "object"}),
    ("xml and extensions", {"type": "object", "xml": {}, "x-a": 1, "externalDocs": {}}, {"type": "object"}),
    (
        "property called example",
        {"properties": {"example": {"type": "string"}, "x-a": {"type": "null"}}},
        {"properties": {"example": {"type": "string"}, "x-a": {"type": "null"}}},
    ),
    (
        "discriminator",
        {"oneOf": [{"$ref": "#/components/schemas/A"}], "discriminator": {"propertyName": "kind"}},
        {"oneOf": [{"$ref": "#/$defs/A"}], "discriminator": {"propertyName": "kind"}},
    ),
    (
        "text beside a reference",
        {"$ref": "#/components/schemas/A", "description": "of its own"},
        {"$ref": "#/$defs/A", "description": "of its own"},
    ),
]
ROOT = {
    "components": {
        "schemas": {
            "A": {
                "type": "object",
                "properties": {"self": {"$ref": "#/components/schemas/A"}, "b": {"type": "integer"}},
            },
            "Slash/Tilde~": {"type": "string"},
        },
        "responses": {"Ok": {"content": {"application/json": {"schema": {"type": "boolean"}}}}},
    }
}


@pytest.mark.parametrize(("raw", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_schema_becomes_json_schema_2020_12(raw: dict[str, Any], expected: dict[str, Any]) -> None:
    schemas = Schemas(ROOT)
    assert (expected, "") == schemas.convert(raw)
    schemas.finish()
    jsonschema_rs.Draft202012Validator(expected | {"$defs": schemas.defs})


def test_recursion_stays_a_reference() -> None:
    schemas = Schemas(ROOT)
    schemas.convert({"$ref": "#/components/schemas/A"})
    schemas.finish()
    expected = {"type": "object", "properties": {"self": {"$ref": "#/$defs/A"}, "b": {"type": "integer"}}}
    assert {"A": expected} == schemas.defs


def test_references_to_other_places_get_a_name_of_their_own() -> None:
    schemas = Schemas(ROOT)
    deep = schemas.convert({"$ref": "#/components/schemas/A/properties/b"})[0]
    answer = schemas.convert({"$ref": "#/components/responses/Ok/content/application~1json/schema"})[0]
    odd = schemas.convert({"$ref": "#/components/schemas/Slash~1Tilde~0"})[0]
    schemas.finish()
    resolved = [schemas.resolve(schema) for schema in (deep, answer, odd)]
    assert [{"type": "integer"}, {"type": "boolean"}, {"type": "string"}] == resolved
    assert {"$ref": "#/$defs/Slash~1Tilde~0"} == odd


def test_a_schema_that_is_only_itself_ends() -> None:
    root = {
        "components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}}
    }
    schemas = Schemas(root)
    schema = schemas.convert({"$ref": "#/components/schemas/A"})[0]
    schemas.finish()
    assert {} == schemas.resolve(schema)
    assert {"A", "B"} == closure([schema], schemas.defs.get)


def test_a_reference_that_leads_nowhere_is_named() -> None:
    with pytest.raises(errors.DocumentInvalid, match="`#/components/schemas/None` points to nothing"):
        Schemas(ROOT).convert({"items": {"$ref": "#/components/schemas/None"}})
