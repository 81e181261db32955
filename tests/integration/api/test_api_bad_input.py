"""What does not fit is told as a problem document that points at its place; nothing breaks."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
import pytest


def told(answer: Any, status: int) -> Any:
    assert status == answer.status_code, answer.text
    assert "application/problem+json" == answer.headers["Content-Type"]
    problem = answer.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert status == problem["status"]
    return problem


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"text": "\\ud800"}',
        b'{"text": "a\\u0000b"}',
        b'{"text": 1}',
    ],
    ids=["empty", "cut", "list", "text", "not UTF-8", "deep", "lone surrogate", "NUL", "number"],
)
def test_a_body_that_is_no_goal_is_refused(service: Any, body: bytes) -> None:
    answer = service.people["sam"].post("/v1/goals", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    told(answer, answer.status_code)


def test_every_wrong_field_is_pointed_at_without_being_repeated(service: Any) -> None:
    body = {"text": ["s3cret"], "purpose": 5, "limits": {"effects": -1}, "txet": "s3cret"}
    problem = told(service.people["sam"].post("/v1/goals", json=body), 422)
    assert ["/limits/effects", "/purpose", "/text", "/txet"] == sorted(one["pointer"] for one in problem["problems"])
    assert "s3cret" not in str(problem)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/", 404),
        ("DELETE", "/v1/goals", 405),
        ("GET", "/v1/runs?limit=0", 422),
        ("GET", "/v1/runs?limit=9999", 422),
        ("GET", "/v1/runs?state=asleep", 422),
        ("GET", "/v1/runs?cursor=garbage", 422),
        ("GET", "/v1/runs?cursor=WzEsMl0", 422),
        ("GET", "/v1/actions/nothing", 404),
        ("GET", "/v1/actions/crm.nothing", 404),
        ("GET", "/v1/systems/nothing", 404),
        ("POST", "/v1/systems/nothing/accept", 404),
        ("PUT", "/v1/systems/nothing/document", 404),
        ("GET", "/v1/connections/nothing", 404),
        ("GET", "/v1/approvals/nothing", 404),
        ("GET", "/v1/audit/chains/nothing", 404),
        ("POST", "/v1/waits/nothing/restore", 404),
        ("POST", "/v1/keys/nothing/revoke", 404),
    ],
)
def test_what_is_not_there_or_not_allowed_is_a_problem_document(
    service: Any, method: str, path: str, status: int
) -> None:
    answer = service.admin.request(method, path, json={})
    problem = told(answer, status)
    if status == 405:
        assert "POST" == answer.headers["Allow"]
    assert problem["detail"]


def test_accepting_what_is_not_there_or_unknown_is_refused(service: Any) -> None:
    path = "/v1/systems/crm/accept"
    told(service.admin.post(path, json={"actions": ["crm.fly"]}), 404)
    told(service.admin.post(path, json={"revision": 99}), 404)
    wrong = {"overrides": {"crm.send_email": {"action_class": "harmless"}}}
    told(service.admin.post(path, json=wrong), 422)
    fixed = {"overrides": {"crm.send_email": {"path": "/elsewhere"}}}
    told(service.admin.post(path, json=fixed), 422)
    assert "message" == service.admin.get("/v1/actions/crm.send_email").json()["action_class"]


@pytest.mark.parametrize(
    "source",
    [
        "rules: [",
        "rules: 5",
        "money_cap: -1",
        "rules:\n  - {id: a, why: b, when: 'import os', then: allow}",
        "colour: blue",
    ],
    ids=["not YAML", "wrong type", "negative", "no expression", "unknown field"],
)
def test_a_policy_that_cannot_be_read_changes_nothing(service: Any, source: str) -> None:
    before = service.admin.get("/v1/policies").json()
    assert (
        "urn:interlock:problem:policy" == told(service.admin.put("/v1/policies", json={"source": source}), 422)["type"]
    )
    assert before == service.admin.get("/v1/policies").json()


def test_a_body_that_is_too_large_is_refused(service: Any) -> None:
    told(service.people["sam"].post("/v1/goals", content=b" " * (1024 * 1024 + 1)), 413)


def test_the_log_holds_after_all_this(service: Any) -> None:
    verified = service.people["ida"].get("/v1/audit/verify").json()
    assert (None, True) == (verified["bad"], verified["records"] > 0)


def test_an_exported_chain_is_whole_and_hashes_as_written(service: Any) -> None:
    lines = service.people["ida"].get("/v1/audit/chains/registry/export").text.splitlines()
    prev = "0" * 64
    for number, line in enumerate(lines, 1):
        record = orjson.loads(line)
        digest = record.pop("hash")
        assert (number, prev) == (record["seq"], record["prev"])
        assert digest == hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()
        prev = digest


def test_health_and_readiness_are_open_and_say_little(service: Any) -> None:
    with service.client() as nobody:
        assert {"status": "ok"} == nobody.get("/healthz").json()
        assert {"status": "ready"} == nobody.get("/readyz").json()
