"""A run that waits for a person costs no process, so it outlives a restart and a new version of the application."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from dbos import DBOSClient

from evals import pursuit
from evals.stage import Stage
from tools import db

GOAL = "Draft an invoice over 12,500 EUR for billing customer cus_GzuuSwevYzuVOR"
REASON = (
    "billing.post_invoices waits for a person with the role approver: "
    "An invoice over 10,000 is looked at by a second person before the customer gets it."
)


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    environment = {"INTERLOCK_DATABASE_URL": database_url, "INTERLOCK_APPLICATION_VERSION": "1.0.0"}
    with Stage.start(tmp_path, names=("billing",), environment=environment) as started:
        yield started


def test_a_waiting_run_outlives_a_restart_and_a_new_version(stage: Stage, interlock, database_url: str) -> None:
    sam, ann = stage.people["sam"], stage.people["ann"]
    run = pursuit.submit(sam, GOAL)
    approval = pursuit.asked(sam, run)
    before = sam.get(f"/v1/runs/{run}"), sam.get(f"/v1/approvals/{approval}")

    stage.server.stop()
    stage.server.environment = {**stage.server.environment, "INTERLOCK_APPLICATION_VERSION": "2.0.0"}
    stage.server.launch()
    stage.server.wait_until_ready()

    assert before == (sam.get(f"/v1/runs/{run}"), sam.get(f"/v1/approvals/{approval}"))
    assert [] == stage.enterprise["billing"].ledger()
    _assert_told_in_one_sentence(stage, interlock, run)

    assert "approved" == pursuit.decide(ann, approval, "approve")["state"]
    done = pursuit.ended(sam, run)
    assert ("done", [], None) == (done["state"], done["waiting_for"], done["problem"])
    assert [("POST /invoices", 1_250_000)] == [
        (entry["operation"], entry["after"]["amount"]) for entry in stage.enterprise["billing"].ledger()
    ]
    assert "used" == sam.get(f"/v1/approvals/{approval}")["state"]
    assert ["1.0.0", "2.0.0"] == _versions_of_legs(database_url)
    assert stage.people["ida"].get("/v1/audit/verify")["bad"] is None


def _assert_told_in_one_sentence(stage: Stage, interlock, run: str) -> None:
    """The interface, the command line and the page say the same."""
    assert REASON == stage.people["sam"].get(f"/v1/runs/{run}")["reason"]
    shown = interlock("runs", "show", run, INTERLOCK_URL=stage.server.url, INTERLOCK_API_KEY=stage.keys["sam"])
    assert shown.code == 0, shown
    assert REASON in " ".join(shown.out.split())
    with httpx.Client(base_url=stage.server.url, follow_redirects=True, trust_env=False) as browser:
        page = browser.post("/login", data={"key": stage.keys["sam"], "next": f"/runs/{run}"})
    assert (200, f"{stage.server.url}/runs/{run}") == (page.status_code, str(page.url))
    assert REASON in html.unescape(page.text)


def _versions_of_legs(database_url: str) -> list[str | None]:
    """The application versions that took the legs, in their order."""
    client = DBOSClient(system_database_url=db.sync_url(database_url))
    try:
        return [leg.app_version for leg in client.list_workflows()]
    finally:
        client.destroy()
