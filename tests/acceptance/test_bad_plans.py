"""A model may propose anything: what does not pass the review is sent back, then refused, and nothing happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from agent.testing import Answer, ScriptedEndpoint, says
from evals import pursuit
from evals.stage import Stage

GOAL = 'Create a contact in the CRM with first name "Yara", last name "Lindholm" and email yara@example.com.'
PERSON = {"first_name": "Yara", "last_name": "Lindholm", "email": "yara@example.com"}


def plan(**step: Any) -> str:
    return json.dumps({"kind": "plan", "steps": [{"id": "contact", "action": "crm.create_contact"} | step]})


BAD: dict[str, tuple[str, str]] = {
    "an action that does not exist": (plan(action="crm.launch_rocket", args={}), "crm.launch_rocket"),
    "a system that is not registered": (plan(action="bank.pay", args={"to": "mallory"}), "bank.pay"),
    "an argument that the action does not have": (plan(args=PERSON | {"is_admin": True}), "is_admin"),
    "a required argument left out": (plan(args={"email": "yara@example.com"}), "first_name"),
    "a result that no step gives": (plan(args=PERSON | {"company_id": {"$": "company.id"}}), "company"),
}


class Model:
    """Says the same thing however often it is asked."""

    def __init__(self) -> None:
        self.says = ""

    def __call__(self, _: dict[str, Any]) -> Answer:
        return says(self.says)


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def endpoint(model: Model) -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint(model) as it:
        yield it


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, endpoint: ScriptedEndpoint) -> Iterator[Stage]:
    environment = {"INTERLOCK_MODEL_BASE_URL": endpoint.base_url, "INTERLOCK_MODEL": "scripted"}
    with Stage.start(tmp_path_factory.mktemp("plans"), names=("crm",), environment=environment) as it:
        yield it


@pytest.mark.parametrize(("proposed", "named"), BAD.values(), ids=BAD)
def test_a_plan_that_cannot_be_is_refused_after_bounded_repairs(
    stage: Stage, model: Model, endpoint: ScriptedEndpoint, proposed: str, named: str
) -> None:
    sam, asked = stage.people["sam"], len(endpoint.requests)
    model.says = proposed
    run = pursuit.submit(sam, GOAL)
    ended = pursuit.ended(sam, run)
    assert "refused" == ended["state"]
    assert ended["reason"].startswith("no sound plan after 3 tries: ")
    assert named in ended["reason"]
    assert ended["reason"] == ended["problem"]["why"]
    assert 3 == len(endpoint.requests) - asked
    # The model was told what was wrong with its last plan.
    assert named in json.dumps(endpoint.requests[-1]["messages"])
    assert ([], []) == (sam.items(f"/v1/runs/{run}/effects"), stage.enterprise["crm"].ledger())


def test_a_model_that_does_not_speak_json_is_refused_after_bounded_repairs(stage: Stage, model: Model) -> None:
    sam = stage.people["sam"]
    model.says = "Of course! I shall create the contact right away."
    run = pursuit.submit(sam, GOAL)
    ended = pursuit.ended(sam, run)
    assert {
        "why": "The model answered 3 times without a usable proposal; at last: there is no JSON object in the answer; "
        "answer with one and nothing else.",
        "mend": "try again, or rephrase the goal",
        "clause": "",
        "nearest": [],
    } == ended["problem"]
    assert ("refused", []) == (ended["state"], stage.enterprise["crm"].ledger())
