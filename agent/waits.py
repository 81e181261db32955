"""Why a run does not move: one typed row per reason, opened and closed with its record in the run's chain."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from agent.tables import Run, Wait, WaitKind
from tools import db
from tools.clock import Ids
from tools.guard import audit


async def open_or_find(
    session: AsyncSession,
    ids: Ids,
    run: Run,
    *,
    kind: WaitKind,
    why: str,
    owner: str,
    step: str = "",
    iteration: int = 0,
    reference: str | None = None,
    until: datetime | None = None,
) -> Wait:
    """The run's open wait at this step; another reason there closes the old one and opens a new one."""
    existing = next((w for w in await opened(session, run.id) if (w.step, w.iteration) == (step, iteration)), None)
    if existing is not None:
        if (existing.kind, existing.reference) == (kind, reference):
            return existing
        await close(session, existing, how="replaced", actor="agent")
    wait = Wait(
        id=ids.new("wait"),
        workspace=run.workspace,
        run=run.id,
        step=step,
        iteration=iteration,
        kind=kind,
        why=why,
        owner=owner,
        reference=reference,
        since=await db.now(session),
        deadline=until,
    )
    session.add(wait)
    body: dict[str, Any] = {"wait": wait.id, "kind": kind.value, "why": why, "owner": owner, "step": step}
    body |= {"reference": reference, "until": until.isoformat() if until else None}
    await audit.append(session, workspace=run.workspace, chain=run.id, kind="wait.opened", actor="agent", body=body)
    return wait


async def close(session: AsyncSession, wait: Wait, *, how: str, actor: str, answer: JsonValue = None) -> None:
    wait.closed_at, wait.closed_how, wait.answer = await db.now(session), how, answer
    session.add(wait)
    body = {"wait": wait.id, "kind": wait.kind, "how": how, "step": wait.step}
    await audit.append(session, workspace=wait.workspace, chain=wait.run, kind="wait.closed", actor=actor, body=body)


async def opened(session: AsyncSession, run: str) -> list[Wait]:
    """The run's open waits, oldest first."""
    found = await session.exec(
        select(Wait).where(Wait.run == run, col(Wait.closed_at).is_(None)).order_by(col(Wait.since), Wait.id)
    )
    return list(found)


async def by_reference(session: AsyncSession, workspace: str, reference: str) -> Wait | None:
    """The open wait for that approval, effect or connection."""
    found = await session.exec(
        select(Wait).where(Wait.workspace == workspace, Wait.reference == reference, col(Wait.closed_at).is_(None))
    )
    return found.first()


async def close_due(session: AsyncSession, run: str) -> None:
    """Close the timers whose time has come."""
    moment = await db.now(session)
    for wait in await opened(session, run):
        if wait.kind is WaitKind.TIMER and wait.deadline is not None and wait.deadline <= moment:
            await close(session, wait, how="due", actor="clock")


async def times_waited(session: AsyncSession, run: str, step: str, iteration: int, kind: WaitKind) -> int:
    """How many waits of this kind this step has had."""
    found = await session.exec(
        select(Wait.id).where(Wait.run == run, Wait.step == step, Wait.iteration == iteration, Wait.kind == kind)
    )
    return len(list(found))


def growing_delay_s(times: int) -> float:
    """Seconds until the next try after `times` waits: 2, 10, 50, then five minutes each."""
    return min(2.0 * 5.0**times, 300.0)


def due(moment: datetime, seconds: float) -> datetime:
    return moment + timedelta(seconds=seconds)


async def answered(session: AsyncSession, run: str, step: str, iteration: int) -> Wait | None:
    """The wait at this step that a person answered."""
    found = await session.exec(
        select(Wait).where(
            Wait.run == run, Wait.step == step, Wait.iteration == iteration, Wait.closed_how == "answered"
        )
    )
    return found.first()


async def answers(session: AsyncSession, run: str, step: str) -> list[JsonValue]:
    """Everything a person answered at this step, in order."""
    found = await session.exec(
        select(Wait)
        .where(Wait.run == run, Wait.step == step, Wait.closed_how == "answered")
        .order_by(col(Wait.closed_at))
    )
    return [wait.answer for wait in found]
