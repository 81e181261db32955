"""Waits: what runs wait for, and the words that end a wait."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import JsonValue
from sqlmodel import col, select

from agent.tables import Wait, WaitKind
from api.deps import Admin, Reader, Service, Submitter
from api.fields import Sent
from api.paging import Cursor, Limit, Page, newest_first
from api.routes.runs import WaitView

router = APIRouter(prefix="/v1/waits", tags=["waits"])


class Answer(Sent):
    answer: JsonValue


@router.get("")
async def list_waits(
    actor: Reader,
    service: Service,
    kind: Annotated[WaitKind | None, Query(description="Only waits of this kind.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[WaitView]:
    """The workspace's open waits, the newest first."""
    query = select(Wait).where(Wait.workspace == actor.workspace, col(Wait.closed_at).is_(None))
    async with service.database.read() as session:
        rows, following = await newest_first(
            session,
            query if kind is None else query.where(Wait.kind == kind),
            by=(col(Wait.since), col(Wait.id)),
            cursor=cursor,
            limit=limit,
        )
    return Page(items=[WaitView.model_validate(row) for row in rows], next=following)


@router.post("/{wait_id}/answer")
async def answer_wait(wait_id: str, body: Answer, actor: Submitter, service: Service) -> WaitView:
    """Answer the question that a run asks; it goes on with the answer."""
    wait = await service.desk.answer(workspace=actor.workspace, wait_id=wait_id, actor=actor.name, answer=body.answer)
    return WaitView.model_validate(wait)


@router.post("/{wait_id}/restore")
async def restore_wait(wait_id: str, actor: Admin, service: Service) -> WaitView:
    """Say that a credential or a system works again: the run tries at once."""
    wait = await service.desk.restore(workspace=actor.workspace, wait_id=wait_id, actor=actor.name)
    return WaitView.model_validate(wait)
