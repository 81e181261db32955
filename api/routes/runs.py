"""Runs: what became of a goal, why it does not move, and everything that was decided on the way."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from agent import runs, traces
from agent.tables import Run, RunState, Wait, WaitKind
from api import stages, stream
from api.deps import Reader, Service, Submitter
from api.fields import Prose, Sent, Shown
from api.paging import Cursor, Limit, Page, newest_first
from tools import errors
from tools.guard import audit
from tools.tables import Role

router = APIRouter(prefix="/v1/runs", tags=["runs"])


class WaitView(Shown):
    """Why a run does not move."""

    id: str
    run: str
    step: str
    iteration: int
    kind: WaitKind
    why: str
    owner: str
    #: a role, or a principal
    reference: str | None
    #: the approval, effect or connection
    since: datetime
    deadline: datetime | None
    closed_at: datetime | None
    closed_how: str | None


class RunView(Shown):
    id: str
    goal: str
    text: str
    #: the goal in its submitter's words
    submitter: str
    state: RunState
    reason: str
    #: one sentence: what came of it, or why it does not move
    is_stuck: bool
    waiting_for: list[WaitView]
    plan_version: int
    problem: dict[str, Any] | None
    created_at: datetime
    ended_at: datetime | None


class EffectView(Shown):
    """A call that may change the world, with every attempt at it."""

    id: str
    run: str
    step: str
    iteration: int
    action: str
    connection: str
    surface: int
    digest: str
    request: dict[str, Any]
    #: as it is sent, without the credential
    arguments: dict[str, Any]
    key: str
    state: str
    attempt: int
    status: int | None
    result: Any
    problem: str | None
    how: str | None
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    attempts: list[dict[str, Any]]


class DecisionView(Shown):
    """One record of the hash chain."""

    workspace: str
    chain: str
    seq: int
    at: datetime
    kind: str
    actor: str
    body: dict[str, Any]
    prev: str
    hash: str


class Cancellation(Sent):
    reason: Prose = ""


@router.get("")
async def list_runs(
    actor: Reader,
    service: Service,
    state: Annotated[RunState | None, Query(description="Only runs in this state.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[RunView]:
    """The workspace's runs, the newest first."""
    query = select(Run).where(Run.workspace == actor.workspace)
    async with service.database.read() as session:
        rows, following = await newest_first(
            session,
            query if state is None else query.where(Run.state == state),
            by=(col(Run.created_at), col(Run.id)),
            cursor=cursor,
            limit=limit,
        )
        return Page(items=[await view(session, row) for row in rows], next=following)


@router.get("/{run_id}")
async def get_run(run_id: str, actor: Reader, service: Service) -> RunView:
    """A run: its state, the reason for it in one sentence, and whether it is stuck."""
    async with service.database.read() as session:
        return await view(session, await runs.fetch(session, actor.workspace, run_id))


@router.get("/{run_id}/steps")
async def list_steps(run_id: str, actor: Reader, service: Service) -> Page[stages.StepView]:
    """The steps of the run's plan in order, each with how far it is."""
    async with service.database.read() as session:
        run = await runs.fetch(session, actor.workspace, run_id)
        return Page(items=await stages.of_run(session, run))


@router.get("/{run_id}/effects")
async def list_effects(run_id: str, actor: Reader, service: Service) -> Page[EffectView]:
    """The run's effects in order, each with its attempts."""
    async with service.database.read() as session:
        run = await runs.fetch(session, actor.workspace, run_id)
        return Page(items=[EffectView.model_validate(one) for one in await traces.effects(session, run.id)])


@router.get("/{run_id}/decisions")
async def list_decisions(
    run_id: str,
    actor: Reader,
    service: Service,
    cursor: Annotated[int, Query(description="`next` of the page before.", ge=0)] = 0,
    limit: Limit = 200,
) -> Page[DecisionView]:
    """The run's hash chain in order: what was decided, by whom, and why."""
    async with service.database.read() as session:
        run = await runs.fetch(session, actor.workspace, run_id)
        found = await audit.records(session, actor.workspace, run.id, after=cursor)
    shown = [DecisionView.model_validate(one) for one in found[:limit]]
    return Page(items=shown, next=str(shown[-1].seq) if len(found) > limit else None)


@router.get("/{run_id}/trace")
async def get_trace(run_id: str, actor: Reader, service: Service) -> dict[str, Any]:
    """The whole story of the run: goal, plan, steps, effects, approvals, waits and decisions."""
    async with service.database.read() as session:
        return await traces.of_run(session, actor.workspace, run_id)


@router.get(
    "/{run_id}/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}, 204: {"description": "Over."}},
)
async def stream_run(
    run_id: str,
    actor: Reader,
    service: Service,
    last_event_id: Annotated[int, Header(ge=0, le=2**53, description="Go on after this event.")] = 0,
) -> Response:
    """The run's decisions as server-sent events while they happen. Ids have no gaps; the stream ends with the run."""
    async with service.database.read() as session:
        await runs.fetch(session, actor.workspace, run_id)
    chain = stream.Chain(service.database, actor.workspace, run_id)
    if await chain.is_read(last_event_id):
        # A client that gets 204 does not connect again (WHATWG HTML, server-sent events).
        return Response(status_code=204)
    events = stream.events(chain, last_event_id, service.stopping)
    return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.post("/{run_id}/cancel")
async def cancel_run(run_id: str, body: Cancellation, actor: Submitter, service: Service) -> RunView:
    """Stop a run: nothing more is sent. What was sent stays. A submitter may stop their own runs, an admin all."""
    async with service.database.read() as session:
        run = await runs.fetch(session, actor.workspace, run_id)
        goal = await runs.goal_of(session, run)
    if goal.submitter != actor.name and Role.ADMIN not in actor.roles:
        raise errors.Forbidden("only its submitter or an admin may stop this run")
    run = await service.desk.cancel(workspace=actor.workspace, run_id=run_id, actor=actor.name, reason=body.reason)
    async with service.database.read() as session:
        return await view(session, run)


async def view(session: AsyncSession, run: Run) -> RunView:
    """The run as people see it."""
    goal = await runs.goal_of(session, run)
    shown = await traces.view(session, run)
    return RunView.model_validate({**shown, "text": goal.text, "submitter": goal.submitter})


def wait_view(wait: Wait) -> WaitView:
    return WaitView.model_validate(wait)
