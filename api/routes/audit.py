"""The audit log: verify it, read a chain, take one out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api.deps import Auditor, Service
from api.fields import Shown
from api.paging import Limit, Page
from api.routes.runs import DecisionView
from api.wiring import Interlock
from tools import errors
from tools.guard import audit
from tools.tables import Decision

router = APIRouter(prefix="/v1/audit", tags=["audit"])


class VerificationView(Shown):
    records: int
    chains: int
    bad: str | None
    #: the first record that does not hold, and why; null when all hold


@router.get("/verify")
async def verify_audit(actor: Auditor, service: Service) -> VerificationView:
    """Read the workspace's whole log back and check every link."""
    async with service.database.read() as session:
        return VerificationView.model_validate(await audit.verify(session, actor.workspace))


@router.get("/chains/{chain}")
async def read_chain(
    chain: str,
    actor: Auditor,
    service: Service,
    cursor: Annotated[int, Query(description="`next` of the page before.", ge=0)] = 0,
    limit: Limit = 200,
) -> Page[DecisionView]:
    """The records of a chain in order: a run's id, or `registry` for what admins change."""
    found = await _records(service, actor.workspace, chain, cursor)
    shown = [DecisionView.model_validate(one) for one in found[:limit]]
    return Page(items=shown, next=str(shown[-1].seq) if len(found) > limit else None)


@router.get(
    "/chains/{chain}/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
)
async def export_chain(chain: str, actor: Auditor, service: Service) -> StreamingResponse:
    """The chain as JSON lines, with all that `interlock audit verify` needs to check it without this service."""
    await _records(service, actor.workspace, chain, 0)
    return StreamingResponse(_lines(service, actor.workspace, chain), media_type="application/x-ndjson")


async def _lines(service: Interlock, workspace: str, chain: str) -> AsyncIterator[bytes]:
    async with service.database.read() as session:
        found = await audit.records(session, workspace, chain)
    for record in found:
        yield orjson.dumps(exported(record)) + b"\n"


def exported(record: Decision) -> dict[str, Any]:
    """A record with its time written as it was hashed."""
    return record.model_dump(exclude={"id", "at"}) | {"at": record.at.isoformat()}


async def _records(service: Interlock, workspace: str, chain: str, after: int) -> list[Decision]:
    async with service.database.read() as session:
        found = await audit.records(session, workspace, chain, after=after)
    if not found and after == 0:
        raise errors.Unknown(f"there is no chain {chain}")
    return found
