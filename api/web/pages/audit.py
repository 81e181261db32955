"""The audit log, read back and verified."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import col, select

from api.deps import Service
from api.web import drawing, telling
from api.web.visitor import AuditorHere
from tools.guard import audit
from tools.tables import Decision

router = APIRouter(include_in_schema=False)

RECENT = 50


@router.get("/audit")
async def show_audit(request: Request, actor: AuditorHere, service: Service) -> Response:
    async with service.database.read() as session:
        verified = await audit.verify(session, actor.workspace)
        newest = await session.exec(
            select(Decision)
            .where(Decision.workspace == actor.workspace)
            .order_by(col(Decision.at).desc(), col(Decision.id).desc())
            .limit(RECENT)
        )
        records = [(record, telling.sentence(record.kind, record.body)) for record in newest]
    return drawing.page(request, "audit.html", actor=actor, verified=verified, records=records, registry=audit.REGISTRY)
