"""Actions: what the systems can do, by list, by search, and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from api import paging
from api.auth import Actor
from api.deps import Reader, Service
from api.fields import Shown
from api.paging import Cursor, Limit, Page
from api.routes import policies
from discovery import search
from discovery import service as catalog
from discovery.search import Link, Listed
from discovery.service import CatalogAction
from tools import db
from tools.action import Action, ActionId
from tools.guard import policy
from tools.labels import Label, labelled

router = APIRouter(prefix="/v1/actions", tags=["actions"])


class LinkView(Shown):
    """That one action's result gives what another's argument takes."""

    action: str
    argument: str
    field: str
    why: str


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


class FoundAction(ActionView):
    needs: list[LinkView] = Field(default_factory=list)
    #: the reads that give what its arguments name, when asked for


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
    producers: list[LinkView]
    #: reads of the same system that give what its arguments name
    consumers: list[LinkView]
    #: actions of the same system whose arguments take what its result gives


@router.get("")
async def list_actions(
    actor: Reader,
    service: Service,
    q: Annotated[str | None, Query(description="Words to search by; the best match first.", max_length=500)] = None,
    system: Annotated[str | None, Query(description="Only this system.", max_length=64)] = None,
    accepted: Annotated[bool, Query(description="Only what may be called.")] = False,
    needs: Annotated[
        bool, Query(description="With `q`: name the reads that give what each one's arguments need.")
    ] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[FoundAction]:
    """The actions of the latest revisions by id, or by how well they match `q`."""
    async with service.database.read() as session:
        if q is not None:
            found = await search.find(session, actor.workspace, q, system=system, accepted_only=accepted, limit=limit)
            return Page(items=[_found(one, await _producers(session, actor, one.id, needs)) for one in found])
        listed = await catalog.actions(session, actor.workspace, system, accepted_only=accepted)
    shown, following = paging.by_id(listed, lambda one: str(one.action.id), cursor, limit)
    return Page(items=[_view(one) for one in shown], next=following)


@router.get("/{action_id}")
async def get_action(action_id: str, actor: Reader, service: Service) -> ActionDetail:
    """One action: arguments, class, resolver, retries, timeout, and who would be asked about a call of it."""
    async with service.database.read() as session:
        found = await catalog.action(session, actor.workspace, action_id)
        links = await search.neighbours(session, actor.workspace, found.action.system)
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
        **found.action.model_dump(),
        revision=found.revision,
        is_accepted=found.is_accepted,
        approval=rule,
        producers=_links(links.producers.get(found.action.id, ())),
        consumers=_links(links.consumers.get(found.action.id, ())),
    )


async def _producers(session: AsyncSession, actor: Actor, action: ActionId, is_asked: bool) -> Sequence[Link]:
    if not is_asked:
        return ()
    links = await search.neighbours(session, actor.workspace, action.partition(".")[0])
    return links.producers.get(action, ())


def _links(links: Sequence[Link]) -> list[LinkView]:
    return [LinkView.model_validate(one) for one in links]


def _view(one: CatalogAction) -> FoundAction:
    return FoundAction.model_validate({**_shared(one.action), "revision": one.revision, "is_accepted": one.is_accepted})


def _found(one: Listed, needs: Sequence[Link]) -> FoundAction:
    return FoundAction.model_validate(
        {**_shared(one), "revision": one.revision, "is_accepted": one.is_accepted, "needs": _links(needs)}
    )


def _shared(one: Action | Listed) -> dict[str, str]:
    return {
        name: getattr(one, name) for name in ("id", "system", "action_class", "method", "path", "summary", "resource")
    }
