"""Approvals of one exact request: asked once, decided once, used once, and void when anything changes."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tools import errors
from tools.guard import approvals
from tools.guard.verdict import Refused, Settled, Waiting
from tools.labels import Label
from tools.tables import Approval

APPROVER = frozenset({"approver"})


def mail(**changed: Any) -> dict[str, Any]:
    return {"to": "rosa@effects.example", "subject": "Hello", "body": uuid.uuid4().hex} | changed


async def ask(bench: Any, given: dict[str, Any]) -> Approval:
    """Submit a message whose text nobody wrote in the goal, and give the question it raises."""
    outcome = await bench.submit("crm.send_email", given, label=Label.TYPED)
    assert isinstance(outcome, Waiting)
    assert "approval" == outcome.kind
    async with bench.database.read() as session:
        return await approvals.fetch(session, "default", outcome.reference)


async def decide(bench: Any, approval: Approval, choice: str, actor: str = "ann", **more: Any) -> Approval:
    async with bench.database.write("test.decide") as session:
        return await approvals.decide(
            session,
            workspace="default",
            approval_id=approval.id,
            choice=choice,  # type: ignore[arg-type]  # one of the choices, spelt out in the test
            actor=actor,
            roles=more.pop("roles", APPROVER),
            digest_seen=more.pop("digest_seen", approval.digest),
            **more,
        )


async def test_an_approved_request_is_sent_once_and_the_approval_is_spent(bench: Any) -> None:
    bench.mark()
    given = mail()
    approval = await ask(bench, given)
    await decide(bench, approval, "approve")
    outcome = await bench.submit("crm.send_email", given, label=Label.TYPED)
    assert isinstance(outcome, Settled)
    await bench.submit("crm.send_email", given, label=Label.TYPED)
    assert ["POST /emails"] == bench.written("crm")
    assert [
        "guard.ask",
        "approval.opened",
        "approval.approved",
        "guard.ask",
        "approval.used",
        "effect.sending",
        "effect.done",
    ] == await bench.kinds()


async def test_asking_again_is_the_same_question(bench: Any) -> None:
    given = mail()
    first, second = await ask(bench, given), await ask(bench, given)
    assert first.id == second.id


async def test_a_changed_argument_is_another_question_and_the_old_yes_is_void(bench: Any) -> None:
    bench.mark()
    approval = await ask(bench, mail())
    await decide(bench, approval, "approve")
    other = await ask(bench, mail(to="eve@evil.example"))
    assert (True, []) == (approval.digest != other.digest, bench.written("crm"))


async def test_an_open_question_about_other_bytes_is_superseded(bench: Any) -> None:
    approval = await ask(bench, mail())
    await ask(bench, mail())
    with pytest.raises(errors.Conflict, match="superseded"):
        await decide(bench, approval, "approve")


async def test_a_changed_byte_of_the_stored_request_voids_the_yes(bench: Any) -> None:
    bench.mark()
    given = mail()
    approval = await ask(bench, given)
    await decide(bench, approval, "approve")
    async with bench.database.write("test.tamper") as session:
        change = sa.text("update approval set bound = replace(bound, 'rosa@', 'evil@') where id = :id")
        await (await session.connection()).execute(change, {"id": approval.id})
    again = await bench.submit("crm.send_email", given, label=Label.TYPED)
    assert isinstance(again, Waiting)
    assert [] == bench.written("crm")


async def test_a_changed_connection_voids_the_yes(bench: Any) -> None:
    bench.mark()
    given = mail()
    await decide(bench, await ask(bench, given), "approve")
    await bench.change_connection("crm")
    again = await bench.submit("crm.send_email", given, label=Label.TYPED)
    assert (True, []) == (isinstance(again, Waiting), bench.written("crm"))


async def test_a_digest_that_was_not_shown_cannot_be_approved(bench: Any) -> None:
    approval = await ask(bench, mail())
    with pytest.raises(errors.Conflict, match="not the one you saw"):
        await decide(bench, approval, "approve", digest_seen="0" * 64)


async def test_the_requester_cannot_approve(bench: Any) -> None:
    approval = await ask(bench, mail())
    with pytest.raises(errors.Forbidden, match="another person"):
        await decide(bench, approval, "approve", actor="sam")


async def test_a_wrong_role_cannot_approve(bench: Any) -> None:
    approval = await ask(bench, mail())
    with pytest.raises(errors.Forbidden, match="role approver"):
        await decide(bench, approval, "approve", roles=frozenset({"auditor"}))


async def test_a_decided_approval_cannot_be_decided_again(bench: Any) -> None:
    approval = await ask(bench, mail())
    await decide(bench, approval, "approve")
    with pytest.raises(errors.Conflict):
        await decide(bench, approval, "reject", actor="bob")


async def test_a_rejected_request_is_never_sent_and_says_why(bench: Any) -> None:
    bench.mark()
    given = mail()
    await decide(bench, await ask(bench, given), "reject", reason="wrong person")
    outcome = await bench.submit("crm.send_email", given, label=Label.TYPED)
    assert Refused(by="person", why="wrong person") == outcome
    assert [] == bench.written("crm")


async def expire(bench: Any, approval: Approval) -> None:
    async with bench.database.write("test.expire") as session:
        row = await session.get(Approval, approval.id)
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        session.add(row)


async def test_an_expired_question_cannot_be_approved(bench: Any) -> None:
    bench.mark()
    given = mail()
    approval = await ask(bench, given)
    await expire(bench, approval)
    assert "expired" == (await decide(bench, approval, "approve")).state
    outcome = await bench.submit("crm.send_email", given, label=Label.TYPED)
    assert Refused(by="person", why="nobody approved it in time") == outcome
    assert [] == bench.written("crm")


async def test_a_yes_that_expired_before_its_use_is_void(bench: Any) -> None:
    bench.mark()
    given = mail()
    approval = await ask(bench, given)
    await decide(bench, approval, "approve")
    await expire(bench, approval)
    outcome = await bench.submit("crm.send_email", given, label=Label.TYPED)
    assert (Refused(by="person", why="nobody approved it in time"), []) == (outcome, bench.written("crm"))


async def test_edited_arguments_are_rendered_judged_and_asked_about_anew(bench: Any) -> None:
    bench.mark()
    given = mail()
    approval = await ask(bench, given)
    await decide(bench, approval, "edit", edited_arguments=given | {"subject": "Good day"})
    second = await ask(bench, given)
    assert ("Good day", True) == (second.arguments["subject"], second.digest != approval.digest)
    assert "user" == second.labels["/subject"]
    await decide(bench, second, "approve", actor="bob")
    outcome = await bench.submit("crm.send_email", given, label=Label.TYPED)
    assert isinstance(outcome, Settled)
    assert ("Good day", ["POST /emails"]) == (outcome.result["subject"], bench.written("crm"))


async def test_an_edit_keeps_the_types(bench: Any) -> None:
    given = mail()
    approval = await ask(bench, given)
    with pytest.raises(errors.Invalid, match="/subject: expected the kind that it was"):
        await decide(bench, approval, "edit", edited_arguments=given | {"subject": 1})


async def test_two_people_are_needed_where_two_are_asked(bench: Any) -> None:
    await bench.policy(
        "rules: [{id: two, why: Mail needs two., when: 'action.id == \"crm.send_email\"', then: ask, by: {count: 2}}]"
    )
    given = mail()
    approval = await ask(bench, given)
    assert "open" == (await decide(bench, approval, "approve", actor="ann")).state
    with pytest.raises(errors.Conflict, match="you decided this already"):
        await decide(bench, approval, "approve", actor="ann")
    assert isinstance(await bench.submit("crm.send_email", given, label=Label.TYPED), Waiting)
    assert "approved" == (await decide(bench, approval, "approve", actor="bob")).state
    assert isinstance(await bench.submit("crm.send_email", given, label=Label.TYPED), Settled)


async def test_of_two_who_decide_at_once_one_succeeds(bench: Any) -> None:
    approval = await ask(bench, mail())
    found = await asyncio.gather(
        *(decide(bench, approval, "approve", actor=f"person-{number}") for number in range(8)), return_exceptions=True
    )
    assert 1 == sum(1 for one in found if isinstance(one, Approval))


async def test_a_policy_that_denies_after_the_yes_wins(bench: Any) -> None:
    bench.mark()
    given = mail()
    await decide(bench, await ask(bench, given), "approve")
    await bench.policy("rules: [{id: stop, why: No mail today., when: 'action.id == \"crm.send_email\"', then: deny}]")
    outcome = await bench.submit("crm.send_email", given, label=Label.TYPED)
    assert (Refused(by="guard", why="No mail today."), []) == (outcome, bench.written("crm"))


async def test_an_approved_request_that_never_arrived_needs_no_second_yes(bench: Any) -> None:
    bench.mark()
    given = mail()
    await decide(bench, await ask(bench, given), "approve")
    bench.enterprise["crm"].arm_fault("sendEmail", "before_commit", "status", status=429, retry_after_s=1)
    outcome = await bench.submit("crm.send_email", given, label=Label.TYPED)
    assert isinstance(outcome, Settled)
    assert [(1, "intended"), (2, "done")] == await bench.attempts()
    assert ["POST /emails"] == bench.written("crm")


async def test_a_policy_that_cannot_be_read_denies_everything(bench: Any) -> None:
    await bench.policy("rules: [{")
    outcome = await bench.submit("crm.get_deal", {"deal_id": "D-104"})
    assert isinstance(outcome, Refused)
    assert outcome.why.startswith("the active policy cannot be read")
