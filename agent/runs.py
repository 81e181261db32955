"""Runs as rows: accepted, led by one worker at a time, ended. What a run is doing is always a query, never a guess."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from agent import waits
from agent.tables import TERMINAL, GoalRow, PlanVersion, Run, RunState, StepRow, StepState, Wait
from tools import db, errors
from tools.call import digest
from tools.clock import Ids
from tools.guard import audit
from tools.guard.scope import Grant


async def accept(
    session: AsyncSession,
    ids: Ids,
    *,
    workspace: str,
    text: str,
    submitter: str,
    grant: Grant,
    purpose: str = "",
    deadline: datetime | None = None,
    request_key: str | None = None,
) -> tuple[Run, bool]:
    """The run that pursues this goal, and whether it is new.

    The same `request_key` from the same submitter gives the run it gave before. Raises `KeyReused` when the text
    differs.
    """
    if request_key is not None:
        # Of two requests with one key the second waits here, and then finds the first one's run.
        await audit.hold(session, f"request:{workspace}:{submitter}:{request_key}")
        earlier = await _by_request_key(session, workspace, submitter, request_key)
        if earlier is not None:
            if earlier[0].text != text:
                raise errors.KeyReused("this Idempotency-Key was used for another goal")
            return earlier[1], False
    moment = await db.now(session)
    goal = GoalRow(
        id=ids.new("goal"),
        workspace=workspace,
        text=text,
        submitter=submitter,
        owner=submitter,
        purpose=purpose,
        budget={"effects": grant.effects},
        deadline=deadline,
        request_key=request_key,
        created_at=moment,
    )
    run = Run(
        id=ids.new("run"),
        workspace=workspace,
        goal=goal.id,
        state=RunState.ACCEPTED,
        grant=grant.model_dump(mode="json"),
        created_at=moment,
    )
    session.add(goal)
    await session.flush()
    session.add(run)
    body = {"goal": goal.id, "text_digest": digest(text), "grant": run.grant}
    await audit.append(session, workspace=workspace, chain=run.id, kind="run.accepted", actor=submitter, body=body)
    return run, True


async def claim(session: AsyncSession, run_id: str, worker: str, lease_s: float) -> Run | None:
    """Take the run's lease for one leg, or None when the run is over or another worker holds it."""
    await audit.hold(session, run_id)
    moment = await db.now(session)
    claimed = await session.exec(
        update(Run)
        .where(
            col(Run.id) == run_id,
            col(Run.state).not_in(TERMINAL),
            or_(col(Run.lease_until).is_(None), col(Run.lease_until) < moment),
        )
        .values(
            state=RunState.RUNNING,
            lease_worker=worker,
            lease_until=moment + timedelta(seconds=lease_s),
            leg=col(Run.leg) + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if claimed.rowcount != 1:
        return None
    run = await session.get(Run, run_id, populate_existing=True)
    assert run is not None
    await audit.append(
        session,
        workspace=run.workspace,
        chain=run.id,
        kind="leg.began",
        actor=worker,
        body={"leg": run.leg},
    )
    return run


async def extend(session: AsyncSession, run_id: str, leg: int, lease_s: float) -> bool:
    """Keep the lease of leg number `leg`; False when another leg has it by now, or the leg is over."""
    moment = await db.now(session)
    kept = await session.exec(
        update(Run)
        .where(col(Run.id) == run_id, col(Run.leg) == leg, col(Run.state) == RunState.RUNNING)
        .values(lease_until=moment + timedelta(seconds=lease_s))
        .execution_options(synchronize_session=False)
    )
    return kept.rowcount == 1


async def is_led_by(session: AsyncSession, run_id: str, leg: int) -> bool:
    """Whether leg number `leg` still leads the run: it was neither taken over nor cancelled."""
    run = await session.get(Run, run_id, populate_existing=True)
    return run is not None and run.leg == leg and run.state not in TERMINAL


async def rest(session: AsyncSession, run_id: str, leg: int) -> bool:
    """End a leg that has nothing to do. True when the run waits; False when what it waited for came meanwhile, and it
    must go on."""
    run = await _held(session, run_id, leg)
    open_waits = await waits.opened(session, run_id)
    run.lease_worker, run.lease_until = None, None
    if not open_waits:
        run.state = RunState.ACCEPTED
        return False
    run.state = RunState.WAITING
    run.summary = open_waits[0].why
    return True


async def finish(
    session: AsyncSession, run_id: str, leg: int, state: RunState, summary: str, problem: dict[str, Any] | None = None
) -> Run:
    """End the run for good."""
    run = await _held(session, run_id, leg)
    run.state, run.summary, run.problem = state, summary, problem
    run.ended_at = await db.now(session)
    run.lease_worker, run.lease_until = None, None
    body = {"state": state.value, "summary": summary, "problem": problem}
    await audit.append(
        session, workspace=run.workspace, chain=run.id, kind=f"run.{state.value}", actor="agent", body=body
    )
    return run


async def cancel(session: AsyncSession, workspace: str, run_id: str, actor: str, reason: str) -> Run:
    """Stop a run: nothing more is sent. What was sent stays in the ledger. Raises `Conflict` when it is over."""
    await audit.hold(session, run_id)
    run = await fetch(session, workspace, run_id)
    if run.state in TERMINAL:
        raise errors.Conflict(f"the run is {run.state} already")
    for wait in await waits.opened(session, run_id):
        await waits.close(session, wait, how="cancelled", actor=actor)
    run.state, run.summary = RunState.CANCELLED, f"cancelled by {actor}: {reason or 'no reason given'}"
    run.ended_at = await db.now(session)
    run.lease_worker, run.lease_until, run.leg = None, None, run.leg + 1
    await audit.append(
        session, workspace=workspace, chain=run.id, kind="run.cancelled", actor=actor, body={"reason": reason}
    )
    return run


async def store_plan(
    session: AsyncSession, run_id: str, leg: int, *, author: str, body: dict[str, Any], surfaces: dict[str, int]
) -> PlanVersion:
    """The next version of the run's plan, reviewed against these surface revisions."""
    run = await _held(session, run_id, leg)
    run.plan_version += 1
    version = PlanVersion(
        run=run_id,
        version=run.plan_version,
        author=author,
        body=body,
        surfaces=dict(surfaces),
        created_at=await db.now(session),
    )
    session.add(version)
    record = {"version": version.version, "author": author, "digest": digest(body), "surfaces": surfaces}
    await audit.append(
        session, workspace=run.workspace, chain=run_id, kind="plan.reviewed", actor=f"planner:{author}", body=record
    )
    return version


async def end_step(session: AsyncSession, run: Run, row: StepRow) -> None:
    """Write down that a step is over. Doing so again changes nothing: a leg may be repeated."""
    await audit.hold(session, run.id)
    if await session.get(StepRow, (row.run, row.path, row.iteration)) is not None:
        return
    session.add(row)
    body = {"step": row.path, "iteration": row.iteration, "state": row.state, "problem": row.problem}
    kind = f"step.{StepState(row.state).value}"
    await audit.append(session, workspace=run.workspace, chain=run.id, kind=kind, actor="agent", body=body)


async def orphans(session: AsyncSession, older_than_s: float) -> list[Run]:
    """Runs that should move and that nobody moves: a leg's lease has run out, a timer is overdue, a wait is
    closed, or no leg ever began."""
    moment = await db.now(session)
    late = moment - timedelta(seconds=older_than_s)
    lost = select(Run).where(
        or_(
            (col(Run.state) == RunState.RUNNING) & (col(Run.lease_until) < moment),
            (col(Run.state) == RunState.ACCEPTED) & (col(Run.created_at) < late) & (col(Run.lease_until).is_(None)),
        )
    )
    overdue = (
        select(Run)
        .join(Wait, col(Wait.run) == col(Run.id))
        .where(
            Run.state == RunState.WAITING,
            col(Wait.closed_at).is_(None),
            Wait.kind == "timer",
            col(Wait.deadline) < late,
        )
    )
    has_wait = select(Wait.id).where(col(Wait.run) == col(Run.id), col(Wait.closed_at).is_(None)).exists()
    forgotten = select(Run).where(Run.state == RunState.WAITING, ~has_wait)
    found = {run.id: run for query in (lost, overdue, forgotten) for run in await session.exec(query)}
    return list(found.values())


async def fetch(session: AsyncSession, workspace: str, run_id: str) -> Run:
    found = await session.exec(select(Run).where(Run.workspace == workspace, Run.id == run_id))
    if (run := found.first()) is None:
        raise errors.Unknown(f"there is no run {run_id}")
    return run


async def goal_of(session: AsyncSession, run: Run) -> GoalRow:
    goal = await session.get(GoalRow, run.goal)
    assert goal is not None
    return goal


async def plan_of(session: AsyncSession, run: Run) -> PlanVersion | None:
    return await session.get(PlanVersion, (run.id, run.plan_version)) if run.plan_version else None


async def steps_of(session: AsyncSession, run_id: str) -> Sequence[StepRow]:
    found = await session.exec(select(StepRow).where(StepRow.run == run_id).order_by(col(StepRow.ended_at)))
    return list(found)


async def _held(session: AsyncSession, run_id: str, leg: int) -> Run:
    """The run, held, if leg number `leg` still leads it. Raises `Conflict` otherwise: a later leg's word counts."""
    await audit.hold(session, run_id)
    run = await session.get(Run, run_id, populate_existing=True)
    assert run is not None
    if run.leg != leg or run.state in TERMINAL:
        raise errors.Conflict("another leg has taken this run over", run=run_id)
    return run


async def _by_request_key(
    session: AsyncSession, workspace: str, submitter: str, request_key: str
) -> tuple[GoalRow, Run] | None:
    found = await session.exec(
        select(GoalRow, Run)
        .join(Run, col(Run.goal) == col(GoalRow.id))
        .where(GoalRow.workspace == workspace, GoalRow.submitter == submitter, GoalRow.request_key == request_key)
    )
    return found.first()
