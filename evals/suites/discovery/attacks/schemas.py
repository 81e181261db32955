"""A7: schemas that have no end, or that grow when they are walked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evals.suites.discovery.attacks.attack import HARMLESS, Attack, with_body

LEVELS = 40
#: two branches each: 2**40 ways down
WIDE = 200


def _to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _ladder(keyword: str, inner: str = "") -> bytes:
    """Each level refers to the next one twice."""
    def level(n: int) -> dict[str, Any]:
        both: list[Any] = [_to(f"S{n + 1}"), _to(f"S{n + 1}")]
        return {keyword: [{"properties": {inner: one}} for one in both] if inner else both}

    last = {"type": "object", "properties": {"end": {"type": "string"}}}
    levels = {f"S{n}": level(n) for n in range(LEVELS)}
    return with_body(_to("S0"), **levels, **{f"S{LEVELS}": last})


def _ladder_of_properties() -> bytes:
    levels = {
        f"S{n}": {"type": "object", "properties": {side: _to(f"S{n + 1}") for side in ("left", "right")}}
        for n in range(LEVELS)
    }
    return with_body(_to("S0"), **levels, **{f"S{LEVELS}": {"type": "string"}})


def _everyone_knows_everyone() -> bytes:
    properties = {f"p{n}": _to(f"S{n}") for n in range(WIDE)}
    return with_body(_to("S0"), **{f"S{n}": {"type": "object", "properties": properties} for n in range(WIDE)})


def _all_of_everyone() -> bytes:
    return with_body(_to("S0"), **{f"S{n}": {"allOf": [_to(f"S{k}") for k in range(WIDE)]} for n in range(WIDE)})


def _nested(keyword: str) -> bytes:
    """A choice of choices, written out: ten to the fourth branches in a few kilobytes of levels."""
    schema: Any = {"type": "object", "properties": {"a": {"type": "string"}}}
    for _ in range(4):
        schema = {keyword: [schema] * 10}
    return with_body(schema)


def _deep() -> bytes:
    """As deep as the reader lets pass."""
    schema: Any = {"type": "string"}
    for _ in range(40):
        schema = {"type": "object", "properties": {"a": schema}}
    return with_body(schema)


def _one(name: str, document: Callable[[], bytes]) -> Attack:
    return Attack(name=name, rule="A7", document=document, safe=HARMLESS)


def _a(schema: Any, **others: Any) -> Callable[[], bytes]:
    """A body whose schema is the shared one named A."""
    return lambda: with_body(_to("A"), A=schema, **others)


ATTACKS = (
    _one("schema that is its own items", _a({"type": "array", "items": _to("A")})),
    _one("schema that is its own property", _a({"type": "object", "properties": {"a": _to("A")}})),
    _one("schema that is its own allOf", _a({"allOf": [_to("A"), _to("A")]})),
    _one("schema that is its own oneOf", _a({"oneOf": [_to("A"), _to("B")]}, B={"anyOf": [_to("A")]})),
    _one("schema that is not itself", _a({"not": _to("A")})),
    _one("schema of its own additional properties", _a({"additionalProperties": _to("A")})),
    _one("ladder of allOf", lambda: _ladder("allOf")),
    _one("ladder of oneOf", lambda: _ladder("oneOf")),
    _one("ladder of anyOf with properties", lambda: _ladder("anyOf", inner="a")),
    _one("ladder of allOf with properties", lambda: _ladder("allOf", inner="a")),
    _one("ladder of properties", _ladder_of_properties),
    _one("200 schemas with each other's properties", _everyone_knows_everyone),
    _one("200 schemas that are all of each other", _all_of_everyone),
    _one("10,000 branches of oneOf in oneOf", lambda: _nested("oneOf")),
    _one("10,000 branches of allOf in allOf", lambda: _nested("allOf")),
    _one("objects nested 40 deep", _deep),
)
