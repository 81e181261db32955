"""Actions: what the systems can do, by list, by search, and one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from api import paging
from api.auth import Actor
from api.deps import Reader, Service
from api.fields import Shown
from api.paging import Cursor, Limit, Page
from api.routes import policies, systems
from discovery import lower, search
from discovery import service as catalog
from discovery.schemas import closure
from discovery.search import Link, Listed
from discovery.service import CatalogAction
from tools import db
from tools.action import Action, ActionId, Schema
from tools.guard import policy
from tools.labels import Label, labelled

router = APIRouter(prefix="/v1/actions", tags=["actions"])

DIALECT = "https://json-schema.org/draft/2020-12/schema"


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


class ActionSchemas(Shown):
    """What an action takes and gives, each as a document of its own."""

    id: str
    revision: int
    arguments: Schema
    #: JSON Schema 2020-12 of the whole arguments object, with the shared schemas that it reaches as `$defs`
    result: Schema
    #: of the 2xx answer, likewise; {} where the document gives none
    lowered: Schema
    #: the arguments as a model's tool takes them: no references, combinators or recursion, bounded in depth and number
    tokens: int
    #: what the lowered action costs in a prompt, estimated


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
        if system is not None:
            await systems.fetch(session, actor.workspace, system)
        if q is not None:
            found = await search.find(session, actor.workspace, q, system=system, accepted_only=accepted, limit=limit)
            return Page(items=[_found(one, await _producers(session, actor, one.id, needs)) for one in found])
        listed = await catalog.actions(
            session, actor.workspace, system, accepted_only=accepted, after=cursor, limit=limit + 1
        )
    shown, following = paging.by_id(listed, lambda one: str(one.action.id), limit)
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


@router.get("/{action_id}/schema")
async def get_schemas(action_id: str, actor: Reader, service: Service) -> ActionSchemas:
    """The action's schemas: the full ones, which calls and answers are validated by, and the lowered one for models."""
    async with service.database.read() as session:
        found = await catalog.action(session, actor.workspace, action_id)
        defs = await catalog.definitions(session, actor.workspace, found.action.system, found.revision)
    signature = lower.signature(found.action, defs)
    return ActionSchemas(
        id=found.action.id,
        revision=found.revision,
        arguments=_standalone(found.action.args_schema(), defs),
        result=_standalone(found.action.result_schema, defs) if found.action.result_schema else {},
        lowered=lower.to_tool_schema(signature),
        tokens=lower.tokens(signature),
    )


def _standalone(schema: Schema, defs: Mapping[str, Schema]) -> Schema:
    reached = {name: defs[name] for name in sorted(closure([schema], defs.get) & defs.keys())}
    return {"$schema": DIALECT, **schema, **({"$defs": reached} if reached else {})}


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
