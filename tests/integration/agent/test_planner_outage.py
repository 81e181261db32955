"""A model endpoint that is away, busy or silent: the run waits and says so, and goes on when the model is back."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from agent import traces
from agent.planners.model import ModelPlanner
from agent.tables import TERMINAL
from agent.testing import Answer, ScriptedEndpoint, fails, says
from api.settings import Settings
from api.wiring import Interlock
from tools.guard.scope import Grant

pytestmark = pytest.mark.asyncio(loop_scope="module")

STEP = {"id": "product", "kind": "let", "args": {"value": {"$": "6 * 7"}}}
GOOD = says(json.dumps({"kind": "plan", "steps": [STEP]}))
#: Seconds that the planner waits for a usable answer.
PATIENCE_S = 3.0
WITHIN_S = 30.0


@dataclass(frozen=True)
class Pursuit:
    """A run, read from the rows as it is."""

    interlock: Interlock
    run: str

    async def until_it_rests(self) -> dict[str, Any]:
        """The run as soon as it waits; or is over, when it does not wait."""
        story = await self._until(lambda run: run["state"] == "waiting" and run["waiting_for"])
        return dict(story["run"])

    async def until_it_is_over(self) -> dict[str, Any]:
        return await self._until(lambda _: False)

    async def _until(self, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        async with asyncio.timeout(WITHIN_S):
            while not (holds((story := await self._story())["run"]) or story["run"]["state"] in TERMINAL):
                await asyncio.sleep(0.02)
        return story

    async def _story(self) -> dict[str, Any]:
        async with self.interlock.database.read() as session:
            return await traces.of_run(session, self.interlock.settings.workspace, self.run)


@pytest.fixture(scope="module")
def port() -> int:
    """Where the model is, when it is there."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def interlock(tmp_path_factory: pytest.TempPathFactory, port: int) -> AsyncIterator[Interlock]:
    """A whole Interlock with a worker."""
    planner = ModelPlanner(base_url=f"http://127.0.0.1:{port}/v1", api_key=None, model="m-1", timeout_s=PATIENCE_S)
    settings = Settings(data_dir=tmp_path_factory.mktemp("outage"), lease_s=2.0, poll_s=0.05)
    interlock = Interlock.build(settings, planner=planner)
    await interlock.start(worker=True)
    try:
        yield interlock
    finally:
        await interlock.stop()


async def submit(interlock: Interlock) -> Pursuit:
    grant = Grant(workspace=interlock.settings.workspace, requester="sam")
    run = await interlock.desk.submit(text="Say what six times seven is", grant=grant)
    return Pursuit(interlock, run.id)


async def test_a_model_that_is_away_is_waited_for(interlock: Interlock, port: int) -> None:
    pursuit = await submit(interlock)
    waiting = await pursuit.until_it_rests()
    assert (
        "The model endpoint cannot be reached; check INTERLOCK_MODEL_BASE_URL and that it runs; next try in 2 s"
    ) == waiting["reason"]
    (wait,) = waiting["waiting_for"]
    assert ("timer", "clock", "goal") == (wait["kind"], wait["owner"], wait["step"])
    with ScriptedEndpoint([GOOD], port=port):
        done = await pursuit.until_it_is_over()
    assert ("done", [42]) == (done["run"]["state"], [step["result"] for step in done["steps"]])
    assert [("timer", "due")] == [(one["kind"], one["closed_how"]) for one in done["waits"]]


async def test_a_busy_model_is_asked_again_when_it_said(interlock: Interlock, port: int) -> None:
    with ScriptedEndpoint([fails(429, Retry_After="1")] * 3 + [GOOD], port=port) as model:
        pursuit = await submit(interlock)
        waiting = await pursuit.until_it_rests()
        assert ("The model endpoint is busy (429) and asks to be left alone for 1 s; next try in 1 s") == waiting[
            "reason"
        ]
        assert "done" == (await pursuit.until_it_is_over())["run"]["state"]
    assert 4 == len(model.requests)


async def test_a_model_that_asks_for_an_hour_gets_it_unless_a_person_knows_better(
    interlock: Interlock, port: int
) -> None:
    with ScriptedEndpoint([fails(429, Retry_After="3600"), GOOD], port=port) as model:
        pursuit = await submit(interlock)
        waiting = await pursuit.until_it_rests()
        assert ("The model endpoint is busy (429) and asks to be left alone for 3600 s; next try in 3600 s") == waiting[
            "reason"
        ]
        assert 1 == len(model.requests)
        (wait,) = waiting["waiting_for"]
        await interlock.desk.restore(workspace=wait["workspace"], wait_id=wait["id"], actor="ada")
        assert "done" == (await pursuit.until_it_is_over())["run"]["state"]


async def test_a_silent_model_loses_no_goal(interlock: Interlock, port: int) -> None:
    answers = [Answer(body=GOOD.body, delay_s=2 * PATIENCE_S)]
    with ScriptedEndpoint(lambda _: answers[-1], port=port):
        pursuit = await submit(interlock)
        waiting = await pursuit.until_it_rests()
        assert f"The model gave no usable answer within {PATIENCE_S:g} s; next try in 2 s" == waiting["reason"]
        answers.append(GOOD)
        done = await pursuit.until_it_is_over()
    assert ("done", [42]) == (done["run"]["state"], [step["result"] for step in done["steps"]])
