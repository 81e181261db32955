"""Runs: the list, and one run with its plan, its effects and its decisions."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select

from agent import runs as agent_runs
from agent import traces
from agent.service import Finding
from agent.tables import TERMINAL, Run, RunState
from api import stages
from api.deps import Service
from api.paging import newest_first
from api.routes import runs
from api.web import drawing, graph, telling
from api.web.visitor import AdminHere, Anybody, ApproverHere, SubmitterHere
from tools import errors
from tools.tables import Role

router = APIRouter(include_in_schema=False)

PAGE = 50
REFRESH_S = {RunState.ACCEPTED: 2, RunState.RUNNING: 2, RunState.WAITING: 10}
#: how often a page about a run that is not over loads itself again


@router.get("/runs")
async def show_runs(
    request: Request, actor: Anybody, service: Service, cursor: Annotated[str | None, Query(max_length=500)] = None
) -> Response:
    async with service.database.read() as session:
        rows, following = await newest_first(
            session,
            select(Run).where(Run.workspace == actor.workspace),
            by=(col(Run.created_at), col(Run.id)),
            cursor=cursor,
            limit=PAGE,
        )
        shown = [await runs.view(session, row) for row in rows]
    return drawing.page(request, "runs.html", actor=actor, runs=shown, next=following)


@router.get("/runs/{run_id}")
async def show_run(request: Request, run_id: str, actor: Anybody, service: Service) -> Response:
    async with service.database.read() as session:
        run = await agent_runs.fetch(session, actor.workspace, run_id)
        trace = await traces.of_run(session, actor.workspace, run_id)
        steps = await stages.of_run(session, run)
        shown = await runs.view(session, run)
    is_mine = trace["goal"]["submitter"] == actor.name
    may_answer, may_repair = actor.may(Role.SUBMITTER), actor.may(Role.APPROVER)
    has_form = (_asks(trace, "answer") and may_answer) or (_asks(trace, "repair") and may_repair)
    return drawing.page(
        request,
        "run.html",
        actor=actor,
        run=shown,
        trace=trace,
        steps=steps,
        picture=graph.draw(steps),
        story=telling.story(trace["decisions"]),
        is_over=run.state in TERMINAL,
        # Not while a person fills in a form: loading again would empty it.
        refresh_s=None if has_form else REFRESH_S.get(run.state),
        may_cancel=run.state not in TERMINAL and (is_mine or actor.may()),
        may_answer=may_answer,
        may_repair=may_repair,
        may_restore=actor.may(),
    )


@router.post("/runs/{run_id}/cancel")
async def cancel_run(
    run_id: str, actor: SubmitterHere, service: Service, reason: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    await runs.cancel_run(run_id, runs.Cancellation(reason=reason), actor, service)
    return _to(run_id)


@router.post("/runs/{run_id}/waits/{wait_id}/answer")
async def answer_wait(
    run_id: str,
    wait_id: str,
    actor: SubmitterHere,
    service: Service,
    answer: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    said = answer.replace("\r\n", "\n").strip()
    if not said:
        raise errors.Invalid("the answer is empty", pointer="/answer")
    await service.desk.answer(workspace=actor.workspace, wait_id=wait_id, actor=actor.name, answer=said)
    return _to(run_id)


@router.post("/runs/{run_id}/waits/{wait_id}/restore")
async def restore_wait(run_id: str, wait_id: str, actor: AdminHere, service: Service) -> Response:
    await service.desk.restore(workspace=actor.workspace, wait_id=wait_id, actor=actor.name)
    return _to(run_id)


@router.post("/runs/{run_id}/effects/{effect_id}/repair")
async def repair_effect(
    run_id: str,
    effect_id: str,
    actor: ApproverHere,
    service: Service,
    finding: Annotated[Finding, Form()],
    reason: Annotated[str, Form(max_length=4000)] = "",
    result: Annotated[str, Form(max_length=100_000)] = "",
) -> Response:
    await service.desk.repair(
        workspace=actor.workspace,
        effect_id=effect_id,
        actor=actor.name,
        finding=finding,
        result=_json(result) if result.strip() else None,
        reason=reason,
    )
    return _to(run_id)


def _asks(trace: dict[str, Any], kind: str) -> bool:
    return any(wait["kind"] == kind and wait["closed_at"] is None for wait in trace["waits"])


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise errors.Invalid("the result is not JSON", pointer="/result") from exc


def _to(run_id: str) -> Response:
    return RedirectResponse(f"/runs/{run_id}", status_code=303)
