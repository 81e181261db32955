"""A description in several files of one folder: what is given is followed, everything else is refused by name."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from discovery import document
from discovery.compiler import compile_surface
from discovery.document import Caps
from tools import errors
from tools.action import Surface

ROOT = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/things": {"post": {"$ref": "operations/make.yml"}},
        "/things/{id}": {"$ref": "paths/thing.json"},
    },
    "components": {"schemas": {"Size": {"type": "integer", "maximum": 9}}},
}
FILES: dict[str, bytes] = {
    "operations/make.yml": b"""
operationId: makeThing
requestBody:
  required: true
  content:
    application/json:
      schema: {$ref: '../schemas/thing.yml#/Thing'}
responses: {201: {description: made, content: {application/json: {schema: {$ref: '../schemas/thing.yml#/Thing'}}}}}
""",
    "schemas/thing.yml": b"""
Thing:
  type: object
  required: [name]
  properties:
    name: {type: string}
    size: {$ref: '../shop.yaml#/components/schemas/Size'}
    parent: {$ref: '#/Thing'}
""",
    "paths/thing.json": orjson.dumps(
        {
            "get": {"operationId": "getThing", "responses": {}},
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"$ref": "id.json"}}],
        }
    ),
    "paths/id.json": b'{"type": "string", "maxLength": 12}',
    "never/used.yml": b"[[[",
}


def surface_of(root: dict[str, Any], files: dict[str, bytes]) -> Surface:
    return compile_surface("shop", document.load(orjson.dumps(root), name="shop.yaml", files=files))


def test_what_the_files_say_is_put_together() -> None:
    made = surface_of(ROOT, FILES)
    assert () == made.quarantine
    make, get = sorted(made.actions, key=lambda one: one.path)
    assert ["name", "size", "parent"] == [one.name for one in make.arguments]
    assert [True, False, False] == [one.required for one in make.arguments]
    size = make.arguments[1].json_schema["$ref"].removeprefix("#/$defs/")
    assert {"type": "integer", "maximum": 9} == made.defs[size]
    assert make.arguments[2].json_schema == make.result_schema, "both are the one shared schema, recursion and all"
    (argument,) = get.arguments
    shared = argument.json_schema["$ref"].removeprefix("#/$defs/")
    assert {"type": "string", "maxLength": 12} == made.defs[shared]


def test_only_files_that_are_used_count() -> None:
    source = orjson.dumps(ROOT)
    digest = document.load(source, name="shop.yaml", files=FILES).digest
    without = {name: content for name, content in FILES.items() if not name.startswith("never")}
    assert digest == document.load(source, name="shop.yaml", files=without).digest
    changed = {**FILES, "paths/id.json": b'{"type": "string"}'}
    assert digest != document.load(source, name="shop.yaml", files=changed).digest


def test_the_same_object_in_two_places_is_followed_once() -> None:
    shared = b"Thing: {type: object, properties: {a: &id {$ref: 'id.yml'}, b: *id}}"
    schema = {"$ref": "thing.yml#/Thing"}
    operation = {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
    root = ROOT | {"paths": {"/things": {"post": operation}}}
    made = surface_of(root, {"thing.yml": shared, "id.yml": b"type: string"})
    assert () == made.quarantine
    assert made.actions[0].arguments[0].json_schema == made.actions[0].arguments[1].json_schema


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("operations/gone.yml", "a file that was not given"),
        ("../outside.yml", "a file outside of the document's folder"),
        ("/etc/passwd", "a file outside of the document's folder"),
        ("http://127.0.0.1/a.yml", "another host, where nothing is ever fetched from"),
        ("//host/a.yml", "another host, where nothing is ever fetched from"),
    ],
)
def test_what_lies_elsewhere_is_refused_by_name(ref: str, says: str) -> None:
    root = ROOT | {"paths": {"/a": {"get": {"$ref": ref}}, "/b": {"get": {"operationId": "b", "responses": {}}}}}
    made = surface_of(root, {**FILES, "outside.yml": b"{}", "etc/passwd": b"{}"})
    assert ["shop.b"] == [one.id for one in made.actions]
    assert f"the reference `{ref}` leads to {says}" in made.quarantine[0].reason


def test_a_file_that_cannot_be_read_is_named_with_its_place() -> None:
    files = {**FILES, "paths/id.json": b'{"type": \n}'}
    with pytest.raises(errors.DocumentInvalid, match=r"In paths/id\.json: .*not valid JSON") as caught:
        document.load(orjson.dumps(ROOT), name="shop.yaml", files=files)
    assert {"line": 2, "column": 1, "file": "paths/id.json"} == caught.value.data


def test_the_cap_on_bytes_holds_for_all_files_together() -> None:
    caps = Caps(source_bytes=len(orjson.dumps(ROOT)) + 300)
    with pytest.raises(errors.DocumentInvalid, match="too large together"):
        document.load(orjson.dumps(ROOT), caps, name="shop.yaml", files=FILES)
