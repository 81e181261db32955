"""Whether the process lives, and whether it can work. Open to everybody, so they tell nothing else."""

from __future__ import annotations

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Service
from tools import errors

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str


@router.get("/healthz")
async def get_health() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz")
async def get_readiness(service: Service) -> Health:
    """The database answers, and the worker, where this process has one, takes legs."""
    async with service.database.read() as session:
        await session.execute(sa.text("select 1"))
    if service.has_worker and not service.worker.is_alive:
        raise errors.Unavailable("the worker of this process has stopped; see its log")
    return Health(status="ready")
