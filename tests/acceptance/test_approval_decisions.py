"""What people may say about a request that waits, what becomes of it, and what nobody may say."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from api.cli.client import Api, Problem
from evals import pursuit
from evals.stage import Stage

POLICY = """
money_cap: 20000
rules:
  - id: invoices-are-seen
    why: An invoice is looked at before the customer gets it.
    when: action.id == "billing.post_invoices"
    then: ask
  - id: large-invoices-are-seen-twice
    why: Two people look at an invoice over 10,000.
    when: action.id == "billing.post_invoices" and args.amount > 1000000  # in cents
    then: ask
    by: {count: 2}
  - id: customers-at-once
    why: A new customer is looked at while the caller holds the line.
    when: action.id == "billing.post_customers"
    then: ask
    by: {within: 1s}
"""
INVOICE = "Draft an invoice over 1,250 EUR for billing customer cus_GzuuSwevYzuVOR"
LARGE_INVOICE = "Draft an invoice over 12,500 EUR for billing customer cus_GzuuSwevYzuVOR"
REQUEST = {"customer": "cus_GzuuSwevYzuVOR", "amount": 125_000, "currency": "eur"}
CUSTOMER = 'Create a customer in billing with the name "Acme Fabrics" and the email ap@acme.example.'


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    # Expired approvals are swept every half lease.
    quick = {"INTERLOCK_LEASE_S": "2"}
    with Stage.start(tmp_path_factory.mktemp("words"), names=("billing",), environment=quick) as it:
        it.admin.put("/v1/policies", {"source": POLICY})
        yield it


@pytest.fixture
def sam(stage: Stage) -> Api:
    return stage.people["sam"]


@pytest.fixture
def ann(stage: Stage) -> Api:
    return stage.people["ann"]


@pytest.fixture
def sent(stage: Stage) -> Callable[[], list[dict[str, Any]]]:
    """The invoices that arrived in billing since the test began, in the terms of the request."""
    ledger = stage.enterprise["billing"].ledger
    before = len(ledger())
    return lambda: [{name: entry["after"][name] for name in REQUEST} for entry in ledger()[before:]]


def test_an_edited_request_is_asked_about_again_and_is_the_one_that_arrives(sam: Api, ann: Api, sent) -> None:
    run = pursuit.submit(sam, INVOICE)
    first = pursuit.asked(sam, run)
    assert "superseded" == pursuit.decide(ann, first, "edit", edited_arguments=REQUEST | {"amount": 99_000})["state"]

    second = pursuit.asked(sam, run, after=first)
    asked = sam.get(f"/v1/approvals/{second}")
    assert (REQUEST | {"amount": 99_000}, "invoices-are-seen", "open") == (
        asked["arguments"],
        asked["rule"],
        asked["state"],
    )
    assert [] == sent()
    pursuit.decide(ann, second, "approve")
    assert "done" == pursuit.ended(sam, run)["state"]
    assert [REQUEST | {"amount": 99_000}] == sent()
    assert [(REQUEST | {"amount": 99_000}, "done")] == [
        (effect["arguments"], effect["state"]) for effect in sam.items(f"/v1/runs/{run}/effects")
    ]


def test_an_edit_that_changes_a_type_is_refused_and_the_question_stays_open(sam: Api, ann: Api) -> None:
    run = pursuit.submit(sam, INVOICE)
    approval = pursuit.asked(sam, run)
    with pytest.raises(Problem) as refused:
        pursuit.decide(ann, approval, "edit", edited_arguments=REQUEST | {"amount": "99000"})
    assert {
        "type": "urn:interlock:problem:invalid",
        "title": "The input is not valid",
        "status": 422,
        "detail": "the arguments do not fit billing.post_invoices: "
        "/amount: expected integer, came a text of 5 characters",
        "problems": [
            {"pointer": "/amount", "problem": "expected integer, came a text of 5 characters", "source": "body"}
        ],
    } == refused.value.document
    assert "open" == sam.get(f"/v1/approvals/{approval}")["state"]


def test_a_rejected_step_sends_nothing_and_shows_the_reason(sam: Api, ann: Api, sent) -> None:
    run = pursuit.submit(sam, INVOICE)
    pursuit.decide(ann, pursuit.asked(sam, run), "reject", reason="Cobalt Robotics is insolvent")
    ended = pursuit.ended(sam, run)
    assert ("failed", "Cobalt Robotics is insolvent", []) == (ended["state"], ended["reason"], ended["waiting_for"])
    assert ([], []) == (sent(), sam.items(f"/v1/runs/{run}/effects"))


def test_an_approval_that_nobody_gives_in_time_expires_and_the_run_says_so(sam: Api, ann: Api, sent) -> None:
    run = pursuit.submit(sam, CUSTOMER)
    approval = pursuit.asked(sam, run)
    ended = pursuit.ended(sam, run)
    assert ("failed", "nobody approved it in time") == (ended["state"], ended["reason"])
    assert "expired" == sam.get(f"/v1/approvals/{approval}")["state"]
    with pytest.raises(Problem) as refused:
        pursuit.decide(ann, approval, "approve")
    assert (409, "this approval is expired already") == (refused.value.document["status"], refused.value.detail)
    assert [] == sent()


def test_a_decision_counts_once_however_often_it_is_sent(sam: Api, ann: Api, sent) -> None:
    run = pursuit.submit(sam, INVOICE)
    path = f"/v1/approvals/{pursuit.asked(sam, run)}"
    _, etag = ann.seen(path)
    ann.post(f"{path}/decision", {"choice": "approve"}, if_match=etag)
    assert "done" == pursuit.ended(sam, run)["state"]

    assert 412 == _refusal(ann, path, etag)["status"]
    again = _refusal(ann, path, ann.seen(path)[1])
    assert (409, "you decided this already; another person is needed") == (again["status"], again["detail"])
    assert [REQUEST] == sent()


def test_a_decision_about_a_request_that_was_not_seen_is_refused(sam: Api, ann: Api, stage: Stage, sent) -> None:
    run = pursuit.submit(sam, INVOICE)
    path = f"/v1/approvals/{pursuit.asked(sam, run)}"
    _, etag = ann.seen(path)
    stage.people["ben"].post(f"{path}/decision", {"choice": "edit", "edited_arguments": REQUEST}, if_match=etag)
    assert {
        "type": "about:blank",
        "title": "Precondition Failed",
        "status": 412,
        "detail": "The approval is not the one you saw; read it again and decide anew.",
    } == _refusal(ann, path, etag)
    assert 428 == _refusal(ann, path, None)["status"]
    assert [] == sent()


@pytest.mark.parametrize("roles", [["submitter", "approver"], ["admin"]], ids=["an approver", "an admin"])
def test_whoever_asked_may_not_approve(stage: Stage, sent, roles: list[str]) -> None:
    key = stage.admin.post("/v1/keys", {"name": f"kim-{roles[0]}", "roles": roles})["key"]
    with Api(stage.server.url, key) as kim:
        run = pursuit.submit(kim, INVOICE)
        with pytest.raises(Problem) as refused:
            pursuit.decide(kim, pursuit.asked(kim, run), "approve")
    assert {
        "type": "urn:interlock:problem:forbidden",
        "title": "Not allowed",
        "status": 403,
        "detail": "whoever asked for the run may not approve this; another person must",
    } == refused.value.document
    assert [] == sent()


@pytest.mark.parametrize("person", ["ann", "ben"], ids=["before a yes", "between two people's yes"])
def test_a_byte_changed_in_what_was_asked_stops_the_request(stage: Stage, sam: Api, sent, person: str) -> None:
    run = pursuit.submit(sam, LARGE_INVOICE)
    approval = pursuit.asked(sam, run)
    if person == "ben":
        assert "open" == pursuit.decide(stage.people["ann"], approval, "approve")["state"]
    _overwrite(stage, "approval", "bound", "id", approval)
    with pytest.raises(Problem) as refused:
        pursuit.decide(stage.people[person], approval, "approve")
    assert {
        "type": "urn:interlock:problem:conflict",
        "title": "The state is another by now",
        "status": 409,
        "detail": "the stored request does not match its digest; nobody may decide on it",
    } == refused.value.document
    assert [] == sent()


def test_a_byte_changed_in_what_will_be_sent_is_asked_about_again(stage: Stage, sam: Api, ann: Api, sent) -> None:
    """The two people's yes was about the request before; it does not count for the one that the run makes now."""
    run = pursuit.submit(sam, LARGE_INVOICE)
    approval = pursuit.asked(sam, run)
    pursuit.decide(ann, approval, "approve")
    _overwrite(stage, "plan_version", "body", "run", run)
    assert "approved" == pursuit.decide(stage.people["ben"], approval, "approve")["state"]

    asked = sam.get(f"/v1/approvals/{pursuit.asked(sam, run, after=approval)}")
    assert ("open", 9_250_000, []) == (asked["state"], asked["arguments"]["amount"], asked["decisions"])
    assert [] == sent()


def _refusal(api: Api, path: str, etag: str | None) -> dict[str, Any]:
    with pytest.raises(Problem) as refused:
        api.post(f"{path}/decision", {"choice": "approve"}, if_match=etag)
    return refused.value.document


def _overwrite(stage: Stage, table: str, column: str, key: str, value: str) -> None:
    """Change the amount in the stored JSON behind the service's back, as somebody with access to the database could."""
    with closing(sqlite3.connect(stage.server.folder / "interlock.sqlite")) as database, database:
        (stored,) = database.execute(f"SELECT {column} FROM {table} WHERE {key} = ?", [value]).fetchone()  # noqa: S608 ours
        changed = stored.replace("1250000", "9250000")
        assert json.loads(stored) != json.loads(changed)
        database.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", [changed, value])  # noqa: S608 ours
