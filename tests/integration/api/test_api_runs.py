"""Goals become runs that can be followed, stopped, answered and read back over REST."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest


def told(answer: Any, status: int = 200) -> Any:
    assert status == answer.status_code, answer.text
    return answer.json()


def call(name: str, action: str, **args: Any) -> dict[str, Any]:
    return {"id": name, "kind": "call", "action": action, "args": args, "purpose": f"to do {name}"}


def contact() -> dict[str, str]:
    return {"first_name": "Rosa", "last_name": "Diaz", "email": f"rosa.{uuid.uuid4().hex[:10]}@example.com"}


def test_a_goal_is_accepted_planned_carried_out_and_read_back(service: Any, crm: Any) -> None:
    sam, wanted = service.people["sam"], contact()
    words = f"Add the contact Rosa Diaz, {wanted['email']}"
    run_id = service.submit(words, call("add", "crm.create_contact", **wanted))
    run = service.settled(run_id, "done")
    assert (False, [], 1, "sam") == (run["is_stuck"], run["waiting_for"], run["plan_version"], run["submitter"])
    assert run["text"].startswith(words)

    [step] = told(sam.get(f"/v1/runs/{run_id}/steps"))["items"]
    assert ("add", "done", "crm.create_contact", "to do add", 1) == (
        step["id"],
        step["stage"],
        step["action"],
        step["purpose"],
        step["over"],
    )
    [effect] = told(sam.get(f"/v1/runs/{run_id}/effects"))["items"]
    assert ("done", 201, "answer", wanted) == (
        effect["state"],
        effect["status"],
        effect["how"],
        effect["arguments"],
    )
    assert [(1, "done")] == [(one["number"], one["outcome"]) for one in effect["attempts"]]
    decisions = told(sam.get(f"/v1/runs/{run_id}/decisions"))["items"]
    assert list(range(1, len(decisions) + 1)) == [one["seq"] for one in decisions]
    assert ("run.accepted", "sam") == (decisions[0]["kind"], decisions[0]["actor"])
    assert "run.done" == decisions[-1]["kind"]
    trace = told(sam.get(f"/v1/runs/{run_id}/trace"))
    assert {"run", "goal", "plan", "steps", "effects", "approvals", "waits", "decisions"} == set(trace)
    made = [entry for entry in crm.ledger() if (entry["after"] or {}).get("email") == wanted["email"]]
    assert ["createContact"] == [entry["operation_id"] for entry in made]


def test_the_same_idempotency_key_gives_the_same_run(service: Any) -> None:
    sam, key = service.people["sam"], uuid.uuid4().hex
    body = {"text": "Nothing that any script knows"}
    first = sam.post("/v1/goals", json=body, headers={"Idempotency-Key": key})
    again = sam.post("/v1/goals", json=body, headers={"Idempotency-Key": key})
    assert f"/v1/runs/{told(first, 202)['id']}" == first.headers["Location"] == again.headers["Location"]
    other = sam.post("/v1/goals", json={"text": "Another goal"}, headers={"Idempotency-Key": key})
    assert "urn:interlock:problem:key_reused" == told(other, 422)["type"]


def test_requests_with_one_idempotency_key_at_once_make_one_run(service: Any) -> None:
    body, headers = {"text": "Nothing that any script knows"}, {"Idempotency-Key": uuid.uuid4().hex}
    with ThreadPoolExecutor(8) as pool:
        send = service.people["sam"].post
        answers = list(pool.map(lambda _: send("/v1/goals", json=body, headers=headers), range(8)))
    assert 1 == len({told(answer, 202)["id"] for answer in answers})


def test_a_refused_goal_says_why_in_a_sentence(service: Any) -> None:
    refusal = {"kind": "cannot_do", "why": "no action repaints a bike shed", "mend": "buy paint"}
    run_id = service.propose("Repaint the bike shed", refusal)
    run = service.settled(run_id, "refused")
    assert ("no action repaints a bike shed", "buy paint") == (run["reason"], run["problem"]["mend"])
    assert [] == told(service.people["sam"].get(f"/v1/runs/{run_id}/steps"))["items"]


def test_a_question_waits_for_an_answer_and_the_run_goes_on_with_it(service: Any) -> None:
    wanted = contact()
    steps = [
        {"id": "last", "kind": "ask", "args": {"question": "Which last name?"}},
        call("add", "crm.create_contact", **wanted | {"last_name": {"$": "last"}}),
    ]
    run_id = service.submit(f"Add the contact Rosa, {wanted['email']}, after asking for the last name", *steps)
    wait = service.waits(run_id, "answer")
    assert "sam" == wait["owner"]
    listed = told(service.people["sam"].get("/v1/waits", params={"kind": "answer"}))["items"]
    assert wait in listed
    path = f"/v1/waits/{wait['id']}/answer"
    assert 403 == service.people["ida"].post(path, json={"answer": "Mendez"}).status_code
    assert "answered" == told(service.people["sam"].post(path, json={"answer": "Mendez"}))["closed_how"]
    service.settled(run_id, "done")
    [effect] = told(service.people["sam"].get(f"/v1/runs/{run_id}/effects"))["items"]
    assert "Mendez" == effect["arguments"]["last_name"]
    assert 409 == service.people["sam"].post(path, json={"answer": "again"}).status_code


def test_a_run_is_stopped_by_its_submitter_or_an_admin_and_nobody_else(service: Any) -> None:
    name = f"mallory-{uuid.uuid4().hex[:6]}"
    key = told(service.admin.post("/v1/keys", json={"name": name, "roles": ["submitter"]}), 201)["key"]
    run_id = service.submit("Delete contact C-1001", call("drop", "crm.delete_contact", contact_id="C-1001"))
    service.settled(run_id, "waiting")
    path = f"/v1/runs/{run_id}/cancel"
    with service.client(key) as mallory:
        assert 403 == mallory.post(path, json={}).status_code
    stopped = told(service.people["sam"].post(path, json={"reason": "a mistake"}))
    assert ("cancelled", "cancelled by sam: a mistake", []) == (
        stopped["state"],
        stopped["reason"],
        stopped["waiting_for"],
    )
    assert 409 == service.admin.post(path, json={}).status_code


def test_a_connection_that_is_off_stops_calls_and_says_so(service: Any) -> None:
    [connection] = [one for one in told(service.admin.get("/v1/connections"))["items"] if one["system"] == "crm"]
    path = f"/v1/connections/{connection['id']}"
    told(service.admin.patch(path, json={"is_enabled": False}))
    try:
        wanted = contact()
        run_id = service.submit(f"Add Rosa Diaz, {wanted['email']}", call("add", "crm.create_contact", **wanted))
        assert "the connection to crm is switched off" == service.settled(run_id, "failed")["reason"]
    finally:
        told(service.admin.patch(path, json={"is_enabled": True}))


def test_limits_narrow_what_a_run_may_use(service: Any) -> None:
    wanted = contact()
    step = call("add", "crm.create_contact", **wanted)
    run_id = service.submit(f"Add Rosa Diaz, {wanted['email']}", step, limits={"effects": 0})
    assert "budget" in service.settled(run_id, "failed", "refused")["reason"]


def test_a_parked_effect_is_settled_by_a_persons_word(service: Any, crm: Any) -> None:
    wanted = contact()
    crm.arm_fault("createContact", "after_commit", "drop", times=1)
    step = call("add", "crm.create_contact", **wanted)
    service.admin.post(
        "/v1/systems/crm/accept",
        json={"actions": [], "overrides": {"crm.create_contact": {"resolver": {"kind": "park"}, "timeout_s": 2}}},
    )
    run_id = service.submit(f"Add Rosa Diaz, {wanted['email']}", step)
    wait = service.waits(run_id, "repair")
    assert "approver" == wait["owner"]
    found = {"finding": "happened", "reason": "I looked it up", "result": {"id": "C-1", **wanted}}
    repaired = told(service.people["ann"].post(f"/v1/effects/{wait['reference']}/repair", json=found))
    assert ("done", "person", found["result"]) == (repaired["state"], repaired["how"], repaired["result"])
    service.settled(run_id, "done")
    again = service.people["ann"].post(f"/v1/effects/{wait['reference']}/repair", json=found)
    assert 409 == again.status_code


def test_runs_are_listed_newest_first_in_pages_without_gap_or_repetition(service: Any) -> None:
    sam = service.people["sam"]
    made = [service.propose("Nothing", {"kind": "cannot_do", "why": "no"}) for _ in range(5)]
    for run_id in made:
        service.settled(run_id, "refused")
    seen: list[str] = []
    cursor = None
    while len(seen) < 5:
        query = {"limit": 2, "state": "refused"} | ({"cursor": cursor} if cursor else {})
        page = told(sam.get("/v1/runs", params=query))
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert made[::-1] == seen[:5]


@pytest.mark.parametrize("path", ["", "/steps", "/effects", "/decisions", "/trace", "/stream"])
def test_an_unknown_run_is_not_found(service: Any, path: str) -> None:
    problem = told(service.people["sam"].get(f"/v1/runs/run_nothing{path}"), 404)
    assert "there is no run run_nothing" == problem["detail"]
