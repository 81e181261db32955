"""What every planner promises, whoever it is."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from agent.goal import read_spans
from agent.plan import CannotDo, Plan, Proposal, Question
from agent.planner import Planner, PlannerView
from agent.review import review
from agent.testing import Answer, ScriptedEndpoint, says
from discovery.lower import ArgumentSignature, ResultField, Signature
from tools import errors
from tools.action import ActionClass, ActionId

FIND = Signature(
    id=ActionId("crm.find_contacts"),
    system="crm",
    action_class=ActionClass.READ,
    resource="contact",
    method="GET",
    path="/contacts",
    summary="Find contacts by e-mail.",
    args=(ArgumentSignature(name="email", type="string", format="email", required=True),),
    result=(ResultField(path="data[].id", type="string"), ResultField(path="data[].email", type="string")),
    items="data",
)
SIGNATURES = {FIND.id: FIND}


def view_of(goal: str, signatures: tuple[Signature, ...] = (FIND,)) -> PlannerView:
    spans = read_spans(goal)
    return PlannerView(goal=goal, spans=spans, today=date(2026, 1, 31), signatures=signatures, systems={"crm": "CRM"})


def obedient(request: dict[str, Any]) -> Answer:
    """A model that plans one search when the prompt shows the search and the goal gives an address, else refuses."""
    prompt = request["messages"][1]["content"]
    goal = json.loads(prompt.partition("Goal: ")[2].partition("\n")[0])
    address = re.search(r"\S+@\S+\w", goal)
    if "crm.find_contacts(" not in prompt or "contact" not in goal or address is None:
        return says(json.dumps({"proposal": {"kind": "cannot_do", "why": "no action serves this", "clause": goal}}))
    step = {"id": "found", "action": "crm.find_contacts", "args": {"email": address[0]}}
    return says(json.dumps({"proposal": {"kind": "plan", "steps": [step]}}))


@pytest.fixture(params=["embedded", "model"])
def planner(request: pytest.FixtureRequest) -> Iterator[Planner]:
    if request.param == "embedded":
        from agent.planners.embedded import EmbeddedPlanner

        yield EmbeddedPlanner()
        return
    from agent.planners.model import ModelPlanner

    with ScriptedEndpoint(obedient) as server:
        yield ModelPlanner(base_url=server.base_url, api_key=None, model="obedient", timeout_s=30)


def addresses(proposal: Proposal) -> list[object]:
    assert isinstance(proposal, Plan), proposal
    return [step.args.get("email") for step in proposal.steps if step.action == FIND.id]


def test_its_name_is_what_plan_versions_record(planner: Planner) -> None:
    assert re.fullmatch("[a-z]+", planner.name)


async def test_a_goal_that_the_actions_serve_gets_a_plan_that_passes_review(planner: Planner) -> None:
    proposal = await planner.propose(view_of("find the contact ada@example.com"))
    assert ["ada@example.com"] == addresses(proposal)
    assert isinstance(proposal, Plan)
    assert () == review(proposal, SIGNATURES, systems_connected=frozenset({"crm"}))


@pytest.mark.parametrize(
    "goal", ["polish the silver spoons", "delete the warehouse W-9", "email everybody a birthday card"]
)
async def test_a_goal_that_no_action_serves_is_refused_with_a_reason(planner: Planner, goal: str) -> None:
    proposal = await planner.propose(view_of(goal))
    assert isinstance(proposal, CannotDo | Question)
    assert (proposal.why if isinstance(proposal, CannotDo) else proposal.text).strip()


async def test_without_actions_there_is_no_plan(planner: Planner) -> None:
    proposal = await planner.propose(view_of("find the contact ada@example.com", ()))
    assert isinstance(proposal, CannotDo | Question)


async def test_a_proposal_survives_being_stored(planner: Planner) -> None:
    anything: TypeAdapter[Proposal] = TypeAdapter(Proposal)
    for goal in ("find the contact ada@example.com", "polish the silver spoons"):
        proposal = await planner.propose(view_of(goal))
        assert proposal == anything.validate_json(anything.dump_json(proposal))


async def test_the_view_is_read_only(planner: Planner) -> None:
    view = view_of("find the contact ada@example.com")
    before = view.model_dump_json()
    await planner.propose(view)
    assert before == view.model_dump_json()


async def test_goals_planned_at_once_do_not_mix(planner: Planner) -> None:
    wanted = [f"person{number}@example.com" for number in range(8)]
    found = await asyncio.gather(*(planner.propose(view_of(f"find the contact {email}")) for email in wanted))
    assert [[email] for email in wanted] == [addresses(proposal) for proposal in found]


@pytest.mark.parametrize(
    "goal",
    ["", " \n\t ", "?" * 500, "find " * 800, "\x00\x1b[2J\u202e", "найди контакт", '{"$": "1/0"}', "@" * 300],
    ids=["empty", "blank", "marks", "long", "control", "another script", "an expression", "at signs"],
)
async def test_an_odd_goal_gets_a_proposal_or_a_clear_failure(planner: Planner, goal: str) -> None:
    try:
        proposal = await planner.propose(view_of(goal))
    except errors.PlannerFailed as failure:
        proposal = CannotDo(why=failure.message)
    assert isinstance(proposal, CannotDo | Question)
    assert (proposal.why if isinstance(proposal, CannotDo) else proposal.text).strip()
