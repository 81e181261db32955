"""openapi-spec-validator's flaws: each is told with its place, and only what it touches is lost."""

from __future__ import annotations

from typing import Any

import orjson

from discovery import surface
from discovery.document import Caps
from tools.action import Flaw

GOOD: dict[str, Any] = {"operationId": "good", "responses": {"200": {"description": "fine"}}}


def sent(schema: dict[str, Any]) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"requestBody": body, "responses": {"201": {"description": "made"}}}


def document(paths: dict[str, Any], **parts: Any) -> bytes:
    return orjson.dumps({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths} | parts)


def read(source: bytes, **caps: Any) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """The actions, the quarantined operations, and the flaws by place and fate."""
    made = surface.read("x", source, caps=Caps(**caps), is_validated=True)
    return (
        sorted(made.actions),
        [f"{one.method} {one.path}" for one in made.quarantine],
        [(one.pointer, one.fate) for one in made.flaws],
    )


def test_a_sound_document_has_no_findings() -> None:
    assert (["x.good"], [], []) == read(document({"/a": {"get": GOOD}}))


def test_a_finding_in_what_an_operation_takes_quarantines_that_operation() -> None:
    wrong = sent({"type": "object", "properties": {"a": {"type": "string", "minLength": -1}}})
    actions, lost, flaws = read(document({"/a": {"post": wrong}, "/b": {"get": GOOD}}))
    assert (["x.good"], ["POST /a"]) == (actions, lost)
    assert ["quarantined: POST /a"] == [fate for _, fate in flaws]


def test_a_finding_in_a_shared_schema_quarantines_those_who_send_it() -> None:
    schemas = {
        "Outer": {"type": "object", "properties": {"inner": {"$ref": "#/components/schemas/Inner"}}},
        "Inner": {"type": "object", "required": True},
    }
    shared = {"$ref": "#/components/schemas/Outer"}
    reading = {"operationId": "look", "responses": {"200": {"description": "it", "content": {"application/json": {"schema": shared}}}}}  # fmt: skip # noqa: E501
    paths = {"/a": {"post": sent(shared), "get": reading}, "/b": {"post": sent({"type": "object"})}}
    actions, lost, _ = read(document(paths, components={"schemas": schemas}))
    assert (["x.look", "x.post_b"], ["POST /a"]) == (actions, lost)


def test_a_finding_that_touches_no_request_is_only_told() -> None:
    answer = {"description": "it", "content": {"application/json": {"schema": {"type": "object", "required": 1}}}}
    paths = {
        "/a": {"get": {**GOOD, "unheard-of": 1}},
        "/b": {"get": {"operationId": "b", "responses": {"200": answer}}},
    }
    actions, lost, flaws = read(document(paths, info={"title": "T"}))
    assert (["x.b", "x.good"], []) == (actions, lost)
    places = ["/info", "/paths/~1a/get", "/paths/~1b/get/responses/200", ""]
    told = "told only: no request is written by it"
    assert [(place, told if place else "told only: it does not say where") for place in places] == flaws


def test_a_reference_that_leads_nowhere_loses_nothing_else() -> None:
    paths = {"/a": {"post": sent({"$ref": "#/components/schemas/Gone"})}, "/b": {"get": GOOD}}
    assert (["x.good"], ["POST /a"], []) == read(document(paths))


def test_the_validation_stops_when_its_time_is_up_and_says_so() -> None:
    paths = {f"/a{n}": {"get": {**GOOD, "operationId": f"good{n}"}} for n in range(3000)}
    made = surface.read("x", document(paths), caps=Caps(validation_s=0.2), is_validated=True)
    assert 3000 == len(made.actions)
    stopped = "the validation was stopped after 0.2 s and is not complete"
    assert Flaw(pointer="", problem=stopped, fate="told only: it does not say where") in made.flaws
