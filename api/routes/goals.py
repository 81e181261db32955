"""Goals: what people want, in plain language. Each becomes a run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import AwareDatetime, Field

from api.deps import Service, Submitter
from api.fields import Prose, Sent
from api.routes import runs
from api.routes.runs import RunView
from tools.guard.scope import Grant

router = APIRouter(prefix="/v1/goals", tags=["goals"])

MAX_EFFECTS = 100


class Limits(Sent):
    """What the run may use at the most; it may always use less than its submitter."""

    systems: frozenset[str] | None = None
    actions: frozenset[str] | None = None
    effects: Annotated[int, Field(ge=0, le=MAX_EFFECTS)] = MAX_EFFECTS


class NewGoal(Sent):
    text: Prose
    purpose: Prose = ""
    deadline: AwareDatetime | None = None
    #: nothing is sent after it
    limits: Limits = Limits()


@router.post("", status_code=202)
async def submit_goal(
    body: NewGoal,
    actor: Submitter,
    service: Service,
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=255, description="The same key from the same submitter gives the run that it gave before."),
    ] = None,
) -> RunView:
    """Accept a goal. When this answers, its run is stored and queued; `Location` says where to follow it."""
    grant = Grant(
        workspace=actor.workspace,
        requester=actor.name,
        systems=body.limits.systems,
        actions=body.limits.actions,
        effects=body.limits.effects,
        until=body.deadline,
    )
    run = await service.desk.submit(
        text=body.text, grant=grant, purpose=body.purpose, deadline=body.deadline, request_key=idempotency_key
    )
    response.headers["Location"] = f"/v1/runs/{run.id}"
    async with service.database.read() as session:
        return await runs.view(session, run)
