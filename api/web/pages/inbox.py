"""The first page: what waits for people, what runs, and a form for a new goal."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select

from agent.tables import Run, Wait, WaitKind
from api.deps import Service
from api.routes import runs
from api.web import drawing
from api.web.visitor import Anybody, SubmitterHere
from tools.guard.scope import Grant
from tools.tables import Approval, ApprovalState, Role

router = APIRouter(include_in_schema=False)

SHOWN = 50
RECENT = 10


@router.get("/")
async def show_inbox(request: Request, actor: Anybody, service: Service) -> Response:
    async with service.database.read() as session:
        approvals = await session.exec(
            select(Approval)
            .where(Approval.workspace == actor.workspace, Approval.state == ApprovalState.OPEN)
            .order_by(col(Approval.expires_at))
            .limit(SHOWN)
        )
        waits = await session.exec(
            select(Wait)
            .where(Wait.workspace == actor.workspace, Wait.kind != WaitKind.APPROVAL, col(Wait.closed_at).is_(None))
            .order_by(col(Wait.since))
            .limit(SHOWN)
        )
        recent = await session.exec(
            select(Run).where(Run.workspace == actor.workspace).order_by(col(Run.created_at).desc()).limit(RECENT)
        )
        return drawing.page(
            request,
            "inbox.html",
            actor=actor,
            approvals=list(approvals),
            waits=list(waits),
            runs=[await runs.view(session, run) for run in recent],
            may_submit=actor.may(Role.SUBMITTER),
            request_key=secrets.token_hex(16),
        )


@router.post("/goals")
async def submit_goal(
    actor: SubmitterHere,
    service: Service,
    text: Annotated[str, Form(max_length=8000)] = "",
    request_key: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    # The key was drawn with the form, so a double click is one goal.
    grant = Grant(workspace=actor.workspace, requester=actor.name)
    said = text.replace("\r\n", "\n")
    run = await service.desk.submit(text=said, grant=grant, request_key=f"form:{request_key}" if request_key else None)
    return RedirectResponse(f"/runs/{run.id}", status_code=303)
