"""A9: documents and arguments that would send something else than the template, or to somewhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.suites.discovery.attacks.attack import NEVER_SENT, SENT, Attack, openapi, with_parameter

STRING = {"type": "string"}
PLACES = {
    "..": "..", ".": ".", "%2e%2e": "%2e%2e", "an encoded slash": "..%2fadmin", "a slash": "a/b", "a backslash": "a\\b",
    "a semicolon after dots": "..;a", "a question mark": "a?b=c", "a hash": "a#b", "CRLF": "a\r\nX: 1", "NUL": "a\0",
    "nothing": "", "a tab": "\t", "a twice encoded dot": "%252e%252e",
}  # fmt: skip
#: values of `/things/{id}/notes`
TEMPLATES = ("/a/../admin", "/a/./b", "/a/%2e%2e/admin", "/a/..;/admin", "/a/%252e%252e/admin", "/a\\..\\admin",
             "/a?admin=1", "/a\r\nHost: b", "/a\0b", "//evil.example/a", "/a/{id}/../{id2}", "a/b")  # fmt: skip
HEADERS = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "Host", "Content-Length",
           "Transfer-Encoding", "Connection", "X: 1\r\nY", "X Y", "X\0Y", "Ünicode")  # fmt: skip


def _path(name: str, value: str) -> Attack:
    return Attack(
        name=f"{name} in a path",
        rule="A9",
        document=lambda: with_parameter("path", "id", STRING, path="/things/{id}/notes"),
        arguments={"id": value},
        safe=NEVER_SENT,
    )


def _template(path: str) -> Attack:
    return Attack(
        name=f"path template {path!r}",
        rule="A9",
        document=lambda: openapi({path: {"delete": {}}}),
        arguments={name: "7" for name in ("id", "id2") if f"{{{name}}}" in path},
        # Two slashes at the start are a path below the base URL, which is no other host's.
        safe=NEVER_SENT | ({SENT} if path.startswith("//") else frozenset()),
    )


def _header(name: str) -> Attack:
    return Attack(
        name=f"header {name!r}",
        rule="A9",
        document=lambda: with_parameter("header", name, STRING),
        arguments={name: "DELETE"},
        safe=NEVER_SENT,
    )


def _parameter(name: str, where: str, wire_name: str, value: Any, safe: frozenset[str] = NEVER_SENT) -> Attack:
    return Attack(
        name=name,
        rule="A9",
        document=lambda: with_parameter(where, wire_name, {}),
        arguments={wire_name: value},
        safe=safe,
    )


def _body(name: str, content_type: str, arguments: Mapping[str, Any], safe: frozenset[str] = NEVER_SENT) -> Attack:
    schema = {"type": "object", "properties": dict.fromkeys(arguments, STRING)}
    body = {"content": {content_type: {"schema": schema}}}
    return Attack(
        name=name,
        rule="A9",
        document=lambda: openapi({"/things": {"post": {"requestBody": body}}}),
        arguments=arguments,
        safe=safe,
    )


ENCODED = NEVER_SENT | {SENT}
#: what the place allows to say must arrive as itself: judged by the request's own bytes
ATTACKS = (
    *(_path(name, value) for name, value in PLACES.items()),
    *(_template(path) for path in TEMPLATES),
    *(_header(name) for name in HEADERS),
    _parameter("CRLF in a header", "header", "X-Note", "a\r\nX-Admin: 1"),
    _parameter("NUL in a header", "header", "X-Note", "a\0b"),
    _parameter("a letter beyond ASCII in a header", "header", "X-Note", "\u010d\u010a"),
    _parameter("another pair in a cookie", "cookie", "session", "a; admin=1", ENCODED),
    _parameter("CRLF in a cookie", "cookie", "session", "a\r\nX: 1", ENCODED),
    _parameter("another pair in a query", "query", "q", "a&admin=1#b", ENCODED),
    _parameter("CRLF in a query", "query", "q", "a\r\nHost: b", ENCODED),
    _parameter("a query name with another pair", "query", "q=1&admin", "1", ENCODED),
    _parameter("a query name with CRLF", "query", "q\r\nHost: b", "1", ENCODED),
    _parameter("half a surrogate pair in a query", "query", "q", "\ud800"),
    _parameter("a query of 100,000 characters", "query", "q", "a" * 100_000),
    _body("CRLF in a content type", "application/json\r\nX-Admin: 1", {"a": "b"}),
    _body("another field in a form", "application/x-www-form-urlencoded", {"a": "b&admin=1"}, ENCODED),
    _body("CRLF in the name of a form's field", "application/x-www-form-urlencoded", {"a\r\nX: 1": "b"}, ENCODED),
    _body("a boundary in multipart", "multipart/form-data", {"a": "b\r\n--x\r\nContent-Disposition: c"}, ENCODED),
    _body("CRLF in the name of a part", "multipart/form-data", {'a"\r\nX: 1': "b"}, ENCODED),
)  # fmt: skip
