"""The catalogue as people search it: an index of the latest revisions, and who gives what others need, kept in memory.

Both are kept under what they were made from, so a new revision, an acceptance or an override makes a new one.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from discovery import lower, service
from discovery.catalog import Index
from discovery.links import Links
from discovery.lower import Signature
from discovery.service import State, StoredAction
from discovery.shelf import Shelf
from discovery.tables import SurfaceRow
from tools.action import Action, ActionClass, ActionId, Schema

PER_ARGUMENT = 3
#: producers that are told of one argument


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An action as the search looks at it and as a list shows it: small, for there may be tens of thousands."""

    id: ActionId
    system: str
    revision: int
    is_accepted: bool
    action_class: ActionClass
    resource: str
    method: str
    path: str
    summary: str
    description: str
    args: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A read that gives what an argument takes."""

    action: ActionId
    argument: str
    #: of the one that needs it
    field: str
    #: path in the read's result
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The links between the actions of one system, by the one that needs and by the one that gives."""

    producers: Mapping[ActionId, Sequence[Link]]
    #: of each, the `action` of a link is the read
    consumers: Mapping[ActionId, Sequence[Link]]
    #: of each, the `action` of a link is the one that needs


ActionIndex = Index[Listed]
_INDEXES: Shelf[tuple[str, str | None, bool, tuple[State, ...]], ActionIndex] = Shelf(8)
_NEIGHBOURS: Shelf[State, Neighbours] = Shelf(16)


async def find(
    session: AsyncSession,
    workspace: str,
    text: str,
    *,
    system: str | None = None,
    accepted_only: bool = False,
    limit: int = 20,
) -> list[Listed]:
    """The actions of the latest revisions that fit a goal's text, the best first."""
    key = (workspace, system, accepted_only, tuple(await service.states(session, workspace, system)))
    index = _INDEXES.get(key)
    if index is None:
        stored = await service.stored(session, workspace, system, accepted_only=accepted_only)
        index = _INDEXES.put(key, await asyncio.to_thread(indexed, stored))
    return [found for _, found in index.search(text, limit)]


async def neighbours(session: AsyncSession, workspace: str, system: str) -> Neighbours:
    """Who gives and who needs, among the actions of a system's latest revision. Raises `Unknown`."""
    surface = await service.surface_of(session, workspace, system)
    if (known := _NEIGHBOURS.get(_state(surface))) is not None:
        return known
    actions = [one.action for one in await service.of_revision(session, surface)]
    defs = await service.definitions(session, workspace, system, surface.revision)
    return _NEIGHBOURS.put(_state(surface), await asyncio.to_thread(_linked, actions, defs))


def _linked(actions: Sequence[Action], defs: Mapping[str, Schema]) -> Neighbours:
    signatures = [lower.signature(action, defs) for action in actions]
    links = Links(signatures)
    producers: dict[ActionId, list[Link]] = defaultdict(list)
    consumers: dict[ActionId, list[Link]] = defaultdict(list)
    for one in signatures:
        for argument, found in _needed(one, links):
            producers[one.id].append(found)
            consumers[found.action].append(Link(action=one.id, argument=argument, field=found.field, why=found.why))
    return Neighbours(producers=dict(producers), consumers=dict(consumers))


def _needed(signature: Signature, links: Links) -> list[tuple[str, Link]]:
    return [
        (argument.name, Link(action=one.signature.id, argument=argument.name, field=one.field, why=one.why))
        for argument in signature.args
        for one in links.producers(signature, argument.name, PER_ARGUMENT)
    ]


def _state(surface: SurfaceRow) -> State:
    return surface.id, surface.digest, surface.created_at, surface.edits


def indexed(stored: Iterable[StoredAction]) -> ActionIndex:
    """The index over stored actions. Takes a second or two for 20,000, so it is for a thread."""
    return Index.build(map(listed, stored))


def listed(one: StoredAction) -> Listed:
    """What the search looks at of a stored action, overrides applied."""
    proposed = orjson.loads(one.body)
    body = {**proposed, **one.overrides}
    return Listed(
        id=body["id"],
        system=body["system"],
        revision=one.revision,
        is_accepted=one.is_accepted,
        action_class=ActionClass(body["action_class"]),
        resource=body["resource"],
        method=body["method"],
        path=body["path"],
        summary=body["summary"],
        description=lower.short(body["description"]),
        # An override of arguments says more of some of them; it is no list of them.
        args=tuple(Name(argument["name"]) for argument in proposed["arguments"]),
    )
