"""Approvals: exact requests that wait for a person's word."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Response
from pydantic import JsonValue
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import Actor
from api.deps import Approver, Reader, Service
from api.fields import Prose, Sent, Shown
from api.paging import Cursor, Limit, Page, newest_first
from api.problems import Place
from api.wiring import Interlock
from discovery import service as catalog
from tools import errors, schema
from tools.call import digest
from tools.guard.approvals import Choice
from tools.tables import Approval, ApprovalState

router = APIRouter(prefix="/v1/approvals", tags=["approvals"])


class ApprovalView(Shown):
    id: str
    run: str
    step: str
    iteration: int
    action: str
    connection: str
    digest: str
    #: sha256 over `bound`
    bound: dict[str, Any]
    #: the request byte for byte, and all that gives it its meaning
    arguments: dict[str, Any]
    labels: dict[str, Any]
    rule: str
    why: str
    role: str
    count: int
    not_requester: bool
    requester: str
    state: ApprovalState
    version: int
    decisions: list[dict[str, Any]]
    edited_arguments: dict[str, Any] | None
    opened_at: datetime
    expires_at: datetime
    closed_at: datetime | None


class Word(Sent):
    """A person's decision."""

    choice: Choice
    reason: Prose = ""
    edited_arguments: dict[str, JsonValue] | None = None
    #: for `edit`: all arguments as they should be; they are judged anew


@router.get("")
async def list_approvals(
    actor: Reader,
    service: Service,
    state: Annotated[ApprovalState, Query(description="Only approvals in this state.")] = ApprovalState.OPEN,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ApprovalView]:
    """The workspace's approvals, the newest first; open ones unless another state is asked for."""
    async with service.database.read() as session:
        rows, following = await newest_first(
            session,
            select(Approval).where(Approval.workspace == actor.workspace, Approval.state == state),
            by=(col(Approval.opened_at), col(Approval.id)),
            cursor=cursor,
            limit=limit,
        )
    return Page(items=[ApprovalView.model_validate(row) for row in rows], next=following)


@router.get("/{approval_id}")
async def get_approval(approval_id: str, actor: Reader, service: Service, response: Response) -> ApprovalView:
    """An approval with the exact request. Its ETag is what a decision must name."""
    async with service.database.read() as session:
        approval = await fetch(session, actor.workspace, approval_id)
    response.headers["ETag"] = etag(approval)
    return ApprovalView.model_validate(approval)


@router.post("/{approval_id}/decision")
async def decide_approval(
    approval_id: str,
    body: Word,
    actor: Approver,
    service: Service,
    response: Response,
    if_match: Annotated[str | None, Header(description="The ETag of the approval as the person saw it.")] = None,
) -> ApprovalView:
    """Approve, reject or edit the request that was seen: another request, or one already decided, is refused."""
    if if_match is None:
        raise HTTPException(428, "Send the approval's ETag as If-Match: a decision is about what was seen.")
    approval = await decide(service, actor, approval_id, body, seen=if_match)
    response.headers["ETag"] = etag(approval)
    return ApprovalView.model_validate(approval)


async def decide(service: Interlock, actor: Actor, approval_id: str, word: Word, *, seen: str) -> Approval:
    """Record the actor's word about the approval that had the ETag `seen`.

    Raises 412 when it is another by now, `Conflict` when it is too late or was tampered with, `ArgumentsInvalid` for an
    edit that the action does not take, else as `Desk.decide`.
    """
    async with service.database.read() as session:
        approval = await fetch(session, actor.workspace, approval_id)
    if seen != etag(approval):
        raise HTTPException(412, "The approval is not the one you saw; read it again and decide anew.")
    if not is_intact(approval):
        raise errors.Conflict("the stored request does not match its digest; nobody may decide on it")
    if word.edited_arguments is not None:
        await _check_arguments(service, approval, word.edited_arguments)
    decided = await service.desk.decide(
        workspace=actor.workspace,
        approval_id=approval_id,
        choice=word.choice,
        actor=actor.name,
        roles=frozenset(actor.roles),
        digest_seen=approval.digest,
        reason=word.reason,
        edited_arguments=word.edited_arguments,
    )
    if decided.state is ApprovalState.EXPIRED:
        raise errors.Conflict("nobody decided in time; this approval has expired")
    return decided


async def _check_arguments(service: Interlock, approval: Approval, arguments: dict[str, Any]) -> None:
    """Refuse now what the guard would refuse when the run is already on its way again, and fail it."""
    async with service.database.read() as session:
        accepted = await catalog.accepted(session, approval.workspace, approval.action, approval.bound["surface"])
    if accepted is None:
        return
    found = schema.Validator.compile(accepted.action.args_schema(), accepted.defs).problems(arguments)
    if found:
        places = [Place(pointer=one.path, problem=f"expected {one.expected}, came {one.came}") for one in found]
        raise errors.ArgumentsInvalid(
            f"the arguments do not fit {approval.action}: {schema.told(found)}", problems=places
        )


def is_intact(approval: Approval) -> bool:
    """Whether the stored request is still the one that was asked about, byte for byte."""
    return digest(approval.bound) == approval.digest


def etag(approval: Approval) -> str:
    """Changes with the request and with every decision (a strong validator, RFC 9110 section 8.8.3)."""
    return f'"{approval.digest}.{approval.version}"'


async def fetch(session: AsyncSession, workspace: str, approval_id: str) -> Approval:
    """The approval, to read. Raises `Unknown`."""
    found = await session.exec(select(Approval).where(Approval.workspace == workspace, Approval.id == approval_id))
    if (approval := found.first()) is None:
        raise errors.Unknown(f"there is no approval {approval_id}")
    return approval
