"""A run that lacks something says what in one sentence, waits, and goes on when it is there; nothing happens twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.cli import client
from api.cli.client import Api
from evals import pursuit
from evals.stage import Stage, entered
from evals.worlds.enterprise import Enterprise

TICKET = 'Open a ticket "Laptop" for yara@example.com with the description "Please prepare a laptop".'
CONTACT_AND_TICKET = (
    'Create a contact in the CRM with first name "Noor", last name "Haddad" and email noor@example.com. '
    'Open a ticket "Badge" for noor@example.com with the description "Please prepare a badge".'
)
#: However often it has tried when the test looks.
DOWN = r"tickets\.create_ticket was tried \d+ times: not sent: the host refused the connection; next try in \d+ s"
MEND = (
    "Rephrase it in plain imperative clauses with ids, e-mail addresses and quoted texts, or connect a model: "
    "set INTERLOCK_MODEL_BASE_URL, INTERLOCK_MODEL_API_KEY and INTERLOCK_MODEL."
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enterprise]:
    """The ticket system, which Interlock gets to know only in the tests."""
    with Enterprise.start(tmp_path_factory.mktemp("desk"), ("tickets",)) as it:
        yield it


@pytest.fixture(scope="module")
def connection(crm_stage: Stage, desk: Enterprise) -> str:
    """A connection to the ticket system for which nobody has entered a credential yet."""
    tickets = desk["tickets"]
    registered = {"slug": "tickets", "base_url": tickets.base_url, "allow_private": True}
    document = client.download(tickets.document_url).decode()
    crm_stage.admin.post("/v1/systems", registered | {"document": document})
    crm_stage.admin.post("/v1/systems/tickets/accept", {})
    return str(crm_stage.admin.post("/v1/connections", {"system": "tickets"})["id"])


@pytest.fixture
def sam(crm_stage: Stage) -> Api:
    return crm_stage.people["sam"]


def test_a_run_without_a_working_credential_waits_for_one(
    crm_stage: Stage, desk: Enterprise, connection: str, sam: Api
) -> None:
    """Missing at first, wrong then, right at last."""
    secret = f"/v1/connections/{connection}/secret"
    run = pursuit.submit(sam, TICKET)
    missing = pursuit.resting(sam, run, "credential")
    assert "the connection to tickets has no secret yet" == missing["reason"]
    assert [] == _effects(sam, run)

    crm_stage.admin.put(secret, {"credential": {"kind": "header", "name": "X-Api-Key", "value": "wrong"}})
    reason = "tickets.create_ticket needs a working credential: the system refused the credential (401)"
    assert reason == pursuit.until(sam, run, lambda found: found["reason"].endswith("(401)"))["reason"]
    assert ([("tickets.create_ticket", "intended")], []) == (_effects(sam, run), desk["tickets"].ledger())

    crm_stage.admin.put(secret, {"credential": entered(desk["tickets"].credential)})
    assert "done" == pursuit.ended(sam, run)["state"]
    assert [("tickets.create_ticket", "done")] == _effects(sam, run)
    assert [("POST /tickets", "Laptop")] == _written(desk)


def test_a_run_whose_system_is_down_goes_on_when_it_is_back(
    crm_stage: Stage, desk: Enterprise, connection: str, sam: Api
) -> None:
    """What was done before stays done, once, and can be seen meanwhile."""
    before = len(desk["tickets"].ledger()), len(crm_stage.enterprise["crm"].ledger())
    desk.stop("tickets")
    run = pursuit.submit(sam, CONTACT_AND_TICKET)
    down = pursuit.resting(sam, run, "timer")
    assert re.fullmatch(DOWN, down["reason"])
    assert [("crm.create_contact", "done"), ("tickets.create_ticket", "intended")] == _effects(sam, run)

    desk.start_one("tickets")
    assert "done" == pursuit.ended(sam, run)["state"]
    assert [("crm.create_contact", "done"), ("tickets.create_ticket", "done")] == _effects(sam, run)
    assert [("POST /tickets", "Badge")] == _written(desk)[before[0] :]
    assert ["noor@example.com"] == [
        entry["after"]["email"] for entry in crm_stage.enterprise["crm"].ledger()[before[1] :]
    ]


@pytest.mark.parametrize(
    ("goal", "unknown", "nearest"),
    [
        ("Send a fax to yara@example.com", "fax", "crm.send_email"),
        ("Create a spaceship in the CRM", "spaceship", ".create_"),
    ],
)
def test_a_goal_that_nothing_can_serve_is_refused_with_the_reason_and_the_mend(
    crm_stage: Stage, sam: Api, goal: str, unknown: str, nearest: str
) -> None:
    before = len(crm_stage.enterprise["crm"].ledger())
    run = pursuit.submit(sam, f"{goal}.")
    ended = pursuit.ended(sam, run)
    problem: dict[str, Any] = ended["problem"]
    assert ("refused", problem["why"]) == (ended["state"], ended["reason"])
    assert f"'{unknown}'" in problem["why"]
    assert (goal, MEND) == (problem["clause"], problem["mend"])
    assert any(nearest in one for one in problem["nearest"])
    assert ([], before) == (_effects(sam, run), len(crm_stage.enterprise["crm"].ledger()))


def _effects(api: Api, run: str) -> list[tuple[str, str]]:
    return [(effect["action"], effect["state"]) for effect in api.items(f"/v1/runs/{run}/effects")]


def _written(desk: Enterprise) -> list[tuple[str, str]]:
    return [(entry["operation"], entry["after"]["subject"]) for entry in desk["tickets"].ledger()]
