"""A7: references that leave the document, lead in circles, or are very many. Nothing may be opened or fetched."""

from __future__ import annotations

from typing import Any

from evals.suites.discovery.attacks.attack import HARMLESS, KEPT_OUT, Attack, openapi, with_body

MANY = 1_000_000
#: references in one document
CHAIN = 100_000


def _schema(ref: Any, *required: str) -> bytes:
    return with_body({"type": "object", "properties": {"a": {"$ref": ref}}, "required": required})


def _operation(**parts: Any) -> bytes:
    return openapi({"/things": {"post": parts}})


def _answer(ref: str) -> bytes:
    content = {"application/json": {"schema": {"$ref": ref}}}
    return _operation(responses={"200": {"description": "", "content": content}})


def _chain() -> bytes:
    links = {f"S{n}": {"$ref": f"#/components/schemas/S{n + 1}"} for n in range(CHAIN)}
    return with_body({"$ref": "#/components/schemas/S0"}, **links)


def _many() -> bytes:
    head, tail = with_body({"type": "object", "properties": {"@": 1}}).split(b'"@":1')
    return head + b",".join(b'"%d":{"$ref":"#/x/%d"}' % (n, n) for n in range(MANY)) + tail


def _many_to_one() -> bytes:
    head, tail = with_body({"oneOf": ["@"]}, One={"type": "string"}).split(b'"@"')
    return head + b",".join([b'{"$ref":"#/components/schemas/One"}'] * (MANY // 2)) + tail


def _circle_of_parameters() -> bytes:
    parameters = {"A": {"$ref": "#/components/parameters/B"}, "B": {"$ref": "#/components/parameters/A"}}
    operation = {"parameters": [{"$ref": "#/components/parameters/A"}]}
    return openapi({"/things": {"get": operation}}, components={"parameters": parameters})


def _outside(name: str, ref: str) -> Attack:
    return Attack(name=f"$ref to {name}", rule="A7", document=lambda: _schema(ref, "a"), safe=KEPT_OUT)


ATTACKS = (
    _outside("file:///etc/passwd", "file:///etc/passwd"),
    _outside("http:// on this machine", "http://127.0.0.1:9/passwd.json"),
    _outside("https:// with a user name", "https://api.example@127.0.0.1/passwd.json#/a"),
    _outside("an absolute path", "/etc/passwd"),
    _outside("a path upwards", "../../../../../../etc/passwd"),
    _outside("an encoded path upwards", "..%2f..%2f..%2fetc%2fpasswd"),
    _outside("a UNC path", "\\\\127.0.0.1\\share\\passwd"),
    _outside("a data URL", "data:application/json,{}"),
    _outside("a pointer with bad escapes", "#/components/%2e%2e/~2/%zz"),
    _outside("a megabyte of text", "#/" + "a/" * 500_000),
    Attack(name="$ref to a file that nobody needs", rule="A7", document=lambda: _schema("file:///etc/passwd"),
           safe=HARMLESS),
    Attack(name="$ref that is a list", rule="A7", document=lambda: _schema(["file:///etc/passwd"]), safe=HARMLESS),
    Attack(name="$ref to the whole document", rule="A7", document=lambda: _schema("#"), safe=HARMLESS),
    Attack(name="$ref to itself", rule="A7", document=lambda: with_body(
        {"$ref": "#/components/schemas/A"}, A={"$ref": "#/components/schemas/A"}), safe=HARMLESS),
    Attack(name="$ref in a circle of two", rule="A7", document=lambda: with_body(
        {"$ref": "#/components/schemas/A"}, A={"$ref": "#/components/schemas/B"},
        B={"$ref": "#/components/schemas/A"}), safe=HARMLESS),
    Attack(name="parameters in a circle", rule="A7", document=_circle_of_parameters, safe=KEPT_OUT),
    Attack(name="path item that is itself", rule="A7", document=lambda: openapi(
        {"/things": {"$ref": "#/paths/~1things"}}), safe=KEPT_OUT),
    Attack(name="request body in a file", rule="A7", document=lambda: _operation(
        requestBody={"$ref": "file:///etc/passwd"}), safe=KEPT_OUT),
    Attack(name="answer on another host", rule="A7", document=lambda: _answer("http://127.0.0.1:9/passwd"),
           safe=HARMLESS),
    Attack(name="$id and $dynamicRef to another host", rule="A7", document=lambda: with_body(
        {"$id": "http://127.0.0.1:9/passwd", "$dynamicRef": "http://127.0.0.1:9/passwd#a"}), safe=HARMLESS),
    Attack(name="discriminator that maps to a file", rule="A7", document=lambda: with_body({
        "oneOf": [{"type": "object", "properties": {"kind": {"type": "string"}}}],
        "discriminator": {"propertyName": "kind", "mapping": {"a": "file:///etc/passwd"}}}), safe=HARMLESS),
    Attack(name="chain of 100,000 references", rule="A7", document=_chain, safe=HARMLESS),
    Attack(name="1,000,000 references to nothing", rule="A7", document=_many, safe=KEPT_OUT, is_quick=False),
    Attack(name="500,000 references to one schema", rule="A7", document=_many_to_one, safe=HARMLESS, is_quick=False),
)  # fmt: skip
