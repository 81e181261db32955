"""A7: small documents that stand for huge ones, and large, deep or endless ones."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from evals.suites.discovery.attacks.attack import HARMLESS, REFUSED, Attack, openapi

HEAD = b"openapi: 3.0.3\ninfo: {title: Hostile, version: '1'}\npaths: {}\n"
DEEP = 100_000
WIDE = b'{"a":1,"b":[],"c":{}},'


def _levels(first: bytes, level: Callable[[int], bytes], count: int) -> bytes:
    return HEAD + b"\n".join([b"x-0: &a0 " + first, *(level(n) for n in range(1, count))])


def _lists() -> bytes:
    nine = b",".join([b"x"] * 9)
    return _levels(b"[%s]" % nine, lambda n: b"x-%d: &a%d [%s]" % (n, n, nine.replace(b"x", b"*a%d" % (n - 1))), 12)


def _mappings() -> bytes:
    return _levels(
        b"{k: v}",
        lambda n: b"x-%d: &a%d {%s}" % (n, n, b",".join(b"k%d: *a%d" % (k, n - 1) for k in range(9))),
        12,
    )


def _merges() -> bytes:
    return _levels(b"{k: v}", lambda n: b"x-%d: &a%d {<<: [%s]}" % (n, n, b",".join([b"*a%d" % (n - 1)] * 40)), 9)


def _growing_merges() -> bytes:
    """Each mapping has all keys of the one before it and one more: the square of their number."""
    return _levels(b"{k: v}", lambda n: b"x-%d: &a%d {<<: *a%d, k%d: v}" % (n, n, n - 1, n), 20_000)


def _nested_aliases() -> bytes:
    return _levels(b"[x]", lambda n: b"x-%d: &a%d [*a%d]" % (n, n, n - 1), 20_000)


def _text() -> bytes:
    return HEAD + b"x-a: &a " + b"x" * 100_000 + b"\nx-b: [" + b",".join([b"*a"] * 100_000) + b"]"


def _anchors() -> bytes:
    return HEAD + b"x-a: [" + b",".join(b"&a%d x" % n for n in range(1_000_000)) + b"]"


def _keys() -> bytes:
    keys = b", ".join(b"? {*a : %d} : 1" % n for n in range(2000))
    return HEAD + b"x-a: &a [" + b"x," * 1000 + b"]\nx-b: {" + keys + b"}"


def _indents() -> bytes:
    return HEAD + b"\n".join(b" " * n + b"a:" for n in range(3000))


def _fifty_megabytes() -> bytes:
    return openapi({}, **{"x-a": "x" * 50 * 2**20})


def _under_the_cap(part: bytes, size: int = 31 * 2**20) -> bytes:
    head, tail = openapi({}, **{"x-a": ["@"]}).split(b'"@"')
    return head + part * (size // len(part)) + b"0" + tail


def _operations() -> bytes:
    return openapi({f"/things/{n}": {"get": {}} for n in range(100_000)})


def _parameters() -> bytes:
    listed = [{"name": f"p{n}", "in": "query", "schema": {"type": "string"}} for n in range(100_000)]
    return openapi({"/things": {"get": {"parameters": listed}}})


def _template(part: str) -> bytes:
    return openapi({"/" + part * 100_000: {"get": {"summary": "<" * 100_000, "description": "a. B" * 100_000}}})


def _refused(name: str, document: Callable[[], bytes], is_quick: bool = True) -> Attack:
    return Attack(name=name, rule="A7", document=document, safe=frozenset({REFUSED}), is_quick=is_quick)


def _harmless(name: str, document: Callable[[], bytes], is_quick: bool = True) -> Attack:
    return Attack(name=name, rule="A7", document=document, safe=HARMLESS, is_quick=is_quick)


ATTACKS = (
    _refused("YAML lists of aliases", _lists),
    _refused("YAML mappings of aliases", _mappings),
    _harmless("YAML aliases of a long text", _text, is_quick=False),
    _refused("YAML alias of itself", lambda: HEAD + b"x-a: &a [*a]"),
    _refused("YAML aliases one in the other", _nested_aliases),
    _harmless("YAML merge keys of merge keys", _merges),
    _refused("YAML merge keys that grow", _growing_merges, is_quick=False),
    _harmless("YAML with a million anchors", _anchors, is_quick=False),
    _harmless("YAML with huge keys", _keys),
    _harmless("YAML with a Python object", lambda: HEAD + b"x-a: !!python/object/apply:os.system ['cat /etc/passwd']"),
    _refused("YAML with 100,000 documents", lambda: HEAD + b"---\n" * 100_000),
    _refused("YAML nested by brackets", lambda: HEAD + b"x-a: " + b"[" * DEEP),
    _refused("YAML nested by braces", lambda: HEAD + b"x-a: " + b"{a: " * DEEP),
    _refused("YAML nested by dashes", lambda: HEAD + b"x-a:\n  " + b"- " * DEEP + b"a"),
    _refused("YAML nested by indents", _indents, is_quick=False),
    _refused("YAML nested by question marks", lambda: HEAD + b"? " * DEEP),
    _refused("JSON lists nested 100,000 deep", lambda: b"[" * DEEP + b"]" * DEEP),
    _refused("JSON objects nested 100,000 deep", lambda: b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    _refused("JSON nested 1,000 deep", lambda: openapi({}).replace(b'"1"', b"[" * 1000 + b"]" * 1000)),
    _refused("50 MB in one JSON text", _fifty_megabytes, is_quick=False),
    _refused("50 MB of YAML", lambda: HEAD + b"x-a: [" + b"a," * (25 * 2**20) + b"]", is_quick=False),
    _refused("31 MB of small JSON numbers", lambda: _under_the_cap(b"1,"), is_quick=False),
    _refused("31 MB of small JSON objects", lambda: _under_the_cap(WIDE), is_quick=False),
    _harmless("31 MB in one JSON text", lambda: _under_the_cap(b'"' + b"x" * (30 * 2**20) + b'",'), is_quick=False),
    _harmless("31 MB of YAML comments", lambda: HEAD + b"# a comment\n" * (31 * 2**20 // 12), is_quick=False),
    _harmless("31 MB of small YAML values", lambda: HEAD + b"x-a: [" + b"a," * (15 * 2**20) + b"]", is_quick=False),
    _harmless("100,000 operations", _operations, is_quick=False),
    _harmless("100,000 parameters", _parameters, is_quick=False),
    _harmless("a path of 100,000 braces", lambda: _template("{")),
    _harmless("a path of 100,000 names", lambda: _template("{a}")),
    _refused("a gzip bomb", lambda: gzip.compress(b"0" * 100 * 2**20, 1), is_quick=False),
)


