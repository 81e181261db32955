"""Approvals over REST: the exact request, by the right people, decided once and as it was seen."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def told(answer: Any, status: int = 200) -> Any:
    assert status == answer.status_code, answer.text
    return answer.json()


def mail(**change: Any) -> dict[str, Any]:
    """A step that asks a person: its subject is not in the goal's words."""
    args = {"to": "rosa@example.com", "subject": f"Hello {uuid.uuid4().hex}", "body": "Welcome aboard"}
    return {"id": "write", "kind": "call", "action": "crm.send_email", "args": args | change}


def asks(service: Any, **change: Any) -> tuple[str, Any]:
    run_id = service.submit("Write to rosa@example.com", mail(**change))
    return run_id, service.asks(run_id)


def test_the_approval_shows_the_exact_request_with_its_labels(service: Any) -> None:
    run_id, approval = asks(service)
    request = approval["bound"]["request"]
    assert ("POST", "application/json") == (request["method"], request["content_type"])
    assert approval["arguments"] == json.loads(request["body"]["text"])
    assert {"/to": "user", "/subject": "model", "/body": "model"} == approval["bound"]["labels"]
    assert (run_id, "open", "class.message", "approver", 1, True, "sam") == tuple(
        approval[name] for name in ("run", "state", "rule", "role", "count", "not_requester", "requester")
    )
    answer = service.people["ann"].get(f"/v1/approvals/{approval['id']}")
    assert f'"{approval["digest"]}.{approval["version"]}"' == answer.headers["ETag"]
    assert approval["id"] in [one["id"] for one in told(service.people["ann"].get("/v1/approvals"))["items"]]


def test_an_approved_request_is_sent_once_as_it_was_shown(service: Any, crm: Any) -> None:
    run_id, approval = asks(service)
    decided = told(service.decide("ann", approval, choice="approve", reason="fine"))
    assert ("approved", "approve", "ann", "fine") == (
        decided["state"],
        decided["decisions"][0]["choice"],
        decided["decisions"][0]["actor"],
        decided["decisions"][0]["reason"],
    )
    service.settled(run_id, "done")
    subject = approval["arguments"]["subject"]
    sent = [entry for entry in crm.ledger() if (entry["after"] or {}).get("subject") == subject]
    assert 1 == len(sent)
    assert "used" == told(service.people["ann"].get(f"/v1/approvals/{approval['id']}"))["state"]


def test_a_rejected_request_is_never_sent_and_the_run_says_why(service: Any, crm: Any) -> None:
    run_id, approval = asks(service)
    told(service.decide("ann", approval, choice="reject", reason="not on a Sunday"))
    assert "not on a Sunday" in service.settled(run_id, "failed")["reason"]
    assert approval["arguments"]["subject"] not in json.dumps(crm.ledger())


def test_edited_arguments_are_asked_about_anew_and_sent(service: Any, crm: Any) -> None:
    run_id, approval = asks(service)
    better = approval["arguments"] | {"subject": f"Better {uuid.uuid4().hex}"}
    assert "superseded" == told(service.decide("ann", approval, choice="edit", edited_arguments=better))["state"]
    ends = service.asks(run_id, after=approval["id"])
    assert better == ends["arguments"] == json.loads(ends["bound"]["request"]["body"]["text"])
    assert ends["digest"] != approval["digest"]
    told(service.decide("ben", ends, choice="approve"))
    service.settled(run_id, "done")
    assert better["subject"] in json.dumps(crm.ledger())
    assert approval["arguments"]["subject"] not in json.dumps(crm.ledger())


def test_an_edit_that_the_action_does_not_take_is_told_place_by_place_and_decides_nothing(service: Any) -> None:
    _, approval = asks(service)
    changed = {name: value for name, value in approval["arguments"].items() if name != "to"}
    problem = told(
        service.decide("ann", approval, choice="edit", edited_arguments=changed | {"subject": 7, "colour": "red"}), 422
    )
    assert {
        ("/to", "expected a value, since it is required, came nothing"),
        ("/subject", "expected string, came an integer"),
        ("/colour", "expected no property of this name, came a text of 3 characters"),
    } == {(one["pointer"], one["problem"]) for one in problem["problems"]}
    assert problem["detail"].startswith("the arguments do not fit crm.send_email: /")
    assert "open" == told(service.people["ann"].get(f"/v1/approvals/{approval['id']}"))["state"]
    assert 422 == service.decide("ann", approval, choice="edit").status_code


def test_whoever_asked_may_not_approve_even_as_an_admin(service: Any) -> None:
    name = f"both-{uuid.uuid4().hex[:6]}"
    key = told(service.admin.post("/v1/keys", json={"name": name, "roles": ["admin"]}), 201)["key"]
    tag = service._script.tell({"kind": "plan", "steps": [mail()]})
    with service.client(key) as both:
        run_id = told(both.post("/v1/goals", json={"text": f"Write to rosa@example.com ({tag})"}), 202)["id"]
        approval = service.asks(run_id)
        seen = {"If-Match": f'"{approval["digest"]}.{approval["version"]}"'}
        path = f"/v1/approvals/{approval['id']}/decision"
        problem = told(both.post(path, json={"choice": "approve"}, headers=seen), 403)
    assert "whoever asked for the run may not approve this; another person must" == problem["detail"]


def test_a_decision_names_what_was_seen(service: Any) -> None:
    _, approval = asks(service)
    ann, path = service.people["ann"], f"/v1/approvals/{approval['id']}/decision"
    assert 428 == ann.post(path, json={"choice": "approve"}).status_code
    stale = f'"{"0" * 64}.{approval["version"]}"'
    assert 412 == ann.post(path, json={"choice": "approve"}, headers={"If-Match": stale}).status_code
    assert 200 == service.decide("ann", approval, choice="approve").status_code
    assert 412 == service.decide("ben", approval, choice="reject").status_code


def test_of_many_decisions_at_once_one_counts(service: Any, crm: Any) -> None:
    run_id, approval = asks(service)
    with ThreadPoolExecutor(8) as pool:
        words = [("ann", "approve"), ("ben", "approve"), ("ann", "reject"), ("ben", "reject")] * 2
        answers = list(pool.map(lambda word: service.decide(word[0], approval, choice=word[1], reason="race"), words))
    assert [200] == [answer.status_code for answer in answers if answer.status_code not in (409, 412)]
    run = service.settled(run_id, "done", "failed")
    sent = json.dumps(crm.ledger()).count(approval["arguments"]["subject"])
    assert (run["state"] == "done") == (sent > 0)


def test_two_people_are_asked_where_two_are_needed(service: Any) -> None:
    source = "rules:\n  - id: two\n    why: It goes out in our name.\n    when: action['id'] == 'crm.send_email'\n"
    source += "    then: ask\n    by: {count: 2, within: 1h}\n"
    told(service.admin.put("/v1/policies", json={"source": source}))
    try:
        run_id, approval = asks(service)
        assert (2, "two") == (approval["count"], approval["rule"])
        first = told(service.decide("ann", approval, choice="approve"))
        assert ("open", 2) == (first["state"], first["version"])
        assert 409 == service.decide("ann", first, choice="approve").status_code
        assert "approved" == told(service.decide("ben", first, choice="approve"))["state"]
        service.settled(run_id, "done")
    finally:
        told(service.admin.put("/v1/policies", json={"source": "rules: []"}))
