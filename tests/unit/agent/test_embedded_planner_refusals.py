"""What the embedded planner refuses, and how: a wrong effect is far worse than a refusal."""

from __future__ import annotations

from datetime import date

import pytest

from agent.plan import CannotDo, Defect, Plan, Proposal, Step
from agent.planner import PlannerView
from agent.planners.embedded import EmbeddedPlanner
from discovery.lower import Signature
from tools.action import ActionClass

SYSTEMS = {"lib": "Town Library", "fees": "Fees", "chat": "Chat"}


async def proposal_for(goal: str, library: tuple[Signature, ...]) -> Proposal:
    view = PlannerView(goal=goal, today=date(2026, 1, 31), signatures=library, systems=SYSTEMS)
    return await EmbeddedPlanner().propose(view)


@pytest.mark.parametrize(
    "goal",
    [
        "Do not delete member M-17",
        "Don't block member M-17",
        "Delete member M-17 unless she has loans",
        "Block member M-17 or M-18",
        "Block all members except M-17",
        "Block every member",
        "Delete member M-17 and all her loans",
        "Set the state of book B-100 to lost or in",
        "If member M-17 is active, block her, otherwise delete her",
        "Block member M-17 after she was warned",
        "Block member M-17 only if she is late",
        "Under no circumstances block member M-17",
        "Set the state of book B-100 to lost and to lent",
        "Set the state of book B-100 to broken",
        "Create a fine of 10 EUR for the first member",
        "Create a member Ada Lovelace ada@x.example in the library without phone",
        "Block member M-17 once she has three loans",
        "Remind ada@x.example to return her book",
        "Raise the amount of fine fi_7 by 5 EUR",
        "Send a fax to ada@x.example saying 'Hello'",
        "Create a spaceship for member M-17",
        "We have a new member: Ada Lovelace (ada@x.example) in London. Create the member in the library.",
        "Return the loan of ada@x.example with the subject 'Emma'",
        "Member M-17 shouldn't be blocked",
        "Can member M-17 not be blocked?",
        "Member M-17 is no longer allowed to borrow or should be blocked",
        "The latest loan of member M-17 should be returned",
        "Member M-17 needs to be told or blocked",
    ],
)
async def test_what_changes_the_meaning_is_never_skipped(goal: str, library: tuple[Signature, ...]) -> None:
    assert isinstance(await proposal_for(goal, library), CannotDo)


@pytest.mark.parametrize(
    "goal",
    ["Delete M-17", "Delete ada@x.example", "Remove member B-100", "Delete the book B-100", "Delete it", "Delete her",
     "Set member M-17 to deleted", "Void fine fi_7", "Reset fine fi_7", "Close fine fi_7"],
)  # fmt: skip
async def test_nothing_is_taken_away_that_was_not_named_with_its_verb(
    goal: str, library: tuple[Signature, ...]
) -> None:
    assert isinstance(await proposal_for(goal, library), CannotDo)


@pytest.mark.parametrize(
    "goal",
    [
        "Create a fine of 18.400 EUR for member fm_9a",
        "Create a fine of 5 EUR for member fm_9a due 03/04/2026",
        "Create a fine of 5 EUR for member fm_9a due next Friday",
        "Create a fine of 5 USD for member fm_9a",
        "Create a fine of 0.005 EUR for member fm_9a",
        "Create a fine of 5 for member fm_9a",
    ],
)
async def test_an_amount_or_date_with_two_readings_is_refused(goal: str, library: tuple[Signature, ...]) -> None:
    assert isinstance(await proposal_for(goal, library), CannotDo)


async def test_a_refusal_names_the_clause_the_nearest_actions_and_the_mend(library: tuple[Signature, ...]) -> None:
    refused = await proposal_for("Block member M-17 and create a loan of book B-1 for 3 weeks", library)
    assert isinstance(refused, CannotDo)
    assert "create a loan of book B-1 for 3 weeks" == refused.clause
    assert "lib.create_loan" == refused.nearest[0]
    for name in ("INTERLOCK_MODEL_BASE_URL", "INTERLOCK_MODEL_API_KEY", "INTERLOCK_MODEL"):
        assert name in refused.mend


async def test_two_systems_that_fit_alike_are_both_named(library: tuple[Signature, ...]) -> None:
    refused = await proposal_for("Create a member Ada Lovelace ada@x.example", library)
    assert isinstance(refused, CannotDo)
    assert ("lib.create_member", "fees.create_member") == refused.nearest


async def test_a_required_argument_that_was_not_said_is_named(library: tuple[Signature, ...]) -> None:
    refused = await proposal_for("Create a member Ada Lovelace in fees", library)
    assert isinstance(refused, CannotDo)
    assert "fees.create_member also needs email" in refused.why


async def test_an_id_of_another_kind_is_not_taken_for_the_wanted_one(library: tuple[Signature, ...]) -> None:
    refused = await proposal_for("Create a loan of book M-17 for member B-100", library)
    assert isinstance(refused, CannotDo)


async def test_a_new_sentence_does_not_inherit_its_customer(library: tuple[Signature, ...]) -> None:
    refused = await proposal_for("Block member M-17. Create a fine of 5 EUR in fees.", library)
    assert isinstance(refused, CannotDo)


async def test_its_own_plan_with_defects_is_not_proposed_again(library: tuple[Signature, ...]) -> None:
    plan = Plan(steps=(Step(id="block", action=library[4].id, args={"member_id": "M-17"}),))
    defect = Defect(step="block", problem="the connection lacks a scope", mend="grant members.write")
    view = PlannerView(
        goal="block member M-17",
        today=date(2026, 1, 31),
        signatures=library,
        systems=SYSTEMS,
        rejected=plan,
        defects=(defect,),
    )
    refused = await EmbeddedPlanner().propose(view)
    assert isinstance(refused, CannotDo)
    assert "the connection lacks a scope" in refused.why
    assert refused.mend.startswith("grant members.write")


async def test_a_listing_that_cannot_be_searched_by_it_is_not_searched(library: tuple[Signature, ...]) -> None:
    deaf = tuple(one.model_copy(update={"args": ()}) if one.id == "lib.list_members" else one for one in library)
    refused = await proposal_for("block the member ada@x.example in the library", deaf)
    assert isinstance(refused, CannotDo)


async def test_no_goal_of_reads_plans_an_effect(library: tuple[Signature, ...]) -> None:
    classes = {one.id: one.action_class for one in library}
    for goal in ("Show member M-17", "Find the member of loan L-5", "Look up ada@x.example in fees"):
        proposal = await proposal_for(goal, library)
        assert not isinstance(proposal, Plan) or all(
            step.action is not None and classes[step.action] is ActionClass.READ for step in proposal.steps
        )
