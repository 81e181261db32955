"""Effects in doubt: a person looked, and says what became of one."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import JsonValue

from agent.service import Finding
from api.deps import Approver, Service
from api.fields import Prose, Sent, Shown

router = APIRouter(prefix="/v1/effects", tags=["effects"])


class Repair(Sent):
    finding: Finding
    reason: Prose
    #: how the person knows; kept in the trace
    result: JsonValue = None
    #: for `happened`: what the system would have answered, for the steps that follow


class Repaired(Shown):
    id: str
    run: str
    step: str
    action: str
    state: str
    how: str | None
    result: Any


@router.post("/{effect_id}/repair")
async def repair_effect(effect_id: str, body: Repair, actor: Approver, service: Service) -> Repaired:
    """Say whether a parked effect happened. If it did not, it may be sent again, under the same guard."""
    effect = await service.desk.repair(
        workspace=actor.workspace,
        effect_id=effect_id,
        actor=actor.name,
        finding=body.finding,
        result=body.result,
        reason=body.reason,
    )
    return Repaired.model_validate(effect)
