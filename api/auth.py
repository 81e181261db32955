"""Who is asking: principals with API keys, and browsers that have shown one. Everybody else is nobody."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from api.tables import WebSession
from tools import db, errors
from tools.clock import Ids
from tools.guard import audit
from tools.tables import Principal, Role

KEY_START = "ilk_"
PREFIX_CHARS = 12
#: of the key, stored to find its row: 48 of its 256 random bits
SESSION_TIME = timedelta(hours=12)
LAST_USED_STEP = timedelta(minutes=1)
#: how exact `last_used_at` is; a write for every request would cost more than it tells

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
#: What the service itself signs records with; a person of that name could pass a decision off as the guard's.
RESERVED = frozenset({"agent", "guard", "clock", "worker", "planner", "interlock"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The principal behind a request. The name is what records say; it is unique in the workspace and never reused."""

    principal: str
    name: str
    workspace: str
    roles: frozenset[Role]

    def may(self, *roles: Role) -> bool:
        """Whether one of `roles` is among the actor's. An admin may do what any role may."""
        return Role.ADMIN in self.roles or not self.roles.isdisjoint(roles)


async def create_principal(
    session: AsyncSession,
    ids: Ids,
    name: str,
    roles: Sequence[Role],
    workspace: str,
    *,
    by: str = "interlock",
    expires_at: datetime | None = None,
) -> tuple[Principal, str]:
    """A new principal and its key, which is shown this once: only its hash is kept.

    Raises `Invalid` for a name that records could not be signed with, `Conflict` for one that is taken.
    """
    if not _NAME.fullmatch(name) or name.lower() in RESERVED:
        raise errors.Invalid("a name is letters, digits and . _ @ + -, and not one of our own", pointer="/name")
    if not roles:
        raise errors.Invalid("a principal needs at least one role", pointer="/roles")
    await audit.hold(session, audit.REGISTRY)
    if await _named(session, workspace, name) is not None:
        raise errors.Conflict(f"there is a principal called {name} already; names are never used twice")
    key = KEY_START + secrets.token_urlsafe(32)
    principal = Principal(
        id=ids.new("prn"),
        workspace=workspace,
        name=name,
        roles=sorted({Role(role).value for role in roles}),
        key_prefix=key[:PREFIX_CHARS],
        key_sha256=_sha256(key),
        created_at=await db.now(session),
        expires_at=expires_at,
    )
    session.add(principal)
    body = {"principal": principal.id, "name": name, "roles": principal.roles}
    await audit.append(
        session, workspace=workspace, chain=audit.REGISTRY, kind="principal.created", actor=by, body=body
    )
    return principal, key


async def revoke(session: AsyncSession, workspace: str, name: str, *, by: str) -> Principal:
    """End the principal's key and sessions now. The name stays taken: records are signed with it. Raises `Unknown`."""
    await audit.hold(session, audit.REGISTRY)
    principal = await _named(session, workspace, name)
    if principal is None:
        raise errors.Unknown(f"there is no principal {name}")
    principal.expires_at = await db.now(session)
    await session.exec(delete(WebSession).where(col(WebSession.principal) == principal.id))
    body = {"principal": principal.id, "name": name}
    await audit.append(
        session, workspace=workspace, chain=audit.REGISTRY, kind="principal.revoked", actor=by, body=body
    )
    return principal


async def has_principals(session: AsyncSession) -> bool:
    return (await session.exec(select(Principal.id).limit(1))).first() is not None


async def by_key(session: AsyncSession, key: str) -> Principal:
    """The principal whose key this is. Raises `Unauthenticated`, the same for an unknown, wrong and expired key."""
    found = (await session.exec(select(Principal).where(Principal.key_prefix == key[:PREFIX_CHARS]))).first()
    # Compared in any case, so that the time taken does not tell whether the prefix exists.
    is_right = hmac.compare_digest(_sha256(key), found.key_sha256 if found else "0" * 64)
    if found is None or not is_right or await _is_over(session, found):
        raise errors.Unauthenticated
    return found


async def touch(session: AsyncSession, principal: Principal) -> None:
    """Note that the key is in use."""
    moment = await db.now(session)
    await session.exec(
        update(Principal)
        .where(
            col(Principal.id) == principal.id,
            sa.or_(col(Principal.last_used_at).is_(None), col(Principal.last_used_at) < moment - LAST_USED_STEP),
        )
        .values(last_used_at=moment)
        .execution_options(synchronize_session=False)
    )


def is_touch_due(principal: Principal, moment: datetime) -> bool:
    return principal.last_used_at is None or principal.last_used_at < moment - LAST_USED_STEP


async def sign_in(session: AsyncSession, key: str) -> str:
    """A fresh session token for the browser that shows `key`. Raises `Unauthenticated`."""
    principal = await by_key(session, key)
    moment = await db.now(session)
    await session.exec(delete(WebSession).where(col(WebSession.expires_at) < moment))
    token = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            token_sha256=_sha256(token),
            principal=principal.id,
            created_at=moment,
            expires_at=min(filter(None, (moment + SESSION_TIME, principal.expires_at))),
        )
    )
    return token


async def sign_out(session: AsyncSession, token: str) -> None:
    await session.exec(delete(WebSession).where(col(WebSession.token_sha256) == _sha256(token)))


async def by_session(session: AsyncSession, token: str) -> Principal:
    """The principal who is signed in with `token`. Raises `Unauthenticated`."""
    row = await session.get(WebSession, _sha256(token))
    if row is None or row.expires_at <= await db.now(session):
        raise errors.Unauthenticated
    principal = await session.get(Principal, row.principal)
    if principal is None or await _is_over(session, principal):
        raise errors.Unauthenticated
    return principal


def form_token(session_token: str) -> str:
    """What a form must send back: it can be worked out only by whoever holds the session's cookie."""
    return hmac.new(session_token.encode(), b"interlock.form", hashlib.sha256).hexdigest()


def actor(principal: Principal) -> Actor:
    return Actor(
        principal=principal.id,
        name=principal.name,
        workspace=principal.workspace,
        roles=frozenset(Role(role) for role in principal.roles),
    )


async def _is_over(session: AsyncSession, principal: Principal) -> bool:
    return principal.expires_at is not None and principal.expires_at <= await db.now(session)


async def _named(session: AsyncSession, workspace: str, name: str) -> Principal | None:
    found = await session.exec(select(Principal).where(Principal.workspace == workspace, Principal.name == name))
    return found.first()


def _sha256(text: str) -> str:
    # A key has 256 random bits, so a plain hash is enough; a slow one would only slow us.
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
