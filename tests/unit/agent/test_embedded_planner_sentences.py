"""How requests may be put: passives, causatives, labels, reasons, headings, old and new values; what stays refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.plan import CannotDo, Plan, Proposal
from agent.planner import PlannerView
from agent.planners.embedded import EmbeddedPlanner
from discovery.lower import Signature

SYSTEMS = {"lib": "Town Library", "fees": "Fees", "chat": "Chat"}
BLOCK = ("lib.block_member", {"member_id": "M-17"})
LOST = ("lib.update_book", {"book_id": "B-100", "state": "lost"})


async def proposal_for(goal: str, library: tuple[Signature, ...]) -> Proposal:
    view = PlannerView(goal=goal, today=date(2026, 1, 31), signatures=library, systems=SYSTEMS)
    return await EmbeddedPlanner().propose(view)


def calls(plan: Proposal) -> list[tuple[str | None, dict[str, Any]]]:
    assert isinstance(plan, Plan), plan
    return [(step.action, step.args) for step in plan.steps]


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("Member M-17 has to be blocked and deleted.", [BLOCK, ("lib.delete_member", {"member_id": "M-17"})]),
        ("Member M-17 must be blocked, the books were damaged.", [BLOCK]),
        ("Member M-17 must be blocked, nobody can reach her.", [BLOCK]),
        ("Member M-17 cannot sign in. Block her.", [BLOCK]),
        ("Get member M-17 blocked.", [BLOCK]),
        ("Have the state of book B-100 changed from in to lost.", [LOST]),
        ("For book B-100: could you set the state to lost?", [LOST]),
        ("New loan: create a loan of book B-100 for member M-17.",
         [("lib.create_loan", {"book_id": "B-100", "member_id": "M-17"})]),
        ("Write to ada@x.example. Subject: \"Hi\". Body: \"Come in.\"",
         [("chat.send_message", {"recipient": "ada@x.example", "subject": "Hi", "body": "Come in."})]),
        ("Tell ada@x.example \"We are closed.\" Set the state of book B-100 to lost.",
         [("chat.send_message", {"recipient": "ada@x.example", "subject": "We are closed.", "body": "We are closed."}),
          LOST]),
        ("Member M-17 can be reached at +49 30 1234567. Update the phone of that member.",
         [("lib.update_member", {"member_id": "M-17", "phone": "+49 30 1234567"})]),
        ("Change the shelf of book B-100 from A3 to A4",
         [("lib.update_book", {"book_id": "B-100", "shelf": "A4"})]),
        ("Set book B-100's title to 'Emma' and its shelf to A4",
         [("lib.update_book", {"book_id": "B-100", "title": "Emma", "shelf": "A4"})]),
    ],
)  # fmt: skip
async def test_a_request_may_be_put_so(goal: str, expected: list[Any], library: tuple[Signature, ...]) -> None:
    assert expected == calls(await proposal_for(goal, library))


@pytest.mark.parametrize(
    "goal",
    [
        "We cannot delete member M-17.",
        "You do not block member M-17. Set the state of book B-1 to lost.",
        "Have member M-17 not blocked",
        "Book B-100 has to be cleaned and returned.",
        "Member M-17 should be told and blocked",
        "Block member M-17, nobody can delete member M-18 without a reason",
        "Move book B-100 from A3 or A5 to A4",
    ],
)
async def test_but_not_so(goal: str, library: tuple[Signature, ...]) -> None:
    assert isinstance(await proposal_for(goal, library), CannotDo)
