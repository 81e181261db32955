"""API keys: who may ask, and as what."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, Field
from sqlmodel import col, select

from api import auth
from api.deps import Admin, Reader, Service
from api.fields import Sent, Shown
from api.paging import Cursor, Limit, Page, newest_first
from tools.tables import Principal, Role

router = APIRouter(prefix="/v1/keys", tags=["keys"])


class NewKey(Sent):
    name: str = Field(max_length=64)
    #: decisions are recorded under it; never given twice
    roles: list[Role] = Field(min_length=1)
    expires_at: AwareDatetime | None = None


class KeyView(Shown):
    id: str
    name: str
    roles: list[Role]
    key_prefix: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class KeyMade(KeyView):
    key: str
    #: shown this once; only its hash is kept


class Self(Shown):
    name: str
    workspace: str
    roles: list[Role]


@router.get("")
async def list_keys(actor: Admin, service: Service, cursor: Cursor = None, limit: Limit = 50) -> Page[KeyView]:
    """The workspace's principals, the newest first; never their keys."""
    async with service.database.read() as session:
        rows, following = await newest_first(
            session,
            select(Principal).where(Principal.workspace == actor.workspace),
            by=(col(Principal.created_at), col(Principal.id)),
            cursor=cursor,
            limit=limit,
        )
    return Page(items=[KeyView.model_validate(row) for row in rows], next=following)


@router.post("", status_code=201)
async def create_key(body: NewKey, actor: Admin, service: Service) -> KeyMade:
    """Make a principal and their key."""
    async with service.database.write("principal.create") as session:
        principal, key = await auth.create_principal(
            session,
            service.ids,
            body.name,
            body.roles,
            actor.workspace,
            by=actor.name,
            expires_at=body.expires_at,
        )
    return KeyMade(**KeyView.model_validate(principal).model_dump(), key=key)


@router.get("/self")
async def get_self(actor: Reader) -> Self:
    """Who this key belongs to."""
    return Self(name=actor.name, workspace=actor.workspace, roles=sorted(actor.roles))


@router.post("/{name}/revoke")
async def revoke_key(name: str, actor: Admin, service: Service) -> KeyView:
    """End a key now, and the browser sessions that were opened with it."""
    async with service.database.write("principal.revoke") as session:
        return KeyView.model_validate(await auth.revoke(session, actor.workspace, name, by=actor.name))
