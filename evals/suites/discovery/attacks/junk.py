"""A7: what is no text, no number or no name that anyone would write."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from evals.suites.discovery.attacks.attack import HARMLESS, KEPT_OUT, REFUSED, Attack, openapi, with_body

HEAD = b"openapi: 3.0.3\ninfo: {title: Hostile, version: '1'}\npaths: {}\n"


def _raw(value: bytes) -> bytes:
    """A JSON document with these bytes as one of its values."""
    return openapi({}, **{"x-a": "@"}).replace(b'"@"', value)


def _named(*names: str) -> bytes:
    return openapi({f"/things/{n}": {"get": {"operationId": name}} for n, name in enumerate(names)})


def _random() -> bytes:
    return random.Random(1).randbytes(2**20)


def _twice() -> bytes:
    return openapi({"/a": {"get": {}}})[:-1] + b',"paths":{"/a":{"get":{}},"/a":{"delete":{}}}}'


def _wrong_types() -> bytes:
    listed: list[Any] = [None, 7, [], "text", {"in": 7}, {"in": "query", "name": {}}, {"in": ["path"], "name": "a"}]
    operations = {f"/a{n}": {"get": {"parameters": [one]}} for n, one in enumerate(listed)}
    return openapi(operations | {"/b": [], "/c": {"get": []}, "/d": {"get": {"responses": 7, "tags": 7}}, "/e": None})


def _one(name: str, document: Callable[[], bytes], safe: frozenset[str] = HARMLESS, is_quick: bool = True) -> Attack:
    return Attack(name=name, rule="A7", document=document, safe=safe, is_quick=is_quick)


NAMES = ("../../etc/passwd", "a\r\nb", "<script>alert(1)</script>", "\u202egnp", "\0", "'; drop table surface;--", "💥")
ONLY_REFUSED = frozenset({REFUSED})
ATTACKS = (
    _one("NUL bytes", lambda: b"\0" * 2**20, ONLY_REFUSED),
    _one("a megabyte of random bytes", _random, ONLY_REFUSED),
    _one("UTF-16 without end", lambda: b"\xff\xfe" + b"\x00\xd8" * 500_000, ONLY_REFUSED),
    _one("UTF-32", lambda: openapi({}).decode().encode("utf-32"), ONLY_REFUSED),
    _one("half a surrogate pair", lambda: _raw(b'"\\ud800"'), ONLY_REFUSED),
    _one("bytes that are no UTF-8", lambda: _raw(b'"\xc3\x28"'), ONLY_REFUSED),
    _one("a NUL in YAML", lambda: HEAD + b"x-a: a\0b", ONLY_REFUSED),
    _one("an integer of 100,000 digits in JSON", lambda: _raw(b"9" * 100_000)),
    _one("an integer of 100,000 digits in YAML", lambda: HEAD + b"x-a: " + b"9" * 100_000),
    _one("1e999999 and NaN in YAML", lambda: HEAD + b"x-a: 1e999999\nx-b: .nan\nx-c: .inf\nx-d: -1e-999999"),
    _one("1e999999 in JSON", lambda: _raw(b"1e999999")),
    _one("a sexagesimal number and a date in YAML", lambda: HEAD + b"x-a: 190:20:30\nx-b: 9999-99-99"),
    _one("a key of 10 MB", lambda: openapi({}, **{"x" * 10 * 2**20: 1})),
    _one("an operation with a name of 1 MB", lambda: _named("a" * 2**20)),
    _one("operations of one name", lambda: _named(*["same"] * 5_000), is_quick=False),
    _one("operation names with paths, markup and bidi", lambda: _named(*NAMES)),
    _one("duplicate keys in JSON", _twice),
    _one("duplicate keys in YAML", lambda: HEAD + b"paths: {/a: {get: {}}}\npaths: {/b: {get: {}}}"),
    _one("everything of another type", _wrong_types, KEPT_OUT),
    _one("__proto__ and dunder names", lambda: with_body({"type": "object", "properties": {
        "__proto__": {"type": "string"}, "__class__": {"type": "string"}, "constructor": {"type": "object"}}})),
)  # fmt: skip
