"""Several workers on one database: they share the runs, and each outlives the others. SQLite takes one and says so."""

from __future__ import annotations

import base64
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from evals import postgres, pursuit
from evals.server import Server
from evals.stage import Stage

GOALS = 20
#: Seconds that each new contact takes while the fault is armed: long enough to be killed in.
SLOW_S = 1.5
SETTINGS = {
    # Few legs at once, so that one worker cannot take them all.
    "INTERLOCK_CONCURRENCY": "3",
    "INTERLOCK_LEASE_S": "2",
    "INTERLOCK_REQUEST_TIMEOUT_S": "3",
    # On several machines the key comes from the environment, not from a file.
    "INTERLOCK_VAULT_KEY": base64.b64encode(bytes(range(32))).decode(),
}


@pytest.fixture(scope="module")
def environment(postgres_server: str) -> Iterator[dict[str, str]]:
    """Settings that all processes of the service share."""
    name = f"interlock_{uuid.uuid4().hex}"
    yield SETTINGS | {"INTERLOCK_DATABASE_URL": postgres.create(postgres_server, name)}
    postgres.drop(postgres_server, name)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Stage]:
    """Interlock's doors alone; nothing carries out runs."""
    doors = ("serve", "--no-worker")
    with Stage.start(tmp_path_factory.mktemp("doors"), names=("crm",), environment=environment, command=doors) as it:
        yield it


@pytest.fixture(scope="module")
def workers(
    stage: Stage, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Server]]:
    """Two `interlock worker` processes, each with a data folder of its own, as on two machines.

    They start after the doors, because the first process of all makes the admin's key, in its own folder.
    """
    folder = tmp_path_factory.mktemp("workers")
    started = {
        name: Server(folder=folder / name, command=("worker",), environment=environment | {"INTERLOCK_WORKER": name})
        for name in ("ada", "bob")
    }
    try:
        for worker in started.values():
            worker.launch()
        for worker in started.values():
            _wait_until_it_works(worker)
        yield started
    finally:
        for worker in started.values():
            worker.stop()


@pytest.mark.usefixtures("workers")
def test_two_workers_share_the_runs_and_do_each_once(stage: Stage) -> None:
    runs = _submit(stage, "shared")
    assert {"done"} == {pursuit.ended(stage.admin, run)["state"] for run in runs}
    assert dict.fromkeys(_emails("shared"), 1) == _written(stage, "shared")
    led = [leader for run in runs for leader in _leaders(stage, run)]
    assert ({"ada", "bob"}, GOALS) == (set(led), len(led))


def test_the_runs_of_a_killed_worker_are_finished_by_the_other(stage: Stage, workers: dict[str, Server]) -> None:
    stage.enterprise["crm"].arm_fault("POST /contacts", "after_commit", "delay", delay_s=SLOW_S, times=6)
    runs = _submit(stage, "killed")
    sending = _sent_by(stage, runs, "ada")
    workers["ada"].kill()
    assert {"done"} == {pursuit.ended(stage.admin, run)["state"] for run in runs}
    assert dict.fromkeys(_emails("killed"), 1) == _written(stage, "killed")
    leaders = _leaders(stage, sending)
    assert ("ada", "bob") == (leaders[0], leaders[-1])
    assert stage.people["ida"].get("/v1/audit/verify")["bad"] is None


def test_a_second_worker_on_sqlite_is_refused_in_a_sentence(crm_stage: Stage, interlock) -> None:
    refused = interlock("worker", INTERLOCK_DATA_DIR=str(crm_stage.server.folder))
    assert refused.code == 1, refused
    said = " ".join(refused.err.split())
    assert "another worker uses this SQLite database" in said
    assert f"held by process {crm_stage.server.pid}" in said
    assert "Mend: stop it, or set INTERLOCK_DATABASE_URL=postgresql://… for several workers" in said
    assert "Traceback" not in said
    assert {"status": "ready"} == crm_stage.admin.get("/readyz")


def _wait_until_it_works(worker: Server) -> None:
    """A worker has no door to ask at; its log says when it takes legs."""
    deadline = time.monotonic() + pursuit.WITHIN_S
    while "takes legs" not in worker.log.read_text("utf-8"):
        assert worker.pid is not None, worker.log.read_text("utf-8")
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _submit(stage: Stage, name: str) -> list[str]:
    goal = 'Create a contact in the CRM with first name "Kim", last name "Shared" and email {email}.'
    return [pursuit.submit(stage.people["sam"], goal.format(email=email)) for email in _emails(name)]


def _emails(name: str) -> list[str]:
    return [f"{name}-{number}@example.com" for number in range(GOALS)]


def _written(stage: Stage, name: str) -> Counter[str]:
    """How often each contact stands in the ledger of the CRM."""
    created = [str(entry["after"]["email"]) for entry in stage.enterprise["crm"].ledger()]
    return Counter(email for email in created if email.startswith(f"{name}-"))


def _leaders(stage: Stage, run: str) -> list[str]:
    """The workers that led the run's legs, in order."""
    return [one["actor"] for one in _decisions(stage, run) if one["kind"] == "leg.began"]


def _sent_by(stage: Stage, runs: list[str], worker: str) -> str:
    """A run whose effect the worker is sending right now."""
    deadline = time.monotonic() + pursuit.WITHIN_S
    while time.monotonic() < deadline:
        for run in runs:
            decisions = _decisions(stage, run)
            if decisions[-1]["kind"] == "effect.sending" and [worker] == _leaders(stage, run):
                return run
    raise TimeoutError(f"{worker} sent nothing")


def _decisions(stage: Stage, run: str) -> list[dict[str, Any]]:
    return stage.admin.items(f"/v1/runs/{run}/decisions")
