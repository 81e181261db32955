"""The embedded planner on a library's systems: what it plans, to the last argument."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.plan import Plan
from agent.planner import PlannerView
from agent.planners.embedded import EmbeddedPlanner
from agent.review import review
from discovery.lower import Signature

SYSTEMS = {"lib": "Town Library", "fees": "Fees", "chat": "Chat"}
TODAY = date(2026, 1, 31)
FIND_ADA = {"action": "lib.list_members", "args": {"email": "ada@x.example"}}


async def plan_of(goal: str, library: tuple[Signature, ...]) -> Plan:
    view = PlannerView(goal=goal, today=TODAY, signatures=library, systems=SYSTEMS)
    proposal = await EmbeddedPlanner().propose(view)
    assert isinstance(proposal, Plan), proposal
    defects = review(proposal, {one.id: one for one in library}, systems_connected=frozenset(SYSTEMS))
    assert () == defects
    return proposal


def calls(plan: Plan) -> list[tuple[str | None, dict[str, Any]]]:
    return [(step.action, step.args) for step in plan.steps]


@pytest.mark.parametrize(
    ("goal", "action", "args"),
    [
        ("Create a member Ada Lovelace ada@x.example in the library", "lib.create_member",
         {"name": "Ada Lovelace", "email": "ada@x.example"}),
        ("please register member Ada Lovelace (ada@x.example) with phone +49 30 1234567", "lib.create_member",
         {"name": "Ada Lovelace", "email": "ada@x.example", "phone": "+49 30 1234567"}),
        ("block member M-17", "lib.block_member", {"member_id": "M-17"}),
        ("Block member M-17 with reason 'lost card'", "lib.block_member",
         {"member_id": "M-17", "reason": "lost card"}),
        ("Set the state of book B-100 to lost", "lib.update_book", {"book_id": "B-100", "state": "lost"}),
        ("Change B-100's title to 'Emma'", "lib.update_book", {"book_id": "B-100", "title": "Emma"}),
        ("Move book B-100 to shelf A4", "lib.update_book", {"book_id": "B-100", "shelf": "A4"}),
        ("Mark book B-100 as lent", "lib.update_book", {"book_id": "B-100", "state": "lent"}),
        ("Update book B-100: set its title to 'Emma'", "lib.update_book", {"book_id": "B-100", "title": "Emma"}),
        ("Create a loan of book B-100 for member M-17 due in 30 days", "lib.create_loan",
         {"book_id": "B-100", "member_id": "M-17", "due_date": "2026-03-02"}),
        ("Delete member M-17", "lib.delete_member", {"member_id": "M-17"}),
        ("Cancel fine fi_7", "fees.cancel_fine", {"fine_id": "fi_7"}),
        ("Create a fine of 12.50 EUR for member fm_9a due 1 March 2026", "fees.create_fine",
         {"member_id": "fm_9a", "amount": 1250, "currency": "eur", "due": "2026-03-01"}),
        ("Tell ada@x.example that her book is here", "chat.send_message",
         {"recipient": "ada@x.example", "subject": "her book is here", "body": "her book is here"}),
        ("Send a message to ada@x.example with subject 'Hi' and body 'Come in'", "chat.send_message",
         {"recipient": "ada@x.example", "subject": "Hi", "body": "Come in"}),
    ],
)  # fmt: skip
async def test_one_step(goal: str, action: str, args: dict[str, Any], library: tuple[Signature, ...]) -> None:
    assert [(action, args)] == calls(await plan_of(goal, library))


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        (
            "Change the phone of ada@x.example in the library to +49 30 1234567",
            [("lib.list_members", {"email": "ada@x.example"}),
             ("lib.update_member", {"member_id": {"$": "find_member[0].id"}, "phone": "+49 30 1234567"})],
        ),
        (
            "Set the state of the book with isbn 978-3-16 to lost",
            [("lib.list_books", {"isbn": "978-3-16"}),
             ("lib.update_book", {"book_id": {"$": "find_book.books[0].id"}, "state": "lost"})],
        ),
        (
            "Tell the member of loan L-5 that 'it is overdue'",
            [("lib.get_loan", {"loan_id": "L-5"}),
             ("lib.get_member", {"member_id": {"$": "loan.member_id"}}),
             ("chat.send_message", {"recipient": {"$": "member.email"}, "subject": "it is overdue",
                                    "body": "it is overdue"})],
        ),
    ],
)  # fmt: skip
async def test_a_look_up_comes_first(goal: str, expected: list[Any], library: tuple[Signature, ...]) -> None:
    assert expected == calls(await plan_of(goal, library))


async def test_a_goal_over_several_systems_under_a_condition(library: tuple[Signature, ...]) -> None:
    goal = (
        "When loan L-5 is open, create its member as a member in fees, create a fine of 5 EUR in fees "
        "and tell the member that 'please return the book'."
    )
    plan = await plan_of(goal, library)
    assert [
        ("lib.get_loan", {"loan_id": "L-5"}, None),
        ("lib.get_member", {"member_id": {"$": "loan.member_id"}}, "loan.status == 'open'"),
        ("fees.create_member", {"name": {"$": "member.name"}, "email": {"$": "member.email"}}, "loan.status == 'open'"),
        (
            "fees.create_fine",
            {"member_id": {"$": "create_member.id"}, "amount": 500, "currency": "eur"},
            "loan.status == 'open'",
        ),
        (
            "chat.send_message",
            {"recipient": {"$": "create_member.email"}, "subject": "please return the book",
             "body": "please return the book"},
            "loan.status == 'open'",
        ),
    ] == [(step.action, step.args, step.when) for step in plan.steps]  # fmt: skip


async def test_nothing_is_changed_before_every_look_up_has_succeeded(library: tuple[Signature, ...]) -> None:
    goal = "Block member M-17. Then tell the member of loan L-5 that 'sorry'. Set the state of book B-1 to lost"
    plan = await plan_of(goal, library)
    assert ["loan", "member", "block_member", "send_message", "update_book"] == [step.id for step in plan.steps]
    assert [
        (),
        (),
        ("loan", "member"),
        ("loan", "block_member"),
        ("loan", "member", "block_member", "send_message"),
    ] == [step.after for step in plan.steps]


async def test_a_search_must_find_one_record_that_bears_what_was_searched(library: tuple[Signature, ...]) -> None:
    plan = await plan_of("block the member ada@X.example in the library", library)
    assert 'len(find_member) == 1 and lower(find_member[0].email) == "ada@x.example"' == plan.steps[0].expect


async def test_a_name_with_a_quote_is_still_one_text(library: tuple[Signature, ...]) -> None:
    plan = await plan_of("""block the member named "Dwayne O'Neil" in the library""", library)
    assert {"name": "Dwayne O'Neil"} == plan.steps[0].args
    assert """len(find_member) == 1 and find_member[0].name == "Dwayne O'Neil\"""" == plan.steps[0].expect


async def test_pronouns_stand_for_what_was_spoken_of_last(library: tuple[Signature, ...]) -> None:
    plan = await plan_of("Set the title of book B-7 to 'Emma' and set its state to lost", library)
    assert [
        ("lib.update_book", {"book_id": "B-7", "title": "Emma"}),
        ("lib.update_book", {"book_id": "B-7", "state": "lost"}),
    ] == calls(plan)


async def test_a_condition_after_its_clause_speaks_of_the_clauses_object(library: tuple[Signature, ...]) -> None:
    plan = await plan_of("Block member M-17 if its status is not blocked", library)
    assert [None, "member.status != 'blocked'"] == [step.when for step in plan.steps]


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("Could you please block member M-17 quickly?", [("lib.block_member", {"member_id": "M-17"})]),
        ("M-17 has lost her card. Please block the member.", [("lib.block_member", {"member_id": "M-17"})]),
        ("Member M-17 should be blocked.", [("lib.block_member", {"member_id": "M-17"})]),
        ("Block member M-17 and M-18",
         [("lib.block_member", {"member_id": "M-17"}), ("lib.block_member", {"member_id": "M-18"})]),
        ("New member in the library: Ada Lovelace, ada@x.example, phone +49 30 1234567",
         [("lib.create_member", {"name": "Ada Lovelace", "phone": "+49 30 1234567", "email": "ada@x.example"})]),
        ("The state of book B-100 should be lost.", [("lib.update_book", {"book_id": "B-100", "state": "lost"})]),
    ],
)  # fmt: skip
async def test_natural_requests(goal: str, expected: list[Any], library: tuple[Signature, ...]) -> None:
    assert expected == calls(await plan_of(goal, library))


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("Mark loan L-5 as returned", [("lib.return_loan", {"loan_id": "L-5"})]),
        ("Rename book B-100 to 'Emma'", [("lib.update_book", {"book_id": "B-100", "title": "Emma"})]),
        ("The phone number of member M-17 is wrong. Correct it to +49 30 1234567.",
         [("lib.update_member", {"member_id": "M-17", "phone": "+49 30 1234567"})]),
        ("We have a new member: Ada Lovelace (ada@x.example). Create the member in the library.",
         [("lib.create_member", {"name": "Ada Lovelace", "email": "ada@x.example"})]),
        ("Create a loan of book B-100 for member M-17 until 3 February 2026.",
         [("lib.create_loan", {"book_id": "B-100", "member_id": "M-17", "due_date": "2026-02-03"})]),
    ],
)  # fmt: skip
async def test_an_action_is_found_by_what_it_brings_about(
    goal: str, expected: list[Any], library: tuple[Signature, ...]
) -> None:
    assert expected == calls(await plan_of(goal, library))


async def test_a_record_is_found_by_its_owner_and_its_state(library: tuple[Signature, ...]) -> None:
    plan = await plan_of("Return the open loan of ada@x.example", library)
    fitting = '[one for one in find_loan.loans if one.status == "open"]'
    assert [
        ("lib.list_members", {"email": "ada@x.example"}),
        ("lib.list_loans", {"member_id": {"$": "find_member[0].id"}}),
        ("lib.return_loan", {"loan_id": {"$": f"{fitting}[0].id"}}),
    ] == calls(plan)
    assert f"len({fitting}) == 1 and {fitting}[0].member_id == find_member[0].id" == plan.steps[1].expect


async def test_a_state_said_in_a_relative_clause_narrows_the_search(library: tuple[Signature, ...]) -> None:
    plan = await plan_of("Return the loan of member M-17 that is still open", library)
    fitting = '[one for one in find_loan.loans if one.member_id == "M-17" and one.status == "open"]'
    assert f"len({fitting}) == 1" == plan.steps[0].expect
    assert {"loan_id": {"$": f"{fitting}[0].id"}} == plan.steps[1].args


BLOCK = [("lib.block_member", {"member_id": "M-17"})]
RETURN = [("lib.return_loan", {"loan_id": "L-5"})]


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("Can member M-17 be blocked?", BLOCK),
        ("Member M-17 may be blocked.", BLOCK),
        ("Is it possible to block member M-17?", BLOCK),
        ("Block member M-17, she has lost her card.", BLOCK),
        ("When you have a minute, block member M-17.", BLOCK),
        ("We need loan L-5 to be returned.", RETURN),
        ("We'd like to return loan L-5.", RETURN),
        ("The book is back on its shelf, so loan L-5 can be returned.", RETURN),
        ("Book B-100 is no longer readable and should be set to lost.",
         [("lib.update_book", {"book_id": "B-100", "state": "lost"})]),
        ("Set the state of book B-100 to lost and leave everything else as it is.",
         [("lib.update_book", {"book_id": "B-100", "state": "lost"})]),
        ("I want a fine of 5 EUR for member fm_9a.",
         [("fees.create_fine", {"member_id": "fm_9a", "amount": 500, "currency": "eur"})]),
        ("Create a loan of book B-100 for member M-17 with 3 February 2026 as its due date.",
         [("lib.create_loan", {"book_id": "B-100", "member_id": "M-17", "due_date": "2026-02-03"})]),
        ("Block Ada Lovelace of London in the library.",
         [("lib.list_members", {"name": "Ada Lovelace"}),
          ("lib.block_member", {"member_id": {"$": "find_member[0].id"}})]),
    ],
)  # fmt: skip
async def test_a_request_is_read_in_many_sentence_shapes(
    goal: str, expected: list[Any], library: tuple[Signature, ...]
) -> None:
    assert expected == calls(await plan_of(goal, library))


async def test_a_possessive_pronoun_speaks_of_who_a_reason_names(library: tuple[Signature, ...]) -> None:
    plan = await plan_of("Ada Lovelace has moved away, so her open loan can be returned.", library)
    assert ["lib.list_members", "lib.list_loans", "lib.return_loan"] == [step.action for step in plan.steps]
    assert 'len(find_member) == 1 and find_member[0].name == "Ada Lovelace"' == plan.steps[0].expect


async def test_a_state_narrows_the_search_for_a_name(library: tuple[Signature, ...]) -> None:
    plan = await plan_of("Move the lost book 'Emma' to shelf A4", library)
    fitting = '[one for one in find_book.books if one.title == "Emma" and one.state == "lost"]'
    assert {"book_id": {"$": f"{fitting}[0].id"}, "shelf": "A4"} == plan.steps[1].args
