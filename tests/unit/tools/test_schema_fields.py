"""The fields of an answer as a flat, bounded list."""

from __future__ import annotations

from typing import Any

from tools.schema import Field, fields_of

DEFS: dict[str, Any] = {
    "Company": {
        "allOf": [
            {"$ref": "#/$defs/Record"},
            {"type": "object", "properties": {"name": {"type": "string"}, "parent": {"$ref": "#/$defs/Company"}}},
        ]
    },
    "Record": {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}}},
}


def rows(schema: dict[str, Any], **options: int) -> list[tuple[str, str]]:
    return [(field.path, field.type) for field in fields_of(schema, DEFS, **options)]


def test_fields_are_told_with_type_format_and_enum() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "stage": {"type": ["string", "null"], "enum": ["won", "lost", None]},
            "when": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
            "value": {},
        },
    }
    assert [
        Field(path="id", type="integer"),
        Field(path="stage", type="null|string", enum=("won", "lost", None)),
        Field(path="when", type="null|string", format="date"),
        Field(path="value", type="any"),
    ] == fields_of(schema, DEFS)


def test_references_lists_and_merged_schemas_are_followed_to_the_depth_asked_for() -> None:
    schema = {"type": "object", "properties": {"data": {"type": "array", "items": {"$ref": "#/$defs/Company"}}}}
    assert [
        ("data", "array"),
        ("data[]", "object"),
        ("data[].id", "string"),
        ("data[].name", "string"),
        ("data[].parent", "object"),
    ] == rows(schema, depth=2)


def test_a_list_at_the_top_and_lists_in_lists_have_paths_too() -> None:
    schema = {"type": "array", "items": {"type": "array", "items": {"properties": {"a": {"type": "number"}}}}}
    assert [("", "array"), ("[]", "array"), ("[][]", "object"), ("[][].a", "number")] == rows(schema)


def test_the_list_is_bounded_however_wide_or_deep_the_schema() -> None:
    wide = {"properties": {f"p{index}": {"$ref": "#/$defs/Company"} for index in range(1_000)}}
    assert 200 == len(fields_of(wide, DEFS, depth=50))
    assert [] == fields_of({}, DEFS)
