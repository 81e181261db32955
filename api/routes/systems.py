"""Systems: registered applications, their documents, and what an admin accepts of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, Field, JsonValue
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import Actor
from api.deps import Admin, Reader, Service
from api.fields import Line, Sent, Shown, Slug
from api.paging import Cursor, Limit, Page, newest_first
from api.wiring import Interlock
from discovery import carrying
from discovery import service as catalog
from discovery import surface as surfaces
from discovery.carrying import Carry
from discovery.tables import SurfaceRow
from discovery.written import WrittenSurface
from tools import db, destination, errors
from tools.action import Flaw, Quarantined
from tools.guard import audit
from tools.tables import System

router = APIRouter(prefix="/v1/systems", tags=["systems"])

MAX_FILES, MAX_NAME = 5000, 500


def _reachable(url: str) -> str:
    try:
        parsed = destination.parse(url)
    except errors.RequestUnsafe as exc:
        raise ValueError(exc.message) from exc
    if parsed.query is not None:
        raise ValueError("a base URL has no query")
    return url


BaseUrl = Annotated[str, Field(max_length=2000), AfterValidator(_reachable)]


class Described(Sent):
    """An API's own description, in one file or several."""

    document: dict[str, JsonValue] | str | None = None
    #: as JSON or as text
    document_name: Annotated[str, Field(max_length=MAX_NAME)] = ""
    #: what its file is called, for the references of other files to it
    files: dict[str, str] = Field(default_factory=dict, max_length=MAX_FILES)
    #: other files that it refers to, by their path from its folder
    is_validated: bool = True
    #: have openapi-spec-validator look at it too; what it finds quarantines what it touches


class NewSystem(Described):
    slug: Slug
    base_url: BaseUrl
    title: Line = ""
    allow_private: bool = False
    #: permit loopback and private addresses for this System


class NewRevision(Described):
    document: dict[str, JsonValue] | str


class SystemChange(Sent):
    base_url: BaseUrl | None = None
    title: Line | None = None
    allow_private: bool | None = None


class SurfaceView(Shown):
    """A revision: what one document says of the System."""

    system: str
    revision: int
    digest: str
    dialect: str
    title: str
    created_at: datetime
    created_by: str
    actions: int
    accepted: int
    classes: dict[str, int]
    #: class -> number of actions; `unknown` ones stay denied until an admin classifies them
    quarantine: list[Quarantined]
    #: operations that could not be used, each with its reason; the others are not affected
    flaws: list[Flaw]
    #: what the validation found, and what became of it


class SystemView(Shown):
    slug: str
    title: str
    base_url: str
    allow_private: bool
    owner: str
    created_at: datetime


class SystemDetail(SystemView):
    surface: SurfaceView | None


class Acceptance(Sent):
    actions: list[str] | None = None
    #: ids; all whose class is known when left out
    overrides: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    #: action id -> field -> value, in place of what was proposed
    revision: int | None = None
    #: the latest when left out
    carry: Carry | None = None
    #: instead of naming actions: those that were accepted in an earlier revision and did not change since


class Accepted(Shown):
    accepted: list[str]
    left: list[str] = Field(default_factory=list)
    #: of a carry: those that were accepted before, and changed or are gone


@router.get("")
async def list_systems(actor: Reader, service: Service, cursor: Cursor = None, limit: Limit = 50) -> Page[SystemView]:
    """The workspace's systems, the newest first."""
    async with service.database.read() as session:
        rows, following = await newest_first(
            session,
            select(System).where(System.workspace == actor.workspace),
            by=(col(System.created_at), col(System.id)),
            cursor=cursor,
            limit=limit,
        )
    return Page(items=[SystemView.model_validate(row) for row in rows], next=following)


@router.post("", status_code=201)
async def add_system(body: NewSystem, actor: Admin, service: Service, response: Response) -> SystemDetail:
    """Register an application. Requests go to its base URL, never to the servers that a document names."""
    # Read before the row is written, so that a bad document leaves nothing behind.
    surface = None if body.document is None else await _read(body.slug, body, body.document, service)
    async with service.database.write("system.add") as session:
        await audit.hold(session, audit.REGISTRY)
        if await _find(session, actor.workspace, body.slug) is not None:
            mend = f"give it the document with `interlock systems update {body.slug}`, or take another name"
            raise errors.Conflict(f"there is a system {body.slug} already", mend=mend)
        system = System(
            id=service.ids.new("sys"),
            workspace=actor.workspace,
            slug=body.slug,
            title=body.title or body.slug,
            base_url=body.base_url,
            allow_private=body.allow_private,
            owner=actor.name,
            created_at=await db.now(session),
        )
        session.add(system)
        await session.flush()
        told = {"system": system.slug, "base_url": system.base_url, "allow_private": system.allow_private}
        await _record(session, actor, "system.added", told)
        if surface is not None:
            await _ingest(session, actor, surface)
        response.headers["Location"] = f"/v1/systems/{system.slug}"
        return await _detail(session, system)


@router.get("/{slug}")
async def get_system(slug: str, actor: Reader, service: Service) -> SystemDetail:
    """A system, and what its latest document says."""
    async with service.database.read() as session:
        return await _detail(session, await fetch(session, actor.workspace, slug))


@router.patch("/{slug}")
async def change_system(slug: str, body: SystemChange, actor: Admin, service: Service) -> SystemDetail:
    """Set another base URL or title. Open approvals bind the old address, so they do not hold for the new one."""
    async with service.database.write("system.change") as session:
        await audit.hold(session, audit.REGISTRY)
        system = await fetch(session, actor.workspace, slug)
        changes = body.model_dump(exclude_none=True)
        for name, value in changes.items():
            setattr(system, name, value)
        session.add(system)
        await _record(session, actor, "system.changed", {"system": slug, **changes})
        await session.flush()
        return await _detail(session, system)


@router.put(
    "/{slug}/document",
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {}}}}},
)
async def put_document(
    slug: str, request: Request, actor: Admin, service: Service, validate: bool = True
) -> SurfaceView:
    """Discover the system's actions from its own description: OpenAPI 3.0, 3.1 or Swagger 2.0, JSON or YAML.

    The same bytes give the revision they gave before. Nothing is callable until it is accepted.
    """
    async with service.database.read() as session:
        await fetch(session, actor.workspace, slug)
    source, caps = await request.body(), service.settings.document
    surface = await asyncio.to_thread(surfaces.read, slug, source, caps=caps, is_validated=validate)
    return await _revise(actor, service, surface)


@router.post("/{slug}/revisions", status_code=201)
async def add_revision(slug: str, body: NewRevision, actor: Admin, service: Service) -> SurfaceView:
    """As a PUT to `/document`, for a description in several files."""
    async with service.database.read() as session:
        await fetch(session, actor.workspace, slug)
    return await _revise(actor, service, await _read(slug, body, body.document, service))


@router.post("/{slug}/accept")
async def accept_actions(slug: str, body: Acceptance, actor: Admin, service: Service) -> Accepted:
    """Let actions be called, within what the policies allow. Answers with those that are accepted now."""
    if body.carry is not None:
        return await _carry(slug, body, body.carry, actor, service)
    async with service.database.write("actions.accept") as session:
        await audit.hold(session, audit.REGISTRY)
        await fetch(session, actor.workspace, slug)
        accepted = await catalog.accept(
            session,
            actor.workspace,
            slug,
            by=actor.name,
            revision=body.revision,
            actions=body.actions,
            overrides=body.overrides,
        )
        told = {"system": slug, "actions": list(accepted), "overrides": body.overrides}
        await _record(session, actor, "actions.accepted", told)
    return Accepted(accepted=list(accepted))


async def _carry(slug: str, body: Acceptance, carry: Carry, actor: Actor, service: Interlock) -> Accepted:
    """Accept what an earlier revision's acceptance still stands for."""
    if body.actions is not None or body.overrides:
        raise errors.Invalid("`carry` chooses the actions by itself; send it without `actions` and `overrides`")
    # Compared before the write transaction: for a large surface that takes a second.
    async with service.database.read() as session:
        await fetch(session, actor.workspace, slug)
        offered = await carrying.offer(session, actor.workspace, slug, carry, body.revision)
    async with service.database.write("actions.accept") as session:
        await audit.hold(session, audit.REGISTRY)
        accepted = await carrying.accept(session, actor.workspace, offered, actor.name)
        told = {"system": slug, "actions": list(accepted), "overrides": {}, "carried_from": offered.since}
        await _record(session, actor, "actions.accepted", told)
    return Accepted(accepted=list(accepted), left=list(offered.left))


async def fetch(session: AsyncSession, workspace: str, slug: str) -> System:
    """The system. Raises `Unknown`."""
    if (system := await _find(session, workspace, slug)) is None:
        raise errors.Unknown(f"there is no system {slug}", mend="`interlock systems list` shows those there are")
    return system


async def _find(session: AsyncSession, workspace: str, slug: str) -> System | None:
    return (await session.exec(select(System).where(System.workspace == workspace, System.slug == slug))).first()


async def _read(
    slug: str, body: Described, document: dict[str, JsonValue] | str, service: Interlock
) -> WrittenSurface:
    return await asyncio.to_thread(
        surfaces.read,
        slug,
        _bytes(document),
        caps=service.settings.document,
        is_validated=body.is_validated,
        file=body.document_name,
        files={name: content.encode(errors="replace") for name, content in body.files.items()},
    )


async def _revise(actor: Actor, service: Interlock, surface: WrittenSurface) -> SurfaceView:
    async with service.database.write("surface.ingest") as session:
        await audit.hold(session, audit.REGISTRY)
        return await _surface(session, await _ingest(session, actor, surface))


async def _ingest(session: AsyncSession, actor: Actor, surface: WrittenSurface) -> SurfaceRow:
    row = await catalog.ingest(session, actor.workspace, surface.system, surface, actor.name)
    told = {"system": surface.system, "revision": row.revision, "digest": row.digest}
    await _record(session, actor, "surface.ingested", told)
    return row


async def _detail(session: AsyncSession, system: System) -> SystemDetail:
    surface = None
    if await catalog.latest_revision(session, system.workspace, system.slug) is not None:
        surface = await _surface(session, await catalog.surface_of(session, system.workspace, system.slug))
    return SystemDetail(**SystemView.model_validate(system).model_dump(), surface=surface)


async def _surface(session: AsyncSession, row: SurfaceRow) -> SurfaceView:
    listed = await catalog.of_revision(session, row)
    return SurfaceView(
        system=row.system,
        revision=row.revision,
        digest=row.digest,
        dialect=row.dialect,
        title=row.title,
        created_at=row.created_at,
        created_by=row.created_by,
        actions=len(listed),
        accepted=sum(1 for one in listed if one.is_accepted),
        classes=dict(sorted(Counter(one.action.action_class.value for one in listed).items())),
        quarantine=[Quarantined.model_validate(one) for one in row.quarantine],
        flaws=[Flaw.model_validate(one) for one in row.flaws],
    )


async def _record(session: AsyncSession, actor: Actor, kind: str, body: dict[str, Any]) -> None:
    await audit.append(session, workspace=actor.workspace, chain=audit.REGISTRY, kind=kind, actor=actor.name, body=body)


def _bytes(document: dict[str, JsonValue] | str) -> bytes:
    return document.encode(errors="replace") if isinstance(document, str) else orjson.dumps(document)
