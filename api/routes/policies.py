"""Policies: the YAML rules that judge every call, version by version."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Admin, Reader, Service
from api.fields import Sent, Shown
from tools import db
from tools.call import digest
from tools.guard import audit, policy
from tools.tables import Policy

router = APIRouter(prefix="/v1/policies", tags=["policies"])

DEFAULT_SOURCE = "# No rules yet: the class table alone judges.\nrules: []\n"


class NewPolicy(Sent):
    source: Annotated[str, Field(max_length=200_000)]
    #: YAML, see docs/policies.md


class PolicyView(Shown):
    version: int
    #: 0 while there are only the built-in rules
    source: str
    digest: str
    created_by: str | None
    created_at: datetime | None
    rules: list[str]
    #: ids, in the order of the source


@router.get("")
async def get_policy(actor: Reader, service: Service) -> PolicyView:
    """The rules in force, as they were written."""
    async with service.database.read() as session:
        return _view(await _active(session, actor.workspace))


@router.put("")
async def put_policy(body: NewPolicy, actor: Admin, service: Service) -> PolicyView:
    """Check rules and put them in force as a new version. Open approvals bind the version they were asked under."""
    ruleset = policy.read(body.source)
    async with service.database.write("policy.activate") as session:
        await audit.hold(session, audit.REGISTRY)
        newest = await session.exec(
            select(Policy.version)
            .where(Policy.workspace == actor.workspace)
            .order_by(col(Policy.version).desc())
            .limit(1)
        )
        await session.exec(
            update(Policy)
            .where(col(Policy.workspace) == actor.workspace, col(Policy.is_active).is_(True))
            .values(is_active=False)
            .execution_options(synchronize_session=False)
        )
        row = Policy(
            workspace=actor.workspace,
            version=(newest.first() or 0) + 1,
            source=body.source,
            digest=digest(body.source),
            is_active=True,
            created_by=actor.name,
            created_at=await db.now(session),
        )
        session.add(row)
        told = {"version": row.version, "digest": row.digest, "rules": [rule.id for rule in ruleset.rules]}
        await audit.append(
            session,
            workspace=actor.workspace,
            chain=audit.REGISTRY,
            kind="policy.activated",
            actor=actor.name,
            body=told,
        )
    return _view(row)


async def active_ruleset(session: AsyncSession, workspace: str) -> policy.Ruleset:
    """The rules that judge now. Raises `PolicyInvalid` when the stored ones cannot be read."""
    row = await _active(session, workspace)
    return policy.read(row.source) if row else policy.Ruleset()


async def _active(session: AsyncSession, workspace: str) -> Policy | None:
    found = await session.exec(
        select(Policy)
        .where(Policy.workspace == workspace, col(Policy.is_active).is_(True))
        .order_by(col(Policy.version).desc())
        .limit(1)
    )
    return found.first()


def _view(row: Policy | None) -> PolicyView:
    if row is None:
        return PolicyView(
            version=0,
            source=DEFAULT_SOURCE,
            digest=digest(DEFAULT_SOURCE),
            created_by=None,
            created_at=None,
            rules=[],
        )
    return PolicyView(
        version=row.version,
        source=row.source,
        digest=row.digest,
        created_by=row.created_by,
        created_at=row.created_at,
        rules=[rule.id for rule in policy.read(row.source).rules],
    )
