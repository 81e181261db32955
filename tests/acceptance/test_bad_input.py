"""Whatever is wrong with a request: a problem document says what, where and the mend, and nothing is left half-done."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.cli.client import Problem
from evals.stage import Stage

INVALID = {"type": "urn:interlock:problem:invalid", "title": "The input is not valid", "status": 422}
UNKNOWN = {"type": "urn:interlock:problem:unknown", "title": "No such thing here", "status": 404}
NO_SYSTEM = {"detail": "there is no system nowhere", "mend": "`interlock systems list` shows those there are"}
DOCUMENT = {"type": "urn:interlock:problem:document", "title": "Not a usable API document", "status": 422}
JSON = {"Content-Type": "application/json"}


def told(pointer: str, problem: str) -> dict[str, Any]:
    """The part of a problem document that names the one place that is wrong."""
    places = [{"pointer": pointer, "problem": problem, "source": "body"}]
    return {"detail": f"body {pointer}: {problem}", "problems": places}


REFUSED: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "malformed JSON": (
        "POST",
        "/v1/goals",
        {"content": b'{"text": "Create', "headers": JSON},
        {
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "detail": "The body is not JSON: unterminated string at character 10.",
        },
    ),
    "another content type": (
        "POST",
        "/v1/goals",
        {"content": b"text=Create+a+contact", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {
            "type": "about:blank",
            "title": "Unsupported Media Type",
            "status": 415,
            "detail": "Send the body as JSON, with the header `Content-Type: application/json`.",
        },
    ),
    "an over-long goal": (
        "POST",
        "/v1/goals",
        {"json": {"text": "x" * 4001}},
        INVALID | told("/text", "String should have at most 4000 characters"),
    ),
    "a misspelt field": (
        "POST",
        "/v1/goals",
        {"json": {"text": "Create a contact", "deadlin": "2030-01-01T00:00:00Z"}},
        INVALID | told("/deadlin", "Extra inputs are not permitted"),
    ),
    "an empty goal": (
        "POST",
        "/v1/goals",
        {"json": {"text": " \n"}},
        INVALID
        | told("/text", "the goal is empty; say in a sentence what should be done")
        | {"detail": "the goal is empty; say in a sentence what should be done"},
    ),
    "an unknown run": ("GET", "/v1/runs/run_none", {}, UNKNOWN | {"detail": "there is no run run_none"}),
    "no such system": ("GET", "/v1/systems/nowhere", {}, UNKNOWN | NO_SYSTEM),
    "a connection to no system": (
        "POST",
        "/v1/connections",
        {"json": {"system": "nowhere"}},
        UNKNOWN | NO_SYSTEM,
    ),
    "a document of no system": (
        "PUT",
        "/v1/systems/nowhere/document",
        {"content": b"{}"},
        UNKNOWN | NO_SYSTEM,
    ),
    "an action that the document does not have": (
        "POST",
        "/v1/systems/crm/accept",
        {"json": {"actions": ["crm.fly"]}},
        UNKNOWN
        | {
            "detail": "no action 'crm.fly' in revision 1 of 'crm'",
            "mend": "`interlock systems show crm` lists those there are",
        },
    ),
    "a system that is there already": (
        "POST",
        "/v1/systems",
        {"json": {"slug": "crm", "base_url": "https://crm.example"}},
        {
            "type": "urn:interlock:problem:conflict",
            "title": "The state is another by now",
            "status": 409,
            "detail": "there is a system crm already",
            "mend": "give it the document with `interlock systems update crm`, or take another name",
        },
    ),
}


@pytest.mark.parametrize(("method", "path", "sent", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_bad_request_is_answered_with_a_problem_document(
    crm_stage: Stage, method: str, path: str, sent: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = _rows(crm_stage)
    key = (crm_stage.server.folder / "admin.key").read_text("ascii").strip()
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
        answer = client.request(method, crm_stage.server.url + path, **sent)
    assert ("application/problem+json", expected["status"]) == (answer.headers["content-type"], answer.status_code)
    assert expected == answer.json()
    assert before == _rows(crm_stage)


NO_DOCUMENTS = {
    "AsyncAPI": (
        '{"asyncapi": "2.6.0", "info": {"title": "Events", "version": "1"}, "channels": {}}',
        {
            "detail": "This looks like an AsyncAPI 2.6.0 document, not like an OpenAPI or Swagger document",
            "problems": [
                {
                    "pointer": "/asyncapi",
                    "problem": "This looks like an AsyncAPI 2.6.0 document, not like an OpenAPI or Swagger document",
                    "source": "body",
                }
            ],
        },
    ),
    "HTML": (
        "<!doctype html>\n<html><body>Please sign in</body></html>",
        {"detail": "This is an HTML page: use the address of the document itself, not of the page that shows it"},
    ),
    "cut JSON": (
        '{"openapi": "3.0.3", "info": {"title": "Cut',
        {
            "detail": "The document cannot be used: it is not valid JSON: unexpected end of data. "
            "It seems to be cut off. (line 1, column 44)"
        },
    ),
}


@pytest.mark.parametrize(("document", "expected"), NO_DOCUMENTS.values(), ids=NO_DOCUMENTS)
def test_a_document_that_is_none_registers_nothing(crm_stage: Stage, document: str, expected: dict[str, Any]) -> None:
    new = {"slug": "other", "base_url": "https://other.example", "document": document}
    before = _rows(crm_stage)
    with pytest.raises(Problem) as refused:
        crm_stage.admin.post("/v1/systems", new)
    assert DOCUMENT | expected == refused.value.document
    assert before == _rows(crm_stage)


def _rows(stage: Stage) -> list[list[dict[str, Any]]]:
    """All that a request could have left behind."""
    return [stage.admin.items(f"/v1/{what}") for what in ("runs", "systems", "connections", "actions")]
