"""One approval: the exact request, and the forms to approve, reject or edit it."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from agent import runs as agent_runs
from api.auth import Actor
from api.deps import Service
from api.routes import approvals
from api.routes.approvals import Word
from api.web import drawing
from api.web import request as requests
from api.web.visitor import Anybody, ApproverHere
from tools import errors
from tools.tables import Approval, ApprovalState, Connection, Role

router = APIRouter(include_in_schema=False)

ARGUMENT, LEAVE_OUT = "argument:", "leave_out:"
#: names of the edit form's fields, before the argument's own


@router.get("/approvals/{approval_id}")
async def show_approval(request: Request, approval_id: str, actor: Anybody, service: Service) -> Response:
    async with service.database.read() as session:
        approval = await approvals.fetch(session, actor.workspace, approval_id)
        goal = await agent_runs.goal_of(session, await agent_runs.fetch(session, actor.workspace, approval.run))
        connection = await session.get(Connection, approval.connection)
    bound = approval.bound["request"]
    return drawing.page(
        request,
        "approval.html",
        actor=actor,
        approval=approval,
        goal=goal,
        connection=connection,
        system=approval.action.partition(".")[0],
        sent=bound,
        headline=requests.readable(bound["url"]),
        fields=requests.fields(approval.bound, approval.arguments),
        body=requests.body_text(bound),
        etag=approvals.etag(approval),
        # What is drawn is what was bound, or nobody may decide on it.
        is_intact=approvals.is_intact(approval),
        cannot=_cannot(approval, actor),
        yes=sum(1 for one in approval.decisions if one["choice"] == "approve"),
        editable=[(name, _written(value), isinstance(value, str)) for name, value in approval.arguments.items()],
    )


@router.post("/approvals/{approval_id}")
async def decide(request: Request, approval_id: str, actor: ApproverHere, service: Service) -> Response:
    form = await request.form()
    choice = str(form.get("choice", ""))
    async with service.database.read() as session:
        approval = await approvals.fetch(session, actor.workspace, approval_id)
    try:
        word = Word.model_validate(
            {
                "choice": choice,
                "reason": str(form.get("reason", "")).replace("\r\n", "\n").strip(),
                "edited_arguments": _edited(form, approval) if choice == "edit" else None,
            }
        )
    except ValidationError as exc:
        raise errors.Invalid(f"the form is not complete: {exc.errors(include_input=False)[0]['msg']}") from exc
    await approvals.decide(service, actor, approval_id, word, seen=str(form.get("seen", "")))
    return RedirectResponse(f"/approvals/{approval_id}", status_code=303)


def _cannot(approval: Approval, actor: Actor) -> str:
    """Why this person cannot decide; "" when they can."""
    if approval.state is not ApprovalState.OPEN:
        return f"This approval is {approval.state.value}."
    if not actor.may(Role(approval.role)):
        return f"Deciding needs the role {approval.role}."
    if approval.not_requester and approval.requester == actor.name:
        return "You asked for this run, so another person must decide."
    if any(one["actor"] == actor.name for one in approval.decisions):
        return "You have decided; another person is needed."
    return ""


def _edited(form: FormData, approval: Approval) -> dict[str, Any]:
    """The arguments as the form has them; text stays text, everything else is written as JSON."""
    edited = {}
    for name, before in approval.arguments.items():
        given = form.get(ARGUMENT + name)
        if given is None or form.get(LEAVE_OUT + name):
            continue
        text = str(given).replace("\r\n", "\n")
        edited[name] = text if isinstance(before, str) else _read(name, text)
    return edited


def _read(name: str, text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise errors.Invalid(f"{name} is not JSON any more", pointer=f"/{name}") from exc


def _written(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
