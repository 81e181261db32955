"""How far each step of a run's plan is, for the interface and the pages. Reads rows; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from agent import runs, waits
from agent.leg import step_path
from agent.plan import Plan, Step, dependencies
from agent.tables import TERMINAL, Run, StepRow, StepState, Wait, WaitKind
from tools.tables import Effect, EffectState


class Stage(StrEnum):
    PLANNED = "planned"
    SENDING = "sending"
    WAITING = "waiting"
    IN_DOUBT = "in_doubt"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    DROPPED = "dropped"
    #: the run ended before it


class StepView(BaseModel):
    """A step of the plan, and how far it is."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    action: str | None
    purpose: str
    stage: Stage
    why: str
    #: what it waits for, or why it failed; "" otherwise
    after: tuple[str, ...]
    #: the steps that come before it, because it uses their results or the plan says so
    over: int
    #: how many times it is over: more than one only for a step that is repeated
    began_at: datetime | None
    ended_at: datetime | None


async def of_run(session: AsyncSession, run: Run) -> list[StepView]:
    """The steps of the run's plan, in its order; none while there is no plan."""
    version = await runs.plan_of(session, run)
    if version is None:
        return []
    rows = await runs.steps_of(session, run.id)
    open_waits = await waits.opened(session, run.id)
    effects = list(await session.exec(select(Effect).where(Effect.run == run.id)))
    return stages(run, Plan.model_validate(version.body), rows, open_waits, effects)


def stages(
    run: Run, plan: Plan, rows: Sequence[StepRow], open_waits: Sequence[Wait], effects: Sequence[Effect]
) -> list[StepView]:
    """The same, from what was read. Pure."""
    before = dependencies(plan)
    views = []
    for step in plan.steps:
        path = step_path(run.plan_version, step.id)
        own = [row for row in rows if row.path == path]
        waiting = [wait for wait in open_waits if wait.step == path]
        sent = [effect for effect in effects if effect.step == path]
        stage = _stage(run, step, own, waiting, sent)
        views.append(
            StepView(
                id=step.id,
                kind=step.kind,
                action=step.action,
                purpose=step.purpose,
                stage=stage,
                why=_why(stage, own, waiting),
                after=tuple(sorted(before[step.id])),
                over=len(own),
                began_at=min((row.began_at for row in own), default=None),
                ended_at=max((row.ended_at for row in own), default=None),
            )
        )
    return views


def _stage(run: Run, step: Step, own: Sequence[StepRow], waiting: Sequence[Wait], sent: Sequence[Effect]) -> Stage:
    states = {StepState(row.state) for row in own}
    if StepState.FAILED in states:
        return Stage.FAILED
    if waiting:
        is_doubtful = any(wait.kind is WaitKind.REPAIR for wait in waiting)
        return Stage.IN_DOUBT if is_doubtful else Stage.WAITING
    if any(effect.state is EffectState.SENDING for effect in sent):
        return Stage.SENDING
    if states and (step.for_each is None or run.state in TERMINAL):
        return Stage.DONE if StepState.DONE in states else Stage.SKIPPED
    return Stage.DROPPED if run.state in TERMINAL else Stage.PLANNED


def _why(stage: Stage, own: Sequence[StepRow], waiting: Sequence[Wait]) -> str:
    if stage in (Stage.WAITING, Stage.IN_DOUBT):
        return waiting[0].why
    if stage is Stage.FAILED:
        return next((str(row.problem["why"]) for row in own if row.problem and "why" in row.problem), "it failed")
    return ""
