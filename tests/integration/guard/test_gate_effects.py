"""The gate over real services: an effect happens at most once, whatever comes between sending and settling."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from tools.guard.ledger import Lease
from tools.guard.scope import Grant
from tools.guard.verdict import InDoubt, Refused, Settled, Waiting
from tools.labels import Label


def contact(name: str = "") -> dict[str, Any]:
    unique = name or uuid.uuid4().hex[:8]
    return {"first_name": "Ada", "last_name": unique.title(), "email": f"{unique}@effects.example"}


def ticket(reference: str) -> dict[str, Any]:
    return {
        "subject": "Pump fails",
        "description": "It stopped.",
        "requester_email": "ada@effects.example",
        "external_ref": reference,
    }


async def test_an_effect_is_recorded_before_and_after_it_happens(bench: Any) -> None:
    bench.mark()
    outcome = await bench.submit("crm.create_contact", contact())
    assert isinstance(outcome, Settled)
    assert ["guard.allow", "effect.sending", "effect.done"] == await bench.kinds()
    assert ["POST /contacts"] == bench.written("crm")


async def test_the_same_position_never_sends_twice(bench: Any) -> None:
    bench.mark()
    given = contact()
    first = await bench.submit("crm.create_contact", given)
    again = await bench.submit("crm.create_contact", given)
    assert isinstance(first, Settled)
    assert Settled(result=first.result, status=201, is_replay=True) == again
    assert ["POST /contacts"] == bench.written("crm")


async def test_other_arguments_at_a_settled_position_change_nothing(bench: Any) -> None:
    bench.mark()
    first = await bench.submit("crm.create_contact", contact())
    other = await bench.submit("crm.create_contact", contact())
    assert isinstance(first, Settled)
    assert isinstance(other, Settled)
    assert (True, first.result) == (other.is_replay, other.result)
    assert ["POST /contacts"] == bench.written("crm")


async def test_the_same_thing_elsewhere_in_the_run_asks_first(bench: Any) -> None:
    bench.mark()
    await bench.submit("tickets.create_ticket", ticket("TWICE-1"), step="1/a")
    again = await bench.submit("tickets.create_ticket", ticket("TWICE-1"), step="2/b")
    assert isinstance(again, Waiting)
    assert ("approval", ["POST /tickets"]) == (again.kind, bench.written("tickets"))


async def test_two_workers_at_one_position_send_once(bench: Any) -> None:
    bench.mark()
    given = ticket("RACE-1")
    outcomes = await asyncio.gather(
        *(
            bench.submit("tickets.create_ticket", given, lease=Lease(worker=f"w{number}", fence=number))
            for number in range(1, 6)
        )
    )
    assert ["POST /tickets"] == bench.written("tickets")
    assert any(isinstance(outcome, Settled) for outcome in outcomes)


@pytest.mark.parametrize("action", ["drop", "reset"])
async def test_a_reply_lost_after_the_commit_is_found_by_the_natural_key(bench: Any, action: str) -> None:
    bench.mark()
    bench.enterprise["crm"].arm_fault("createContact", "after_commit", action)
    given = contact()
    first = await bench.submit("crm.create_contact", given)
    assert isinstance(first, Waiting)
    assert "may still be under way" in first.why
    await asyncio.sleep(1.1)
    outcome = await bench.submit("crm.create_contact", given)
    assert isinstance(outcome, Settled)
    assert given["email"] == outcome.result["email"]
    assert (["POST /contacts"], [(1, "in_doubt")]) == (bench.written("crm"), await bench.attempts())


async def test_a_request_that_never_arrived_is_sent_again_after_the_look_up(bench: Any) -> None:
    bench.mark()
    bench.enterprise["tickets"].arm_fault("create-ticket", "before_commit", "drop")
    first = await bench.submit("tickets.create_ticket", ticket("LOST-1"))
    assert isinstance(first, Waiting)
    await asyncio.sleep(1.1)
    outcome = await bench.submit("tickets.create_ticket", ticket("LOST-1"))
    assert isinstance(outcome, Settled)
    assert ["POST /tickets"] == bench.written("tickets")
    assert [(1, "in_doubt"), (2, "done")] == await bench.attempts()


async def test_a_proven_key_is_sent_again_at_once_and_billed_once(bench: Any) -> None:
    bench.mark()
    resolver = {"kind": "key", "key_header": "Idempotency-Key", "is_proven": True}
    await bench.override("billing.post_customers", resolver=resolver)
    bench.enterprise["billing"].arm_fault("PostCustomers", "after_commit", "drop")
    outcome = await bench.submit("billing.post_customers", {"email": "once@effects.example"})
    assert isinstance(outcome, Settled)
    assert ["POST /customers"] == bench.written("billing")
    assert [(1, "in_doubt"), (2, "done")] == await bench.attempts()


async def test_an_effect_that_nothing_can_tell_of_is_parked(bench: Any) -> None:
    bench.mark()
    bench.enterprise["tickets"].arm_fault("create-ticket", "after_commit", "drop")
    given = ticket("x")
    del given["external_ref"]
    await bench.submit("tickets.create_ticket", given)
    await asyncio.sleep(1.1)
    outcome = await bench.submit("tickets.create_ticket", given)
    assert isinstance(outcome, InDoubt)
    assert ["parked"] == [effect.state for effect in await bench.effects()]
    assert isinstance(await bench.submit("tickets.create_ticket", given), InDoubt)
    assert ["POST /tickets"] == bench.written("tickets")


async def test_a_server_error_is_in_doubt_and_not_retried(bench: Any) -> None:
    bench.mark()
    bench.enterprise["tickets"].arm_fault("create-ticket", "after_commit", "status", status=500)
    first = await bench.submit("tickets.create_ticket", ticket("FIVE-1"))
    assert isinstance(first, Waiting)
    assert (["POST /tickets"], [(1, "in_doubt")]) == (bench.written("tickets"), await bench.attempts())


async def test_a_documented_refusal_is_final_and_explained(bench: Any) -> None:
    given = contact()
    await bench.submit("crm.create_contact", given, step="1/a")
    outcome = await bench.submit("crm.create_contact", given | {"first_name": "Eve"}, step="1/b")
    assert isinstance(outcome, Refused)
    assert ("system", 409) == (outcome.by, outcome.status)


async def test_too_many_requests_waits_as_long_as_the_system_says(bench: Any) -> None:
    bench.mark()
    bench.enterprise["crm"].arm_fault("createContact", "before_commit", "status", status=429, retry_after_s=7)
    outcome = await bench.submit("crm.create_contact", contact())
    assert isinstance(outcome, Waiting)
    assert outcome.until_s is not None
    assert ("timer", 7, []) == (outcome.kind, round(outcome.until_s), bench.written("crm"))


async def test_a_system_that_is_down_makes_the_run_wait(bench: Any) -> None:
    bench.enterprise.stop("crm")
    try:
        outcome = await bench.submit("crm.create_contact", contact())
    finally:
        bench.enterprise.start_one("crm")
    assert isinstance(outcome, Waiting)
    assert "timer" == outcome.kind
    assert ["intended"] == [effect.state for effect in await bench.effects()]


async def test_a_read_is_judged_and_recorded_but_is_no_effect(bench: Any) -> None:
    outcome = await bench.submit("crm.get_deal", {"deal_id": "D-104"})
    assert isinstance(outcome, Settled)
    assert ("won", [], ["guard.allow"]) == (outcome.result["stage"], await bench.effects(), await bench.kinds())


@pytest.mark.parametrize(
    ("action", "arguments", "why"),
    [
        ("crm.no_such_action", {}, "is not an accepted action"),
        ("crm.create_contact", {"first_name": "A"}, "the arguments do not fit"),
        ("crm.get_deal", {"deal_id": "../contacts"}, "deal_id"),
        ("crm.get_deal", {"deal_id": "D-104", "admin": True}, "the arguments do not fit"),
    ],
)
async def test_what_cannot_be_sent_safely_is_refused(
    bench: Any, action: str, arguments: dict[str, Any], why: str
) -> None:
    bench.mark()
    outcome = await bench.submit(action, arguments)
    assert isinstance(outcome, Refused)
    assert "guard" == outcome.by
    assert why in outcome.why
    assert [] == bench.written("crm")


async def test_a_run_keeps_to_its_grant(bench: Any) -> None:
    grant = Grant(workspace="default", requester="sam", systems=frozenset({"tickets"}))
    outcome = await bench.submit("crm.create_contact", contact(), grant=grant)
    assert Refused(by="guard", why="this run may not use the system crm") == outcome


async def test_a_budget_of_effects_is_kept(bench: Any) -> None:
    grant = Grant(workspace="default", requester="sam", effects=1)
    assert isinstance(await bench.submit("crm.create_contact", contact(), grant=grant, step="1/a"), Settled)
    outcome = await bench.submit("crm.create_contact", contact(), grant=grant, step="1/b")
    assert Refused(by="guard", why="the run's budget of 1 effects is used up") == outcome


async def test_the_kill_switch_of_a_connection_stops_every_call(bench: Any) -> None:
    await bench.change_connection("crm", is_enabled=False)
    outcome = await bench.submit("crm.get_deal", {"deal_id": "D-104"})
    assert Refused(by="guard", why="the connection to crm is switched off") == outcome


async def test_a_connection_without_a_secret_waits_for_one(bench: Any) -> None:
    await bench.change_connection("crm", sealed=None)
    outcome = await bench.submit("crm.get_deal", {"deal_id": "D-104"})
    assert Waiting(kind="credential", why="the connection to crm has no secret yet") == outcome


async def test_a_target_that_a_model_made_up_is_asked_about(bench: Any) -> None:
    bench.mark()
    given = {"deal_id": "D-120", "name": "New name"}
    outcome = await bench.submit("crm.update_deal", given, label=Label.MODEL)
    assert isinstance(outcome, Waiting)
    assert ("approval", []) == (outcome.kind, bench.written("crm"))
