"""Revisions of a system's surface, and what differs between two of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import Reader, Service
from api.fields import Shown
from api.routes import systems
from discovery import service as catalog
from discovery.diff import Finding, diff, touched
from discovery.differences import Impact
from tools import errors

router = APIRouter(prefix="/v1/systems", tags=["systems"])

Number = Annotated[int, Query(ge=1)]


class RevisionView(Shown):
    revision: int
    digest: str
    dialect: str
    title: str
    created_at: datetime
    created_by: str


class Revisions(Shown):
    items: list[RevisionView]


class DiffView(Shown):
    """What changed from `before` to `after`, the worst first."""

    system: str
    before: int
    after: int
    counts: dict[Impact, int]
    changed: int
    #: actions that any finding concerns, the added and removed ones included
    unchanged: int
    findings: list[Finding]


@router.get("/{slug}/revisions")
async def list_revisions(slug: str, actor: Reader, service: Service) -> Revisions:
    """Every revision of the system's surface, the newest first. None of them ever changes."""
    async with service.database.read() as session:
        await systems.fetch(session, actor.workspace, slug)
        rows = await catalog.revisions(session, actor.workspace, slug)
    return Revisions(items=[RevisionView.model_validate(row) for row in rows])


@router.get("/{slug}/diff")
async def get_diff(
    slug: str,
    actor: Reader,
    service: Service,
    before: Annotated[Number | None, Query(alias="from", description="The one before `to` when left out.")] = None,
    after: Annotated[Number | None, Query(alias="to", description="The latest when left out.")] = None,
) -> DiffView:
    """What differs between two revisions: for each place what changed, and whether it breaks who worked with it.

    It compares what the documents say; what an admin set stands apart from it.
    """
    async with service.database.read() as session:
        await systems.fetch(session, actor.workspace, slug)
        newer = await catalog.surface_of(session, actor.workspace, slug, after)
        older = newer.revision - 1 if before is None else before
        if older < 1:
            raise errors.Unknown(f"{slug} has one revision only; there is nothing to compare it with")
        surfaces = [
            await catalog.proposed(session, actor.workspace, slug, number) for number in (older, newer.revision)
        ]
    findings = await asyncio.to_thread(diff, *surfaces)
    changed = touched(findings)
    counted = Counter(one.impact for one in findings)
    return DiffView(
        system=slug,
        before=older,
        after=newer.revision,
        counts={impact: counted[impact] for impact in Impact},
        changed=len(changed),
        unchanged=len({one.id for one in surfaces[1].actions} - changed),
        findings=list(findings),
    )
