"""The embedded planner over the demo enterprise's own documents: the examples of docs/planners.md hold, and every plan
passes review."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent.plan import CannotDo, Plan, Proposal
from agent.planner import PlannerView
from agent.planners.embedded import EmbeddedPlanner
from agent.review import review
from agent.shortlist import shortlist
from discovery import lower, surface
from discovery.lower import Signature
from tools.action import ActionClass

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = ROOT / "evals" / "worlds" / "documents"
DOCS = (ROOT / "docs" / "planners.md").read_text("utf-8")
TITLES = {"crm": "CRM", "erp": "ERP", "billing": "Billing", "hr": "People", "identity": "Identity", "tickets": "Desk"}
DEMO = (
    "When deal D-104 is won, create its company as a customer in the erp with payment terms net 30, "
    "invoice 18,400 EUR in billing, and tell the account manager"
)


def examples(kind: str) -> list[str]:
    found = re.search(rf"```{kind}\n(.*?)```", DOCS, re.DOTALL)
    assert found is not None
    return found[1].strip().splitlines()


@pytest.fixture(scope="module")
def signatures() -> tuple[Signature, ...]:
    surfaces = [surface.build(path.stem, path.read_bytes()) for path in sorted(DOCUMENTS.iterdir())]
    return tuple(lower.signature(action, one.defs) for one in surfaces for action in one.actions)


async def proposal_for(goal: str, signatures: tuple[Signature, ...]) -> Proposal:
    view = PlannerView(goal=goal, today=date(2026, 1, 31), signatures=signatures, systems=TITLES)
    return await EmbeddedPlanner().propose(view)


@pytest.mark.parametrize("goal", examples("goals"))
async def test_a_documented_goal_gets_a_plan_without_defects(goal: str, signatures: tuple[Signature, ...]) -> None:
    plan = await proposal_for(goal, signatures)
    assert isinstance(plan, Plan), plan
    assert () == review(plan, {one.id: one for one in signatures}, systems_connected=frozenset(TITLES))


@pytest.mark.parametrize("goal", examples("refused"))
async def test_a_documented_refusal_holds_and_says_how_to_mend_it(goal: str, signatures: tuple[Signature, ...]) -> None:
    refused = await proposal_for(goal, signatures)
    assert isinstance(refused, CannotDo), refused
    assert refused.clause in goal
    assert refused.clause
    assert "INTERLOCK_MODEL_BASE_URL" in refused.mend


async def test_the_demo_goal_is_planned_to_the_last_argument(signatures: tuple[Signature, ...]) -> None:
    plan = await proposal_for(DEMO, signatures)
    assert isinstance(plan, Plan)
    company: dict[str, Any] = {"name": {"$": "company.name"}, "email": {"$": "company.billing_email"}}
    found_or_made = "find_customer.data[0].id if len(find_customer.data) == 1 else create_customer_2.id"
    message = "deal D-104 is won"
    assert [
        ("deal", "crm.get_deal", {"deal_id": "D-104"}),
        ("company", "crm.get_company", {"company_id": {"$": "deal.company_id"}}),
        ("find_customer", "billing.get_customers", {"email": {"$": "company.billing_email"}}),
        ("account_manager", "crm.get_owner", {"owner_id": {"$": "deal.owner_id"}}),
        (
            "create_customer",
            "erp.customers_create",
            company
            | {
                "payment_terms": "net_30",
                "vat_number": {"$": "company.vat_number"},
                "country": {"$": "company.country"},
            },
        ),
        ("create_customer_2", "billing.post_customers", company | {"tax_id": {"$": "company.vat_number"}}),
        (
            "create_invoice",
            "billing.post_invoices",
            {"amount": 1840000, "currency": "eur", "customer": {"$": found_or_made}},
        ),
        (
            "send_email",
            "crm.send_email",
            {"to": {"$": "account_manager.email"}, "subject": message, "body": message},
        ),
    ] == [(step.id, step.action, step.args) for step in plan.steps]
    won = "deal.stage == 'won'"
    missing = f"({won}) and len(find_customer.data) == 0"
    assert [None, won, won, won, won, missing, won, won] == [step.when for step in plan.steps]


@pytest.mark.parametrize("budget", [6_000, 12_000])
def test_the_shortlist_keeps_to_its_budget(budget: int, signatures: tuple[Signature, ...]) -> None:
    chosen = shortlist(DEMO, signatures, budget)
    assert 0 < sum(map(lower.tokens, chosen)) <= budget


def test_a_small_catalogue_is_shown_whole(signatures: tuple[Signature, ...]) -> None:
    assert signatures == shortlist(DEMO, signatures, 1_000_000)


@pytest.mark.parametrize("goal", [DEMO, *examples("goals")])
async def test_the_shortlist_holds_all_that_the_plan_needs(goal: str, signatures: tuple[Signature, ...]) -> None:
    whole = await proposal_for(goal, signatures)
    assert whole == await proposal_for(goal, shortlist(goal, signatures, 12_000))


async def test_no_word_short_of_the_verb_brings_about_a_deletion(signatures: tuple[Signature, ...]) -> None:
    """Every clause of the documented goals, with every other verb in front, never plans a class `delete` action."""
    classes = {one.id: one.action_class for one in signatures}
    objects = ["contact C-1027", "invoice in_TmK997LkazOKdz", "sales order SO-20103", "customer cus_9BDgRDofUmMwMl"]
    for verb in ("Update", "Close", "Set", "Move", "Create", "Find", "Send", "Reset", "Enable", "Finalize", "Mark"):
        for thing in objects:
            plan = await proposal_for(f"{verb} {thing}", signatures)
            steps = plan.steps if isinstance(plan, Plan) else ()
            assert ActionClass.DELETE not in {classes[step.action] for step in steps if step.action}


async def test_a_record_that_is_named_is_never_taken_for_the_one_just_made(signatures: tuple[Signature, ...]) -> None:
    goal = (
        'Open a ticket "Late delivery" for accounts@silesia-glass.example with the description "Please check". '
        'Add the note "Ticket opened" to deal D-136.'
    )
    plan = await proposal_for(goal, signatures)
    assert isinstance(plan, Plan), plan
    assert ("crm.create_deal_note", {"deal_id": "D-136", "body": "Ticket opened"}) == (
        plan.steps[-1].action,
        plan.steps[-1].args,
    )
