"""Reading a run back: what was meant, what was decided, what happened, and why it does not move."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from agent import runs, waits
from agent.tables import TERMINAL, Run, RunState, Wait
from tools import db
from tools.guard import audit
from tools.tables import Approval, Attempt, Effect

QUEUED_AT_MOST = timedelta(seconds=30)
#: a woken run that nobody leads after so long is stuck


async def of_run(session: AsyncSession, workspace: str, run_id: str) -> dict[str, Any]:
    """The whole story of a run as JSON: goal, plan, steps, effects with attempts, approvals, waits, decisions.

    Raises `Unknown`.
    """
    run = await runs.fetch(session, workspace, run_id)
    goal = await runs.goal_of(session, run)
    plan = await runs.plan_of(session, run)
    return {
        "run": await view(session, run),
        "goal": goal.model_dump(mode="json", exclude={"request_key"}),
        "plan": None if plan is None else plan.model_dump(mode="json"),
        "steps": [step.model_dump(mode="json") for step in await runs.steps_of(session, run_id)],
        "effects": await effects(session, run_id),
        "approvals": [approval.model_dump(mode="json") for approval in await _approvals(session, run_id)],
        "waits": [wait.model_dump(mode="json") for wait in await _waits(session, run_id)],
        "decisions": [record.model_dump(mode="json") for record in await audit.records(session, workspace, run_id)],
    }


async def view(session: AsyncSession, run: Run) -> dict[str, Any]:
    """The run with its reason for not moving, in one sentence, and whether it is stuck."""
    open_waits = [] if run.state in TERMINAL else await waits.opened(session, run.id)
    return run.model_dump(mode="json") | {
        "waiting_for": [wait.model_dump(mode="json") for wait in open_waits],
        "reason": await reason(session, run, open_waits),
        "is_stuck": await _is_stuck(session, run, open_waits),
    }


async def reason(session: AsyncSession, run: Run, open_waits: list[Wait]) -> str:
    """Why the run is where it is, in one sentence."""
    if run.state in TERMINAL:
        return run.summary
    if open_waits:
        return open_waits[0].why
    if await _is_stuck(session, run, open_waits):
        return "nothing leads this run and nothing is awaited; a worker will take it up again, or see the log"
    return "a worker is on it" if run.state is RunState.RUNNING else "it is queued for a worker"


async def effects(session: AsyncSession, run_id: str) -> list[dict[str, Any]]:
    """The run's effects in order, each with its attempts."""
    rows = list(await session.exec(select(Effect).where(Effect.run == run_id).order_by(col(Effect.created_at))))
    tries = await session.exec(
        select(Attempt).where(col(Attempt.effect).in_([row.id for row in rows])).order_by(col(Attempt.number))
    )
    by_effect: dict[str, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for attempt in tries:
        by_effect[attempt.effect].append(attempt.model_dump(mode="json", exclude={"id", "effect"}))
    return [row.model_dump(mode="json") | {"attempts": by_effect[row.id]} for row in rows]


async def _is_stuck(session: AsyncSession, run: Run, open_waits: list[Wait]) -> bool:
    if run.state in TERMINAL or open_waits:
        return False
    if run.state is RunState.RUNNING and run.lease_until is not None:
        return run.lease_until < await db.now(session)
    return run.state is RunState.WAITING and await _is_forgotten(session, run)


async def _is_forgotten(session: AsyncSession, run: Run) -> bool:
    """Whether the run's last wait ended long ago and nobody took the run up: just after, it is only queued."""
    ended = [wait.closed_at for wait in await _waits(session, run.id) if wait.closed_at is not None]
    return not ended or await db.now(session) - max(ended) > QUEUED_AT_MOST


async def _approvals(session: AsyncSession, run_id: str) -> list[Approval]:
    return list(await session.exec(select(Approval).where(Approval.run == run_id).order_by(col(Approval.opened_at))))


async def _waits(session: AsyncSession, run_id: str) -> list[Wait]:
    return list(await session.exec(select(Wait).where(Wait.run == run_id).order_by(col(Wait.since))))
