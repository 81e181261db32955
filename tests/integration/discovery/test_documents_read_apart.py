"""The reading process for real: what it reads, and how it stops what is hostile."""

from __future__ import annotations

import asyncio
import hashlib
import os

import orjson
import pytest

from discovery import document, surface
from discovery.apart import WORKSHOPS
from discovery.document import Caps
from tools import errors

MINIMAL = {"openapi": "3.0.3", "info": {"title": "Things", "version": "1"}, "paths": {}}
LIMIT_S = 5.0


def cpu_s() -> float:
    """CPU seconds of this process and of its children: what a document costs, whatever else the machine does."""
    return sum(os.times()[:4]) + WORKSHOPS.cpu_s


def test_json_and_yaml_give_the_same_tree() -> None:
    from_json = document.load(orjson.dumps(MINIMAL))
    from_yaml = document.load("openapi: 3.0.3\ninfo: {title: Things, version: '1'}\npaths: {}\n")
    assert MINIMAL == from_json.root == from_yaml.root
    assert ("openapi-3.0", "Things") == (from_yaml.dialect, from_yaml.title)
    assert hashlib.sha256(orjson.dumps(MINIMAL)).hexdigest() == from_json.digest


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_does_no_harm(encoding: str) -> None:
    assert MINIMAL == document.load(orjson.dumps(MINIMAL).decode().encode(encoding)).root


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html></html>", "an HTML page"),
        (b"<?xml version='1.0'?><definitions/>", "XML"),
        (b"PK\x03\x04zip", "compressed"),
        (b"type Query { me: User }", "GraphQL"),
        (b"\xff\xfe\x00", "not valid utf-16"),
        (b"\x00\x01\x02", "cannot be used"),
        (b"just words", "a piece of text"),
        (b"[1, 2]", "a list"),
        (b'{"openapi": "3.0.0", "paths": {', r"cut off\. \(line 1, column 32\)"),
        (b"openapi: 3.0.0\n  paths: [", "not valid YAML.*line 2"),
    ],
    ids=["empty", "html", "xml", "zip", "graphql", "broken utf-16", "binary", "text", "list", "cut json", "bad yaml"],
)
def test_what_is_no_document_gets_one_clear_error(source: bytes, says: str) -> None:
    with pytest.raises(errors.DocumentInvalid, match=says):
        document.load(source)


def _bomb() -> bytes:
    lines = ["a0: &a0 [" + ",".join(["x"] * 9) + "]"]
    lines += [f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 12)]
    return "\n".join(lines).encode()


def _big_text_bomb() -> bytes:
    return b"a: &a " + b"x" * 100_000 + b"\nb: [" + b",".join([b"*a"] * 100_000) + b"]"


HOSTILE = {
    "alias bomb": _bomb(),
    "long text repeated by aliases": _big_text_bomb(),
    "merge bomb": b"a: &a {k: v}\n" + b"\n".join(
        b"b%d: &b%d {<<: [%s]}" % (n, n, b",".join([b"*a" if n == 0 else b"*b%d" % (n - 1)] * 40)) for n in range(8)
    ),
    "deep JSON": b'{"a":' * 100_000,
    "deep YAML": b"[" * 1_000_000,
    "deep block YAML": b"- " * 200_000,
    "many values": b'{"a":[' + b"1," * 4_000_000 + b"1]}",
    "alias of itself": b"a: &a [*a]",
}  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_document_is_refused_soon(source: bytes) -> None:
    started = cpu_s()
    with pytest.raises(errors.DocumentInvalid):
        surface.build("x", source)
    assert cpu_s() - started < LIMIT_S


@pytest.mark.parametrize(
    ("caps", "says"),
    [
        (Caps(source_bytes=10), "the cap is 10"),
        (Caps(nodes=2), "more than 2 values"),
        (Caps(depth=1), "deeper than 1"),
        (Caps(wall_s=0.005), "within 0.005 s"),
    ],
    ids=["bytes", "nodes", "depth", "time"],
)
def test_each_cap_is_kept_and_named(caps: Caps, says: str) -> None:
    with pytest.raises(errors.DocumentInvalid, match=says):
        surface.read("x", orjson.dumps(MINIMAL | {"x-many": list(range(200_000))}), caps=caps)


def test_memory_is_capped() -> None:
    source = orjson.dumps(MINIMAL | {"x-many": [[n] for n in range(500_000)]})
    with pytest.raises(errors.DocumentInvalid, match=r"of memory|caps on memory"):
        surface.read("x", source, caps=Caps(memory_bytes=32 * 2**20))


def test_a_hundred_thousand_references_do_no_harm() -> None:
    chain = {f"S{n}": {"$ref": f"#/components/schemas/S{n + 1}"} for n in range(100_000)}
    wide = {f"p{n}": {"$ref": f"#/components/schemas/S{n}"} for n in range(0, 100_000, 10)}
    operation = {
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": wide}}}},
        "responses": {},
    }
    root = MINIMAL | {"components": {"schemas": chain}, "paths": {"/a": {"post": operation}, "/b": {"get": {}}}}
    started = cpu_s()
    built = surface.build("x", orjson.dumps(root))
    assert cpu_s() - started < LIMIT_S
    # The chain ends in nothing, so what reaches it is set apart and the other operation is kept.
    assert (["GET /b"], ["POST /a"]) == (
        [f"{one.method} {one.path}" for one in built.actions],
        [f"{one.method} {one.path}" for one in built.quarantine],
    )


def test_schemas_that_only_lead_to_each_other_do_no_harm() -> None:
    both = [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]
    schemas = {"A": {"allOf": both}, "B": {"anyOf": both, "oneOf": both}, "C": {"$ref": "#/components/schemas/C"}}
    body = {"content": {"application/json": {"schema": {"allOf": [*both, {"$ref": "#/components/schemas/C"}]}}}}
    root = MINIMAL | {"components": {"schemas": schemas}, "paths": {"/a": {"post": {"requestBody": body}}}}
    started = cpu_s()
    assert 1 == len(surface.build("x", orjson.dumps(root)).actions)
    assert cpu_s() - started < LIMIT_S


async def test_building_in_a_thread_gives_the_same_surface() -> None:
    source = orjson.dumps(MINIMAL | {"paths": {"/a": {"get": {}}}})
    assert surface.read("x", source, name="Mine") == await asyncio.to_thread(surface.read, "x", source, name="Mine")
