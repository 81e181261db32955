"""Observations: recorded traffic goes in; what it shows beyond the document, or instead of one, comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import JsonValue
from sqlmodel import col

from api.auth import Actor
from api.deps import Admin, Reader, Service
from api.fields import Shown
from api.paging import Cursor, Limit, Page, newest_first
from api.routes import systems
from api.wiring import Interlock
from discovery import har, overlay, redaction, traffic
from discovery import service as catalog
from discovery.har import Recording
from discovery.infer import description
from discovery.overlay import Fact, Sightings
from discovery.tables import ObservationRow
from discovery.written import WrittenSurface
from tools import destination, errors
from tools.action import Action, Schema
from tools.guard import audit

router = APIRouter(prefix="/v1/systems", tags=["observations"])

Origin = Annotated[
    str | None, Query(max_length=2000, description="Where the traffic went, when not to the system's own base URL.")
]


class ObservationView(Shown):
    """One difference between the document and the system, as its traffic shows it."""

    action: str
    #: id; "" for an operation that no action is of
    kind: str
    #: operation, argument, status, media_type, field, missing, type, null, enum or rate_limit
    pointer: str
    #: the status, then a JSON pointer into the body; `*` stands for any element
    value: JsonValue
    connection: str
    #: id; "" when a file showed it
    count: int
    first_at: datetime
    last_at: datetime


class Observed(Shown):
    """What a recording gave."""

    exchanges: int
    #: of this system, in the file
    new: int
    #: that no file had shown before
    passed_over: dict[str, int]
    #: why -> how many other entries
    hosts: list[str]
    #: other addresses in the file
    facts: int
    #: different ones that the new exchanges show beyond the surface
    revision: int | None
    #: of the surface that was inferred; null when a document describes the system
    actions: int | None


@router.post(
    "/{slug}/observations",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}},
)
async def observe(slug: str, request: Request, actor: Admin, service: Service, origin: Origin = None) -> Observed:
    """Learn from a HAR 1.2 file: its exchanges are redacted, then kept.

    A system that no document describes gets a surface inferred from all its exchanges, proposed like any other; for the
    others what differs from the document is noted. The same file again changes nothing.
    """
    raw = await request.body()
    known, defs, base_url = await _surface(slug, actor, service)
    marked = redaction.marked_names([*(action.args_schema() for action in known), *defs.values()])
    address = _checked(origin) or base_url
    recording = await asyncio.to_thread(har.read, raw, address, caps=service.settings.document, marked=marked)
    async with service.database.write("observations.keep") as session:
        await audit.hold(session, audit.REGISTRY)
        new = await traffic.keep(session, actor.workspace, slug, recording.exchanges)
        told = {"system": slug, "exchanges": len(recording.exchanges), "new": len(new)}
        await _record(session, actor, "traffic.observed", told)
    facts = overlay.tally(await asyncio.to_thread(overlay.compare_all, known, defs, new)) if known else []
    row = await _write(slug, actor, service, facts)
    return _told(recording, len(new), facts, row)


@router.get("/{slug}/observations")
async def list_observations(
    slug: str, actor: Reader, service: Service, cursor: Cursor = None, limit: Limit = 50
) -> Page[ObservationView]:
    """What the system does that its document does not say, the last seen first."""
    async with service.database.read() as session:
        await systems.fetch(session, actor.workspace, slug)
        rows, following = await newest_first(
            session,
            traffic.observations(actor.workspace, slug),
            by=(col(ObservationRow.last_at), col(ObservationRow.digest)),
            cursor=cursor,
            limit=limit,
        )
    return Page(items=[ObservationView.model_validate(row) for row in rows], next=following)


@router.get("/{slug}/observations/document")
async def get_observed_document(slug: str, actor: Admin, service: Service) -> dict[str, Any]:
    """The OpenAPI 3.1 document that the kept exchanges bear out, with counts as `x-seen`."""
    async with service.database.read() as session:
        system = await systems.fetch(session, actor.workspace, slug)
        kept = await traffic.exchanges(session, actor.workspace, slug)
    if not kept:
        mend = f"give a recording with `interlock observe {slug} FILE.har`"
        raise errors.Unknown(f"no traffic of {slug} was seen yet", mend=mend)
    return (await asyncio.to_thread(description.describe, kept, system.title)).tree


async def _surface(slug: str, actor: Actor, service: Interlock) -> tuple[list[Action], Mapping[str, Schema], str]:
    """The actions and shared schemas of the newest surface, if there is one, and the system's base URL."""
    async with service.database.read() as session:
        system = await systems.fetch(session, actor.workspace, slug)
        if await traffic.dialect(session, actor.workspace, slug) is None:
            return [], {}, system.base_url
        listed = await catalog.actions(session, actor.workspace, slug, accepted_only=False)
        return (
            [one.action for one in listed],
            await catalog.definitions(session, actor.workspace, slug),
            system.base_url,
        )


async def _write(
    slug: str, actor: Actor, service: Interlock, facts: list[tuple[Fact, Sightings]]
) -> tuple[int, int] | None:
    """Note the facts; without a document infer a surface too: its revision and number of actions."""
    async with service.database.read() as session:
        is_described = await traffic.dialect(session, actor.workspace, slug) not in (None, description.DIALECT)
        kept = [] if is_described else await traffic.exchanges(session, actor.workspace, slug)
    surface = await asyncio.to_thread(description.infer, slug, kept) if kept else None
    async with service.database.write("observations.note") as session:
        await audit.hold(session, audit.REGISTRY)
        await traffic.note(session, actor.workspace, slug, "", facts)
        if surface is None or not surface.actions:
            return None
        row = await catalog.ingest(session, actor.workspace, slug, WrittenSurface.of(surface), actor.name)
        told = {"system": slug, "revision": row.revision, "digest": row.digest}
        await _record(session, actor, "surface.ingested", told)
        return row.revision, len(surface.actions)


def _told(recording: Recording, new: int, facts: list[tuple[Fact, Sightings]], row: tuple[int, int] | None) -> Observed:
    return Observed(
        exchanges=len(recording.exchanges),
        new=new,
        passed_over=dict(recording.passed_over),
        hosts=list(recording.hosts),
        facts=len(facts),
        revision=row[0] if row else None,
        actions=row[1] if row else None,
    )


def _checked(origin: str | None) -> str | None:
    if origin is not None:
        try:
            destination.parse(origin)
        except errors.RequestUnsafe as exc:
            raise errors.Invalid(f"the origin cannot be used: {exc.message}", pointer="origin") from exc
    return origin


async def _record(session: Any, actor: Actor, kind: str, body: dict[str, Any]) -> None:
    await audit.append(session, workspace=actor.workspace, chain=audit.REGISTRY, kind=kind, actor=actor.name, body=body)
