"""Actions: what the systems can do, by list, by search, and one by one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel.ext.asyncio.session import AsyncSession

from api import paging
from api.deps import Reader, Service
from api.fields import Shown
from api.paging import Cursor, Limit, Page
from api.routes import policies
from discovery import service as catalog
from discovery.catalog import Index
from discovery.lower import signature
from discovery.service import CatalogAction
from tools import db, errors
from tools.action import Action
from tools.guard import policy
from tools.labels import Label, labelled

router = APIRouter(prefix="/v1/actions", tags=["actions"])


class ActionView(Shown):
    id: str
    system: str
    revision: int
    is_accepted: bool
    action_class: str
    method: str
    path: str
    summary: str
    resource: str


class ApprovalRule(Shown):
    """What the guard would say of a call whose every argument the goal itself gave."""

    verdict: str
    rule: str
    why: str
    role: str | None = None
    count: int | None = None


class ActionDetail(Action):
    """The action with the admin's overrides applied."""

    revision: int
    is_accepted: bool
    approval: ApprovalRule


@router.get("")
async def list_actions(
    actor: Reader,
    service: Service,
    q: Annotated[str | None, Query(description="Words to search by; the best match first.", max_length=500)] = None,
    system: Annotated[str | None, Query(description="Only this system.", max_length=64)] = None,
    accepted: Annotated[bool, Query(description="Only what may be called.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ActionView]:
    """The actions of the latest revisions by id, or by how well they match `q`."""
    async with service.database.read() as session:
        listed = await catalog.actions(session, actor.workspace, system, accepted_only=accepted)
        if q is not None:
            return Page(items=[_view(one) for one in await _matching(session, actor.workspace, listed, q, limit)])
    shown, following = paging.by_id(listed, lambda one: str(one.action.id), cursor, limit)
    return Page(items=[_view(one) for one in shown], next=following)


@router.get("/{action_id}")
async def get_action(action_id: str, actor: Reader, service: Service) -> ActionDetail:
    """One action: arguments, class, resolver, retries, timeout, and who would be asked about a call of it."""
    async with service.database.read() as session:
        listed = await catalog.actions(session, actor.workspace, action_id.partition(".")[0], accepted_only=False)
        found = next((one for one in listed if one.action.id == action_id), None)
        if found is None:
            raise errors.Unknown(f"there is no action {action_id}")
        ruleset, moment = await policies.active_ruleset(session, actor.workspace), await db.now(session)
    question = policy.Question(
        action=found.action, arguments=labelled({}, Label.USER), requester=actor.name, now=moment
    )
    verdict = policy.judge(question, ruleset)
    rule = ApprovalRule(
        verdict=type(verdict).__name__.lower(),
        rule=verdict.rule,
        why=verdict.why,
        role=getattr(verdict, "role", None),
        count=getattr(verdict, "count", None),
    )
    return ActionDetail(
        **found.action.model_dump(), revision=found.revision, is_accepted=found.is_accepted, approval=rule
    )


async def _matching(
    session: AsyncSession, workspace: str, listed: list[CatalogAction], text: str, limit: int
) -> list[CatalogAction]:
    shared: dict[str, dict[str, Any]] = {}
    for system in {one.action.system for one in listed}:
        shared[system] = await catalog.definitions(session, workspace, system)
    by_id = {one.action.id: one for one in listed}
    index = Index.build(signature(one.action, shared[one.action.system]) for one in listed)
    return [by_id[found.id] for _, found in index.search(text, limit)]


def _view(one: CatalogAction) -> ActionView:
    action = one.action
    return ActionView(
        id=action.id,
        system=action.system,
        revision=one.revision,
        is_accepted=one.is_accepted,
        action_class=action.action_class,
        method=action.method,
        path=action.path,
        summary=action.summary,
        resource=action.resource,
    )
