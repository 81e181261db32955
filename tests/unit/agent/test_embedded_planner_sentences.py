"""How requests may be put: passives, causatives, labels, reasons, headings, old and new values; what stays refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.plan import CannotDo, Plan, Proposal
from agent.planner import PlannerView
from agent.planners.embedded import EmbeddedPlanner
from discovery.lower import Signature
from tests.unit.agent.conftest import signature

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
        ("In the library block member M-17", [BLOCK]),
        ("Have member M-17 blocked, the library did not want to wait.", [BLOCK]),
        ("Move book B-100 from in to lost", [LOST]),
        ("Change the title of book B-100 from Emma to Persuasion",
         [("lib.update_book", {"book_id": "B-100", "title": "Persuasion"})]),
        ("Member M-17: phone +49 30 1234567",
         [("lib.update_member", {"member_id": "M-17", "phone": "+49 30 1234567"})]),
        ("Tell ada@x.example that her book is here, subject 'Book'",
         [("chat.send_message", {"recipient": "ada@x.example", "subject": "Book", "body": "her book is here"})]),
        ("Have member M-17 blocked and the state of book B-100 set to lost", [BLOCK, LOST]),
        ("We want member M-17 blocked.", [BLOCK]),
        ("The state of book B-100 needs to change from in to lost.", [LOST]),
        ("Member number M-17 is to be blocked.", [BLOCK]),
        ("Create a member called grace-42 with the email g@x.example in the library",
         [("lib.create_member", {"name": "grace-42", "email": "g@x.example"})]),
        ("Set the state of book B-100 to lost and keep all other fields unchanged.", [LOST]),
        ("Create a loan of book B-100 for member M-17; 3 March 2026 is its due date.",
         [("lib.create_loan", {"book_id": "B-100", "member_id": "M-17", "due_date": "2026-03-03"})]),
        ("Block member M-17 and give \"lost card\" as the reason",
         [("lib.block_member", {"member_id": "M-17", "reason": "lost card"})]),
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
        "Member M-17 should be treated as gone. Block her.",
        "Block member M-17 and give 'Emma' as the title",
        "Have member M-17 blocked and her books burnt to lost",
        "Book B-100 should be treated as rare. Block member M-17.",
    ],
)
async def test_but_not_so(goal: str, library: tuple[Signature, ...]) -> None:
    assert isinstance(await proposal_for(goal, library), CannotDo)


BOARD = (
    signature("board.list_posts read GET /posts post", "title ref", "id title ref state=open|done", "posts"),
    signature("board.get_post read GET /posts/{post_id} post", "post_id*~P-1", "id title ref state=open|done"),
    signature("board.add_reply write POST /posts/{post_id}/comments comment", "post_id*~P-1 body* public:b"),
    signature("board.update_post write PATCH /posts/{post_id} post", "post_id*~P-1 title state=open|done summary"),
    signature("board.list_teams read GET /teams team", "name", "id name", "teams"),
    signature("board.get_team read GET /teams/{team_id} team", "team_id*~t_1", "id name"),
    signature("board.list_users read GET /users user", "name email:e", "id name email", "users"),
    signature("board.get_user read GET /users/{user_id} user", "user_id*~u_1", "id name email"),
    signature("board.add_member write PUT /teams/{team_id}/members/{user_id} member", "team_id*~t_1 user_id*~u_1"),
)


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("Put an internal comment on post P-7: 'Wait'", [{"post_id": "P-7", "body": "Wait", "public": False}]),
        ("Reply to post P-7 with a public comment: 'Done'", [{"post_id": "P-7", "body": "Done", "public": True}]),
        ("Add a comment to post P-7 that the author does not see: 'Hm'",
         [{"post_id": "P-7", "body": "Hm", "public": False}]),
        ("Write 'Hello' as a comment on the post that carries the ref R-55",
         [{"ref": "R-55"}, {"post_id": {"$": "find_post.posts[0].id"}, "body": "Hello"}]),
        ("Put an internal note on post P-7: 'Wait'", [{"post_id": "P-7", "body": "Wait", "public": False}]),
        ("Update post P-7, summarised as 'Short'", [{"post_id": "P-7", "summary": "Short"}]),
        ("Ada Lovelace ought to be a member of night-shift. Add her to that team.",
         [{"name": "night-shift"}, {"name": "Ada Lovelace"},
          {"team_id": {"$": "find_team.teams[0].id"}, "user_id": {"$": "find_user.users[0].id"}}]),
        ("Add u_9 to the teams porters and night-shift",
         [{"name": "porters"}, {"name": "night-shift"},
          {"team_id": {"$": "find_team.teams[0].id"}, "user_id": "u_9"},
          {"team_id": {"$": "find_team_2.teams[0].id"}, "user_id": "u_9"}]),
    ],
)  # fmt: skip
async def test_on_a_board_of_posts(goal: str, expected: list[Any]) -> None:
    view = PlannerView(goal=goal, today=date(2026, 1, 31), signatures=BOARD, systems={"board": "Board"})
    plan = await EmbeddedPlanner().propose(view)
    assert expected == [args for _, args in calls(plan)]


@pytest.mark.parametrize(
    "goal",
    ["Put an internal public comment on post P-7: 'Wait'", "Add a comment to post P-7 which Bo does not pay: 'Hm'",
     "Post P-7 should be discussed by u_9. Set it to done."],
)  # fmt: skip
async def test_what_it_does_not_understand_of_a_post_stays_refused(goal: str) -> None:
    view = PlannerView(goal=goal, today=date(2026, 1, 31), signatures=BOARD, systems={"board": "Board"})
    assert isinstance(await EmbeddedPlanner().propose(view), CannotDo)
