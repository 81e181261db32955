"""The judge of bodies reads the bytes and the document alone: what it takes, what it refuses, and why."""

from __future__ import annotations

from typing import Any

import pytest

from evals.suites.discovery.bodies import BodyJudge, parsed

FORM = "application/x-www-form-urlencoded"
THING = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "n": {"type": "integer", "minimum": 2},
        "note": {"type": "string", "nullable": True},
        "ids": {"type": "array", "items": {"type": "integer"}},
        "meta": {"type": "object", "additionalProperties": {"type": "number"}},
        "when": {"anyOf": [{"type": "object", "properties": {"gt": {"type": "integer"}}}, {"enum": [""]}]},
        "flag": {"type": "boolean"},
        "file": {"type": "string", "format": "binary"},
    },
    "required": ["id", "n"],
    "additionalProperties": False,
}
DEEP = {"style": "deepObject", "explode": True}
BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}},
        FORM: {
            "schema": {"$ref": "#/components/schemas/Thing"},
            "encoding": {"meta": DEEP, "when": DEEP, "ids": {"style": "form", "explode": False}},
        },
        "multipart/form-data": {"schema": {"$ref": "#/components/schemas/Thing"}},
        "text/*": {"schema": {"type": "string", "maxLength": 3}},
    },
}
OPENAPI: dict[str, Any] = {
    "openapi": "3.0.3",
    "paths": {"/a~b": {"post": {"requestBody": {"$ref": "#/components/requestBodies/B"}}}, "/c": {"get": {}}},
    "components": {"schemas": {"Thing": THING}, "requestBodies": {"B": BODY}},
}
SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "paths": {
        "/f": {
            "parameters": [{"name": "n", "in": "formData", "type": "integer", "required": True}],
            "post": {"parameters": [{"name": "l", "in": "formData", "type": "array", "items": {"type": "integer"}}]},
            "put": {"parameters": [{"name": "b", "in": "body", "schema": {"type": "array"}}]},
        },
    },
}
PARTS = "--B\r\nContent-Disposition: form-data; name={}\r\n\r\n{}\r\n--B--\r\n"
MULTIPART = "multipart/form-data; boundary=B"


def refusal(root: dict[str, Any], pointer: str, body: bytes | None, content_type: str | None) -> str | None:
    return BodyJudge(root).refusal(pointer, body, content_type)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"n": 2, "note": null, "ids": [], "when": ""}', "application/json; charset=utf-8"),
        (b"n=2&note=a%20b+c&ids=1,2&meta%5Ba%5D=1.5&when[gt]=7&flag=true", FORM),
        (b"n=3&when=&ids=4", FORM),
        (PARTS.format('"n"', "2").encode(), MULTIPART),
        (b"abc", "text/plain"),
    ],
)
def test_a_body_that_the_document_allows_is_taken(body: bytes, content_type: str) -> None:
    assert refusal(OPENAPI, "/paths/~1a~0b/post", body, content_type) is None


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (None, None, "the document requires a body"),
        (b"{}", "application/xml", "the document has no body of type application/xml"),
        (b'{"n"', "application/json", "the body cannot be read"),
        (b"{}", "application/json", "'n' is a required property"),
        (b'{"n": "2"}', "application/json", "/n: '2' is not of type 'integer'"),
        (b'{"n": 2, "id": "x"}', "application/json", "read-only property"),
        (b'{"n": 2, "x": 1}', "application/json", "Additional properties"),
        (b"n=1", FORM, "/n: 1 is less than the minimum"),
        (b"n=x", FORM, "/n: 'x' is not of type 'integer'"),
        (b"n=2&ids=1,x", FORM, "/ids"),
        (b"n=2&meta[a]=x", FORM, "/meta"),
        (b"n=2&flag=yes", FORM, "/flag: 'yes' is not of type 'boolean'"),
        (PARTS.format('"n"', "x").encode(), MULTIPART, "/n: 'x' is not of type 'integer'"),
        (b"n=2", MULTIPART, "the body cannot be read"),
        (b"abcd", "text/plain", "too long"),
    ],
)
def test_a_body_that_the_document_does_not_allow_is_refused_with_its_reason(
    body: bytes | None, content_type: str | None, why: str
) -> None:
    assert why in (refusal(OPENAPI, "/paths/~1a~0b/post", body, content_type) or "")


@pytest.mark.parametrize(
    ("method", "body", "content_type", "why"),
    [
        ("post", b"n=1&l=1,2", FORM, None),
        ("post", b"n=1&l=1&l=x", FORM, "/l"),
        ("post", b"l=1", FORM, "'n' is a required property"),
        ("put", b"[1]", "application/json", None),
        ("put", b"{}", "application/json", "is not of type 'array'"),
        ("put", None, None, None),
    ],
)
def test_swagger_bodies_are_read_by_their_parameters(
    method: str, body: bytes | None, content_type: str | None, why: str | None
) -> None:
    found = refusal(SWAGGER, f"/paths/~1f/{method}", body, content_type)
    assert found is None if why is None else why in (found or "")


def test_no_body_is_allowed_where_none_is_described() -> None:
    assert refusal(OPENAPI, "/paths/~1c/get", None, None) is None
    assert "no body of type" in (refusal(OPENAPI, "/paths/~1c/get", b"{}", "application/json") or "")


def test_a_document_is_read_from_json_and_from_yaml() -> None:
    assert (
        {"a": {"200": [1, "2020-01-01"]}}
        == parsed(b"a: {200: [1, 2020-01-01]}")
        == parsed(b'{"a": {"200": [1, "2020-01-01"]}}')
    )
