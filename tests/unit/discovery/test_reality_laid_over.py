"""What a system does beyond its document becomes facts: each with its place, its kind, and what was seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from discovery import compiler, overlay
from discovery.document import Document
from discovery.exchange import Exchange
from discovery.overlay import Fact, Sightings
from tools.action import Surface

AT = datetime(2026, 1, 1, tzinfo=UTC)
THING = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "state": {"type": "string", "enum": ["on", "off"]},
        "size": {"type": "number"},
        "owner": {"anyOf": [{"$ref": "#/components/schemas/Person"}, {"type": "string"}]},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "parts": {"type": "array", "items": {"type": "object", "properties": {"kind": {"enum": ["a"]}}}},
        "any": {},
    },
    "required": ["id", "state"],
}
PERSON = {"type": "object", "properties": {"name": {"type": "string"}}}
GOOD = {"id": 1, "state": "on", "size": 2, "owner": {"name": "x"}, "labels": {"k": "v"}, "parts": [{"kind": "a"}]}


def built() -> Surface:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    problem = {"application/json": {"schema": {"type": "object", "properties": {"code": {"type": "string"}}}}}
    get = {
        "operationId": "getThing",
        "parameters": [{"name": "expand", "in": "query", "schema": {"type": "string"}}],
        "responses": {"200": {"content": content}, "404": {"content": problem}, "5XX": {}},
    }
    root = {
        "openapi": "3.1.0",
        "info": {"title": "Things"},
        "paths": {"/things/{id}": {"get": get}},
        "components": {"schemas": {"Thing": THING, "Person": PERSON}},
    }
    return compiler.compile_surface("x", Document(root=root, dialect="openapi-3.1", digest="d", title="Things"))


SURFACE = built()


def seen(body: Any = None, status: int = 200, **more: Any) -> Exchange:
    one = Exchange(
        at=AT, method="GET", path="/things/7", status=status, response_type="application/json", response_body=body
    )
    return replace(one, **more)


def facts(*exchanges: Exchange) -> list[tuple[str, str, str, Any]]:
    found = overlay.compare_all(SURFACE.actions, SURFACE.defs, exchanges)
    return [(fact.action, fact.pointer, fact.kind, fact.value) for fact, _ in found]


GET = "x.get_thing"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"owner": "someone"}, []),
        ({"any": [1, {"deep": None}]}, []),
        ({"labels": {"new": "x"}}, []),
        ({"color": "red"}, [(GET, "200/color", "field", "string")]),
        ({"owner": {"name": "x", "age": 3}}, [(GET, "200/owner/age", "field", "integer")]),
        ({"parts": [{"kind": "b"}, {"kind": "a", "x/y": {}}]},
         [(GET, "200/parts/*/kind", "enum", "b"), (GET, "200/parts/*/x~1y", "field", "object")]),
        ({"labels": {"k": 1}}, [(GET, "200/labels/*", "type", "integer")]),
        ({"state": "idle"}, [(GET, "200/state", "enum", "idle")]),
        ({"state": None}, [(GET, "200/state", "null", None)]),
        ({"size": "big"}, [(GET, "200/size", "type", "string")]),
        ({"owner": 3}, [(GET, "200/owner", "type", "integer")]),
        ({"state": "(hidden)"}, []),
    ],
)  # fmt: skip
def test_a_difference_in_the_answer_is_a_fact_with_its_place(change: dict[str, Any], expected: list[Any]) -> None:
    assert expected == facts(seen(GOOD | change))


def test_what_the_document_requires_and_is_not_there_is_a_fact() -> None:
    assert [(GET, "200/state", "missing", None)] == facts(seen({"id": 1}))


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        (seen({"code": "x"}, 404), []),
        (seen({"code": "x", "why": "y"}, 404), [(GET, "404/why", "field", "string")]),
        (seen({"any": 1}, 503), []),
        (seen({}, 418), [(GET, "418", "status", 418)]),
        (seen(None, response_type="text/csv"), [(GET, "200", "media_type", "text/csv")]),
        (seen(GOOD, response_type="application/hal+json"), []),
        (seen(GOOD, query=(("expand", "a"), ("sort", "b"))), [(GET, "request/query/sort", "argument", None)]),
        (seen(GOOD, path="/other/7"), [("", "/other/{}", "operation", "GET")]),
        (seen(None, 404, path="/other/7"), []),
        (seen({}, 429, response_headers=(("retry-after", "17"),)), [(GET, "429", "rate_limit", {"retry_after_s": 17})]),
        (seen({}, 429, response_headers=(("retry-after", "Thu, 01 Jan 2026 00:01:00 GMT"),)),
         [(GET, "429", "rate_limit", {"retry_after_s": 60})]),
        (seen(GOOD, response_headers=(("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "12"))),
         [(GET, "x-ratelimit-limit", "rate_limit", "60")]),
    ],
    ids=["known error", "error field", "range", "status", "type", "suffix", "argument", "operation", "no operation",
         "seconds", "date", "limit"],
)  # fmt: skip
def test_what_surrounds_the_answer_is_compared_too(exchange: Exchange, expected: list[Any]) -> None:
    assert expected == facts(exchange)


def test_facts_are_tallied_with_their_first_and_last_sighting() -> None:
    times = [AT + timedelta(hours=hours) for hours in (3, 1, 2)]
    found = overlay.compare_all(SURFACE.actions, SURFACE.defs, [seen(GOOD | {"new": 1}, at=at) for at in times])
    assert [
        (
            Fact(action=GET, pointer="200/new", kind="field", value="integer"),
            Sightings(count=3, first_at=times[1], last_at=times[0]),
        )
    ] == overlay.tally(found)


def test_one_exchange_gives_a_bounded_number_of_facts() -> None:
    body = GOOD | {f"field_{number}x": 1 for number in range(5000)}
    assert overlay.MAX_FACTS == len(facts(seen(body)))
