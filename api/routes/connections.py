"""Connections: access to systems. A secret goes in, is sealed at once, and never comes out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from agent.tables import Wait, WaitKind
from api.auth import Actor
from api.deps import Admin, Service
from api.fields import Line, Sent, Shown, Slug
from api.paging import Cursor, Limit, Page, newest_first
from api.routes import systems
from api.wiring import Interlock
from tools import db, errors
from tools.credentials import CredentialSpec
from tools.guard import audit
from tools.tables import Connection

router = APIRouter(prefix="/v1/connections", tags=["connections"])

UNSET = "unset"
#: the kind of a connection that has no credential yet; the guard makes calls over it wait


class NewConnection(Sent):
    system: Slug
    name: Line = "main"
    credential: CredentialSpec | None = None
    #: left out, calls wait until a secret is put
    scopes: list[str] | None = None
    #: granted to the account; what the credential itself asks for when left out


class ConnectionChange(Sent):
    is_enabled: bool


class NewSecret(Sent):
    credential: CredentialSpec


class ConnectionView(Shown):
    id: str
    system: str
    name: str
    auth_kind: str
    public: dict[str, Any]
    #: what may be shown of the credential
    has_secret: bool
    scopes: list[str] | None
    is_enabled: bool
    version: int
    created_at: datetime


@router.get("")
async def list_connections(
    actor: Admin, service: Service, cursor: Cursor = None, limit: Limit = 50
) -> Page[ConnectionView]:
    """The workspace's connections, the newest first, without their secrets."""
    async with service.database.read() as session:
        rows, following = await newest_first(
            session,
            select(Connection).where(Connection.workspace == actor.workspace),
            by=(col(Connection.created_at), col(Connection.id)),
            cursor=cursor,
            limit=limit,
        )
    return Page(items=[_view(row) for row in rows], next=following)


@router.post("", status_code=201)
async def add_connection(body: NewConnection, actor: Admin, service: Service, response: Response) -> ConnectionView:
    """Give access to a system. The secret is sealed before it is stored."""
    async with service.database.write("connection.add") as session:
        await audit.hold(session, audit.REGISTRY)
        await systems.fetch(session, actor.workspace, body.system)
        if await _is_taken(session, actor.workspace, body):
            raise errors.Conflict(f"there is a connection {body.name} to {body.system} already")
        connection = Connection(
            id=service.ids.new("con"),
            workspace=actor.workspace,
            system=body.system,
            name=body.name,
            auth_kind=UNSET,
            public={},
            scopes=body.scopes,
            created_at=await db.now(session),
        )
        if body.credential is not None:
            _seal(service, connection, body.credential)
        session.add(connection)
        await _record(session, actor, "connection.added", connection)
    response.headers["Location"] = f"/v1/connections/{connection.id}"
    return _view(connection)


@router.get("/{connection_id}")
async def get_connection(connection_id: str, actor: Admin, service: Service) -> ConnectionView:
    """A connection, without its secret."""
    async with service.database.read() as session:
        return _view(await _fetch(session, actor.workspace, connection_id))


@router.patch("/{connection_id}")
async def change_connection(
    connection_id: str, body: ConnectionChange, actor: Admin, service: Service
) -> ConnectionView:
    """The kill switch: nothing more is sent over a connection that is off."""
    async with service.database.write("connection.switch") as session:
        await audit.hold(session, audit.REGISTRY)
        connection = await _fetch(session, actor.workspace, connection_id)
        connection.is_enabled = body.is_enabled
        session.add(connection)
        await _record(session, actor, "connection.enabled" if body.is_enabled else "connection.disabled", connection)
    return _view(connection)


@router.put("/{connection_id}/secret")
async def put_secret(connection_id: str, body: NewSecret, actor: Admin, service: Service) -> ConnectionView:
    """Replace the credential. Runs that wait for one try again; approvals that bind the old one end."""
    async with service.database.write("connection.secret") as session:
        await audit.hold(session, audit.REGISTRY)
        connection = await _fetch(session, actor.workspace, connection_id)
        _seal(service, connection, body.credential)
        connection.version += 1
        session.add(connection)
        await _record(session, actor, "connection.secret_replaced", connection)
    for wait in await _waiting(service, actor.workspace):
        try:
            await service.desk.restore(workspace=actor.workspace, wait_id=wait.id, actor=actor.name)
        except errors.Conflict:
            continue  # it went on meanwhile
    return _view(connection)


async def _waiting(service: Interlock, workspace: str) -> list[Wait]:
    """The runs that wait for a credential: each tries again and waits again if it was another one."""
    async with service.database.read() as session:
        found = await session.exec(
            select(Wait).where(
                Wait.workspace == workspace, Wait.kind == WaitKind.CREDENTIAL, col(Wait.closed_at).is_(None)
            )
        )
        return list(found)


def _seal(service: Interlock, connection: Connection, credential: CredentialSpec) -> None:
    """Put the credential on the row: what may be shown in the open, the rest in an envelope for this row alone."""
    secrets = credential.sealed()
    connection.auth_kind = credential.kind
    connection.public = {name: value for name, value in credential.public().items() if name != "kind"}
    connection.sealed = service.vault.seal(secrets, connection.workspace, connection.id) if secrets else None
    if connection.scopes is None and (asked := connection.public.get("scopes")):
        connection.scopes = list(asked)


async def _is_taken(session: AsyncSession, workspace: str, body: NewConnection) -> bool:
    found = await session.exec(
        select(Connection.id).where(
            Connection.workspace == workspace, Connection.system == body.system, Connection.name == body.name
        )
    )
    return found.first() is not None


async def _fetch(session: AsyncSession, workspace: str, connection_id: str) -> Connection:
    found = await session.exec(
        select(Connection).where(Connection.workspace == workspace, Connection.id == connection_id)
    )
    if (connection := found.first()) is None:
        raise errors.Unknown(f"there is no connection {connection_id}")
    return connection


async def _record(session: AsyncSession, actor: Actor, kind: str, connection: Connection) -> None:
    body = {"connection": connection.id, "system": connection.system, "name": connection.name}
    await audit.append(
        session,
        workspace=actor.workspace,
        chain=audit.REGISTRY,
        kind=kind,
        actor=actor.name,
        body=body | {"auth_kind": connection.auth_kind, "version": connection.version},
    )


def _view(row: Connection) -> ConnectionView:
    shown = row.model_dump(include=set(ConnectionView.model_fields) - {"has_secret"})
    return ConnectionView(**shown, has_secret=row.sealed is not None)
