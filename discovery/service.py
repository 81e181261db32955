"""The registry of actions: revisions go in, an admin accepts, and only what was accepted comes out to be called.

Every function takes the session first and leaves the transaction to its caller; every query names the workspace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, defer
from sqlalchemy.orm.strategy_options import _AbstractLoad
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from discovery import overrides as admin
from discovery.overrides import Overrides
from discovery.shelf import Definitions, Shelf
from discovery.tables import SurfaceActionRow, SurfaceRow
from discovery.written import WrittenSurface
from tools import db, errors
from tools.action import AcceptedAction, Action, ActionClass, ActionId, Flaw, Quarantined, Schema, Surface

Listing = TypeVar("Listing", bound=Select[*tuple[Any, ...]])
SurfaceKey = tuple[int, str, datetime]
#: id, digest and time of a revision: an id alone may be used twice, by another database or after a rollback
State = tuple[int | None, str, datetime, int]
#: the same of a revision, and how often an admin changed something
DEFINITIONS: Shelf[SurfaceKey, Definitions] = Shelf(16)
#: Revisions never change, so every process keeps the shared schemas of those it used last.


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogAction:
    """An action of one revision, with the admin's overrides applied."""

    action: Action
    revision: int
    is_accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAction:
    """An action of one revision as the registry holds it: for those who read a few fields of very many."""

    body: str
    #: the Action as JSON, as discovery proposed it
    overrides: Mapping[str, Any]
    #: field -> value; accepting them has checked that they fit
    revision: int
    is_accepted: bool


async def ingest(session: AsyncSession, workspace: str, system: str, surface: WrittenSurface, by: str) -> SurfaceRow:
    """The revision of these bytes: a new one, or the one that already holds them, unchanged.

    Nothing of a new revision is accepted, but what an admin set of an action goes along, as far as it still fits.
    """
    known = (
        await session.exec(
            select(SurfaceRow).where(
                SurfaceRow.workspace == workspace, SurfaceRow.system == system, SurfaceRow.digest == surface.digest
            )
        )
    ).first()
    if known is not None:
        return known
    previous = await _newest(session, workspace, system)
    row = SurfaceRow(
        workspace=workspace,
        system=system,
        revision=previous.revision + 1 if previous else 1,
        digest=surface.digest,
        dialect=surface.dialect,
        title=surface.title,
        defs=cast("dict[str, Any]", orjson.Fragment(surface.defs)),
        quarantine=[entry.model_dump(mode="json") for entry in surface.quarantine],
        flaws=[entry.model_dump(mode="json") for entry in surface.flaws],
        created_at=await db.now(session),
        created_by=by,
    )
    session.add(row)
    await session.flush()
    # What was written as JSON text is to be read as JSON values.
    session.expire(row, ["defs"])
    kept = await _inherited(session, previous, surface) if previous else {}
    found = [
        {"surface": _id(row), "action_id": one, "body": orjson.Fragment(body), "overrides": kept.get(one, {})}
        for one, body in surface.actions.items()
    ]
    if found:
        await (await session.connection()).execute(sa.insert(SurfaceActionRow), found)
    return row


async def _inherited(
    session: AsyncSession, previous: SurfaceRow, surface: WrittenSurface
) -> Mapping[ActionId, dict[str, Any]]:
    """What an admin set of the previous revision's actions that still fits those of `surface`."""
    set_before = {ActionId(one.action_id): one for one in await _rows(session, previous) if one.overrides}
    return {
        one: admin.inherited(row.overrides, row.body, orjson.loads(surface.actions[one]))
        for one, row in set_before.items()
        if one in surface.actions
    }


async def latest_revision(session: AsyncSession, workspace: str, system: str) -> int | None:
    """The number of the newest revision; None when the System has no surface yet."""
    highest = select(sa.func.max(SurfaceRow.revision)).where(
        SurfaceRow.workspace == workspace, SurfaceRow.system == system
    )
    return (await session.exec(highest)).one()


async def surface_of(session: AsyncSession, workspace: str, system: str, revision: int | None = None) -> SurfaceRow:
    """The revision, or the latest, without its shared schemas. Raises `Unknown` when there is none."""
    row = await _newest(session, workspace, system, revision)
    if row is None:
        if revision is None:
            mend = f"give it one with `interlock systems update {system} --spec FILE`, or traffic with `observe`"
            raise errors.Unknown(f"{system} has no document yet", mend=mend)
        mend = f"`interlock systems revisions {system}` lists those there are"
        raise errors.Unknown(f"{system} has no revision {revision}", mend=mend)
    return row


async def revisions(session: AsyncSession, workspace: str, system: str) -> Sequence[SurfaceRow]:
    """Every revision without its schemas, the newest first."""
    query = (
        select(SurfaceRow)
        .options(_without_defs())
        .where(SurfaceRow.workspace == workspace, SurfaceRow.system == system)
    )
    return (await session.exec(query.order_by(col(SurfaceRow.revision).desc()))).all()


async def proposed(session: AsyncSession, workspace: str, system: str, revision: int | None = None) -> Surface:
    """A revision as discovery proposed it, without overrides. Raises `Unknown`."""
    row = await surface_of(session, workspace, system, revision)
    return Surface(
        system=system,
        digest=row.digest,
        title=row.title,
        dialect=row.dialect,
        actions=tuple(Action.model_validate(one.body) for one in await _rows(session, row)),
        defs=dict((await _definitions(session, row)).defs),
        quarantine=tuple(Quarantined.model_validate(one) for one in row.quarantine),
        flaws=tuple(Flaw.model_validate(one) for one in row.flaws),
    )


async def last_accepted(session: AsyncSession, workspace: str, system: str, before: int) -> tuple[int, set[ActionId]]:
    """The newest revision older than `before` of which anything is accepted, and what is; 0 without one."""
    query = (
        select(SurfaceRow.revision, SurfaceActionRow.action_id)
        .join(SurfaceActionRow, col(SurfaceRow.id) == SurfaceActionRow.surface)
        .where(
            SurfaceRow.workspace == workspace,
            SurfaceRow.system == system,
            SurfaceRow.revision < before,
            col(SurfaceActionRow.accepted_at).is_not(None),
        )
    )
    found = (await session.exec(query)).all()
    newest = max((revision for revision, _ in found), default=0)
    return newest, {ActionId(action) for revision, action in found if revision == newest}


async def accept(
    session: AsyncSession,
    workspace: str,
    system: str,
    *,
    by: str,
    revision: int | None = None,
    actions: Sequence[str] | None = None,
    overrides: Overrides | None = None,
) -> list[ActionId]:
    """Accept `actions`, or all whose class is known; the ids that are accepted now, sorted.

    `revision` None is the latest. In bulk an unknown class is passed over and stays denied; named, it is an error,
    until an override sets the class. An override replaces an earlier one of the same field. Raises `Unknown` or
    `Invalid`.
    """
    surface = await surface_of(session, workspace, system, revision)
    rows = {row.action_id: row for row in await _rows(session, surface)}
    given = dict(overrides or {})
    wanted = set(rows) if actions is None else set(actions) | set(given)
    if missing := (wanted | set(given)) - set(rows):
        mend = f"`interlock systems show {system}` lists those there are"
        raise errors.Unknown(f"no action {min(missing)!r} in revision {surface.revision} of {system!r}", mend=mend)
    _edited(session, surface)
    accepted = []
    now = await db.now(session)
    for action_id in sorted(wanted):
        row = rows[action_id]
        row.overrides = admin.merged(row.overrides, given.get(action_id, {}))
        if _effective(row).action_class is ActionClass.UNKNOWN:
            if actions is not None and action_id in actions:
                raise errors.Invalid(
                    f"{action_id} has an unknown class; set `action_class` by an override to accept it"
                )
            continue
        if row.accepted_at is None:
            row.accepted_at, row.accepted_by = now, by
        session.add(row)
        accepted.append(ActionId(action_id))
    await session.flush()
    return accepted


async def withdraw(session: AsyncSession, workspace: str, action_id: str) -> None:
    """Take the acceptance back in every revision, so that no run can call the action. Raises `Unknown`."""
    found = await session.exec(
        select(SurfaceActionRow, SurfaceRow)
        .join(SurfaceRow, col(SurfaceRow.id) == SurfaceActionRow.surface)
        .options(_without_defs())
        .where(SurfaceRow.workspace == workspace, SurfaceActionRow.action_id == action_id)
    )
    rows = found.all()
    if not rows:
        raise errors.Unknown(f"no action {action_id!r}")
    for row, surface in rows:
        row.accepted_at, row.accepted_by = None, None
        session.add(row)
        _edited(session, surface)
    await session.flush()


async def accepted(
    session: AsyncSession, workspace: str, action_id: str, revision: int | None = None
) -> AcceptedAction | None:
    """The action as it may be called, in that revision or the latest; None when it is not accepted there."""
    system = action_id.partition(".")[0]
    wanted = _latest(workspace, system) if revision is None else revision
    found = await session.exec(
        select(SurfaceActionRow, SurfaceRow)
        .join(SurfaceRow, col(SurfaceRow.id) == SurfaceActionRow.surface)
        .options(_without_defs())
        .where(
            SurfaceRow.workspace == workspace,
            SurfaceRow.system == system,
            SurfaceRow.revision == wanted,
            SurfaceActionRow.action_id == action_id,
            col(SurfaceActionRow.accepted_at).is_not(None),
        )
    )
    pair = found.first()
    if pair is None:
        return None
    row, surface = pair
    return _accepted(row, surface, await _definitions(session, surface))


async def actions(
    session: AsyncSession,
    workspace: str,
    system: str | None = None,
    *,
    accepted_only: bool = True,
    after: str | None = None,
    limit: int | None = None,
) -> list[CatalogAction]:
    """The actions of the latest revision of one system or of all, sorted by id: those after the id `after`, at most
    `limit`."""
    listed = await _listed(session, workspace, system, accepted_only=accepted_only, after=after, limit=limit)
    return [
        CatalogAction(action=_effective(row), revision=surface.revision, is_accepted=row.accepted_at is not None)
        for row, surface in listed
    ]


async def stored(
    session: AsyncSession, workspace: str, system: str | None = None, *, accepted_only: bool = True
) -> list[StoredAction]:
    """As `actions`, without the cost of validating tens of thousands of records that were valid when they went in."""
    fields = select(
        sa.cast(col(SurfaceActionRow.body), sa.Text),
        SurfaceActionRow.overrides,
        SurfaceRow.revision,
        col(SurfaceActionRow.accepted_at).is_not(None),
    )
    query = _of_latest(fields, workspace, system, accepted_only)
    return [
        StoredAction(body=body, overrides=overrides, revision=revision, is_accepted=is_accepted)
        for body, overrides, revision, is_accepted in await session.exec(query)
    ]


async def action(session: AsyncSession, workspace: str, action_id: str) -> CatalogAction:
    """One action of the latest revision of its system, accepted or not. Raises `Unknown`."""
    system = action_id.partition(".")[0]
    found = await session.exec(
        select(SurfaceActionRow, SurfaceRow)
        .join(SurfaceRow, col(SurfaceRow.id) == SurfaceActionRow.surface)
        .options(_without_defs())
        .where(
            SurfaceRow.workspace == workspace,
            SurfaceRow.system == system,
            SurfaceRow.revision == _latest(workspace, system),
            SurfaceActionRow.action_id == action_id,
        )
    )
    pair = found.first()
    if pair is None:
        mend = "look for it with `interlock actions search`"
        raise errors.Unknown(f"there is no action {action_id}", mend=mend)
    row, surface = pair
    return CatalogAction(action=_effective(row), revision=surface.revision, is_accepted=row.accepted_at is not None)


async def states(session: AsyncSession, workspace: str, system: str | None = None) -> Sequence[State]:
    """What the latest revision of one system or of each is known by, by system. Few columns: every search asks."""
    newest = _newest_of_each(workspace)
    query = (
        select(SurfaceRow.id, SurfaceRow.digest, SurfaceRow.created_at, SurfaceRow.edits)
        .join(newest, (newest.c.system == SurfaceRow.system) & (newest.c.revision == SurfaceRow.revision))
        .where(SurfaceRow.workspace == workspace)
        .order_by(SurfaceRow.system)
    )
    if system is not None:
        query = query.where(SurfaceRow.system == system)
    return [(one, digest, at, edits) for one, digest, at, edits in await session.exec(query)]


async def of_revision(session: AsyncSession, surface: SurfaceRow) -> list[CatalogAction]:
    """The actions of that revision, the latest or not."""
    return [
        CatalogAction(action=_effective(row), revision=surface.revision, is_accepted=row.accepted_at is not None)
        for row in await _rows(session, surface)
    ]


async def accepted_all(session: AsyncSession, workspace: str) -> list[AcceptedAction]:
    """Every accepted action of the latest revisions, each with the shared schemas it reaches, sorted by id."""
    listed = await _listed(session, workspace, accepted_only=True)
    return [_accepted(row, surface, await _definitions(session, surface)) for row, surface in listed]


async def definitions(
    session: AsyncSession, workspace: str, system: str, revision: int | None = None
) -> Mapping[str, Schema]:
    """The shared schemas of a revision, which the schemas of its actions refer to. Raises `Unknown`."""
    return (await _definitions(session, await surface_of(session, workspace, system, revision))).defs


async def _newest(session: AsyncSession, workspace: str, system: str, revision: int | None = None) -> SurfaceRow | None:
    """That revision, or the latest, without its schemas; None when there is none."""
    query = select(SurfaceRow).where(SurfaceRow.workspace == workspace, SurfaceRow.system == system)
    if revision is not None:
        query = query.where(SurfaceRow.revision == revision)
    newest = query.options(_without_defs()).order_by(col(SurfaceRow.revision).desc()).limit(1)
    return (await session.exec(newest)).first()


async def _listed(
    session: AsyncSession,
    workspace: str,
    system: str | None = None,
    *,
    accepted_only: bool,
    after: str | None = None,
    limit: int | None = None,
) -> Sequence[tuple[SurfaceActionRow, SurfaceRow]]:
    query = _of_latest(select(SurfaceActionRow, SurfaceRow), workspace, system, accepted_only).limit(limit)
    if after is not None:
        query = query.where(SurfaceActionRow.action_id > after)
    return (await session.exec(query.options(_without_defs()))).all()


def _of_latest(query: Listing, workspace: str, system: str | None, accepted_only: bool) -> Listing:
    """`query` over the actions of the latest revision of one system or of each, by id."""
    newest = _newest_of_each(workspace)
    query = (
        query.join(SurfaceRow, col(SurfaceRow.id) == SurfaceActionRow.surface)
        .join(newest, (newest.c.system == SurfaceRow.system) & (newest.c.revision == SurfaceRow.revision))
        .where(SurfaceRow.workspace == workspace)
        .order_by(SurfaceActionRow.action_id)
    )
    if system is not None:
        query = query.where(SurfaceRow.system == system)
    if accepted_only:
        query = query.where(col(SurfaceActionRow.accepted_at).is_not(None))
    return query


async def _definitions(session: AsyncSession, surface: SurfaceRow) -> Definitions:
    key = (_id(surface), surface.digest, surface.created_at)
    if (known := DEFINITIONS.get(key)) is not None:
        return known
    defs = (await session.exec(select(SurfaceRow.defs).where(SurfaceRow.id == surface.id))).one()
    return DEFINITIONS.put(key, Definitions(defs))


def _latest(workspace: str, system: str) -> Any:
    """The number of the newest revision, as a part of a query."""
    newest = select(sa.func.max(SurfaceRow.revision)).where(
        SurfaceRow.workspace == workspace, SurfaceRow.system == system
    )
    return newest.scalar_subquery()


def _newest_of_each(workspace: str) -> sa.Subquery:
    newest = select(SurfaceRow.system, sa.func.max(SurfaceRow.revision).label("revision"))
    return newest.where(SurfaceRow.workspace == workspace).group_by(SurfaceRow.system).subquery()


def _without_defs() -> _AbstractLoad:
    """Leaves out the shared schemas, by far the largest part of a row: megabytes, for some systems."""
    return defer(cast("InstrumentedAttribute[Any]", SurfaceRow.defs), raiseload=True)


def _edited(session: AsyncSession, surface: SurfaceRow) -> None:
    surface.edits += 1
    session.add(surface)


async def _rows(session: AsyncSession, surface: SurfaceRow) -> Sequence[SurfaceActionRow]:
    return (await session.exec(select(SurfaceActionRow).where(SurfaceActionRow.surface == _id(surface)))).all()


def _id(row: SurfaceRow) -> int:
    if row.id is None:
        raise errors.Conflict("the surface was not written yet")
    return row.id


def _effective(row: SurfaceActionRow) -> Action:
    return admin.applied(row.body, row.overrides)


def _accepted(row: SurfaceActionRow, surface: SurfaceRow, shared: Definitions) -> AcceptedAction:
    action = _effective(row)
    # Not validated: that would copy every shared schema, hundreds for each action of a large system, on the way of a
    # call. They come out of our own rows and are shared by all who hold them, so nobody may change them.
    return AcceptedAction.model_construct(action=action, revision=surface.revision, defs=shared.reached(action))
