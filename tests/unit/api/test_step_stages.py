"""How far a step is follows from rows alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.plan import Plan, Step
from agent.tables import Run, RunState, StepRow, StepState, Wait, WaitKind
from api.stages import Stage, StepView, stages
from tools.tables import Effect, EffectState

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PLAN = Plan(
    steps=(
        Step(id="find", action="crm.list_contacts"),
        Step(id="add", action="crm.create_contact", args={"email": {"$": "find.email"}}, purpose="add her"),
    )
)


def run(state: RunState = RunState.RUNNING) -> Run:
    return Run(id="run_1", workspace="default", goal="goal_1", state=state, grant={}, plan_version=2, created_at=NOON)


def row(path: str, state: StepState, **more: Any) -> StepRow:
    return StepRow(run="run_1", path=path, iteration=0, state=state, began_at=NOON, ended_at=NOON, **more)


def wait(path: str, kind: WaitKind) -> Wait:
    return Wait(
        id="w",
        workspace="default",
        run="run_1",
        step=path,
        kind=kind,
        why="a person is asked",
        owner="approver",
        since=NOON,
    )


def effect(path: str, state: EffectState) -> Effect:
    return Effect(
        id="e",
        workspace="default",
        run="run_1",
        step=path,
        iteration=0,
        action="crm.create_contact",
        connection="c",
        surface=1,
        digest="d",
        request={},
        arguments={},
        arguments_digest="a",
        key="k",
        state=state,
        created_at=NOON,
    )


def add(state: RunState = RunState.RUNNING, rows: Any = (), waits: Any = (), effects: Any = ()) -> StepView:
    return stages(run(state), PLAN, rows, waits, effects)[1]


def test_a_step_that_was_not_begun_is_planned_and_knows_what_it_needs() -> None:
    assert add() == StepView(
        id="add",
        kind="call",
        action="crm.create_contact",
        purpose="add her",
        stage=Stage.PLANNED,
        why="",
        after=("find",),
        over=0,
        began_at=None,
        ended_at=None,
    )


@pytest.mark.parametrize(
    ("stage", "why", "given"),
    [
        (Stage.DONE, "", {"rows": [row("2/add", StepState.DONE)]}),
        (Stage.SKIPPED, "", {"rows": [row("2/add", StepState.SKIPPED)]}),
        (Stage.FAILED, "no", {"rows": [row("2/add", StepState.FAILED, problem={"why": "no"})]}),
        (Stage.WAITING, "a person is asked", {"waits": [wait("2/add", WaitKind.APPROVAL)]}),
        (Stage.IN_DOUBT, "a person is asked", {"waits": [wait("2/add", WaitKind.REPAIR)]}),
        (Stage.SENDING, "", {"effects": [effect("2/add", EffectState.SENDING)]}),
        (Stage.DROPPED, "", {"state": RunState.CANCELLED}),
        (Stage.PLANNED, "", {"rows": [row("1/add", StepState.DONE)], "waits": [wait("1/add", WaitKind.TIMER)]}),
    ],
    ids=["done", "skipped", "failed", "waiting", "in doubt", "sending", "dropped", "of another plan version"],
)
def test_rows_say_how_far_a_step_is(stage: Stage, why: str, given: dict[str, Any]) -> None:
    assert (stage, why) == (add(**given).stage, add(**given).why)
