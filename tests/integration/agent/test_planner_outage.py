"""A model endpoint that is away, busy or silent: the run waits and says so, and goes on when the model is back."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agent import traces
from agent.planners.model import ModelPlanner
from agent.tables import TERMINAL
from agent.testing import Answer, ScriptedEndpoint, fails, says
from api.settings import Settings
from api.wiring import Interlock
from tools.guard.scope import Grant

GOAL = "Say what six times seven is"
STEP = {"id": "product", "kind": "let", "args": {"value": {"$": "6 * 7"}}}
GOOD = says(json.dumps({"kind": "plan", "steps": [STEP]}))
WITHIN_S = 30.0

Run = dict[str, Any]


@asynccontextmanager
async def working(folder: Path, base_url: str, *, timeout_s: float = 10.0) -> AsyncIterator[Interlock]:
    """A whole Interlock with a worker, whose model is at `base_url`."""
    planner = ModelPlanner(base_url=base_url, api_key=None, model="m-1", timeout_s=timeout_s)
    interlock = Interlock.build(Settings(data_dir=folder, lease_s=2.0, poll_s=0.05), planner=planner)
    await interlock.start(worker=True)
    try:
        yield interlock
    finally:
        await interlock.stop()


async def submitted(interlock: Interlock) -> Callable[[], Awaitable[Run]]:
    """What gives the story of a new run."""
    workspace = interlock.settings.workspace
    run = await interlock.desk.submit(text=GOAL, grant=Grant(workspace=workspace, requester="sam"))

    async def story() -> Run:
        async with interlock.database.read() as session:
            return await traces.of_run(session, workspace, run.id)

    return story


async def until(story: Callable[[], Awaitable[Run]], holds: Callable[[Run], bool]) -> Run:
    async with asyncio.timeout(WITHIN_S):
        while not holds(found := await story()):
            await asyncio.sleep(0.02)
    return found


def is_waiting(found: Run) -> bool:
    return found["run"]["state"] in TERMINAL or bool(found["run"]["state"] == "waiting" and found["run"]["waiting_for"])


def is_over(found: Run) -> bool:
    return found["run"]["state"] in TERMINAL


async def test_a_model_that_is_away_is_waited_for(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    async with working(tmp_path, f"http://127.0.0.1:{port}/v1") as interlock:
        story = await submitted(interlock)
        waiting = (await until(story, is_waiting))["run"]
        assert (
            "The model endpoint cannot be reached; check INTERLOCK_MODEL_BASE_URL and that it runs; next try in 2 s"
        ) == waiting["reason"]
        (wait,) = waiting["waiting_for"]
        assert ("timer", "clock", "goal") == (wait["kind"], wait["owner"], wait["step"])
        with ScriptedEndpoint([GOOD], port=port):
            done = await until(story, is_over)
    assert ("done", [42]) == (done["run"]["state"], [step["result"] for step in done["steps"]])
    assert [("timer", "due")] == [(wait["kind"], wait["closed_how"]) for wait in done["waits"]]


async def test_a_busy_model_is_asked_again_when_it_said(tmp_path: Path) -> None:
    with ScriptedEndpoint([fails(429, Retry_After="1")] * 3 + [GOOD]) as endpoint:
        async with working(tmp_path, endpoint.base_url) as interlock:
            story = await submitted(interlock)
            waiting = (await until(story, is_waiting))["run"]
            assert ("The model endpoint is busy (429) and asks to be left alone for 1 s; next try in 1 s") == waiting[
                "reason"
            ]
            assert "done" == (await until(story, is_over))["run"]["state"]
        assert 4 == len(endpoint.requests)


async def test_a_model_that_asks_for_an_hour_gets_it_unless_a_person_knows_better(tmp_path: Path) -> None:
    with ScriptedEndpoint([fails(429, Retry_After="3600"), GOOD]) as endpoint:
        async with working(tmp_path, endpoint.base_url) as interlock:
            story = await submitted(interlock)
            waiting = (await until(story, is_waiting))["run"]
            assert (
                "The model endpoint is busy (429) and asks to be left alone for 3600 s; next try in 3600 s"
            ) == waiting["reason"]
            assert 1 == len(endpoint.requests)
            (wait,) = waiting["waiting_for"]
            workspace = interlock.settings.workspace
            await interlock.desk.restore(workspace=workspace, wait_id=wait["id"], actor="ada")
            assert "done" == (await until(story, is_over))["run"]["state"]


@pytest.mark.parametrize(
    "trouble", [Answer(body=GOOD.body, delay_s=2.5), fails(503, Retry_After="0")], ids=["silent", "503"]
)
async def test_a_model_in_trouble_loses_no_goal(tmp_path: Path, trouble: Answer) -> None:
    broken = [True]
    with ScriptedEndpoint(lambda _: trouble if broken[0] else GOOD) as endpoint:
        async with working(tmp_path, endpoint.base_url, timeout_s=1.0) as interlock:
            story = await submitted(interlock)
            assert "waiting" == (await until(story, is_waiting))["run"]["state"]
            broken[0] = False
            done = await until(story, is_over)
    assert ("done", [42]) == (done["run"]["state"], [step["result"] for step in done["steps"]])
