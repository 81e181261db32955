"""The registry of actions: revisions go in, an admin accepts, and only what was accepted comes out to be called.

Every function takes the session first and leaves the transaction to its caller; every query names the workspace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from discovery.schemas import closure
from discovery.tables import SurfaceActionRow, SurfaceRow
from tools import db, errors
from tools.action import AcceptedAction, Action, ActionClass, ActionId, Schema, Surface

Overrides = Mapping[str, Mapping[str, Any]]
#: action id -> field -> value. `arguments` maps argument names to their fields: {"amount": {"is_target": true}}

OVERRIDABLE = frozenset(
    {"action_class", "resolver", "retry", "timeout_s", "scopes", "resource", "pagination", "read_back", "inverse",
     "summary", "description", "arguments"}
)  # fmt: skip
#: what an admin may set; the rest is what the document says and goes on the wire
ARGUMENT_FIELDS = frozenset({"is_target", "unit", "description", "required"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogAction:
    """An action of one revision, with the admin's overrides applied."""

    action: Action
    revision: int
    is_accepted: bool


async def ingest(session: AsyncSession, workspace: str, system: str, surface: Surface, by: str) -> SurfaceRow:
    """The revision of these bytes: a new one, or the one that already holds them, unchanged."""
    known = (
        await session.exec(
            select(SurfaceRow).where(
                SurfaceRow.workspace == workspace, SurfaceRow.system == system, SurfaceRow.digest == surface.digest
            )
        )
    ).first()
    if known is not None:
        return known
    row = SurfaceRow(
        workspace=workspace,
        system=system,
        revision=(await latest_revision(session, workspace, system) or 0) + 1,
        digest=surface.digest,
        dialect=surface.dialect,
        title=surface.title,
        defs=surface.defs,
        quarantine=[entry.model_dump(mode="json") for entry in surface.quarantine],
        created_at=await db.now(session),
        created_by=by,
    )
    session.add(row)
    await session.flush()
    session.add_all(
        SurfaceActionRow(surface=_id(row), action_id=action.id, body=action.model_dump(mode="json"))
        for action in surface.actions
    )
    await session.flush()
    return row


async def latest_revision(session: AsyncSession, workspace: str, system: str) -> int | None:
    """The number of the newest revision; None when the System has no surface yet."""
    highest = select(sa.func.max(SurfaceRow.revision)).where(
        SurfaceRow.workspace == workspace, SurfaceRow.system == system
    )
    return (await session.exec(highest)).one()


async def surface_of(session: AsyncSession, workspace: str, system: str, revision: int | None = None) -> SurfaceRow:
    """The revision, or the latest. Raises `Unknown` when there is none."""
    query = select(SurfaceRow).where(SurfaceRow.workspace == workspace, SurfaceRow.system == system)
    if revision is not None:
        query = query.where(SurfaceRow.revision == revision)
    row = (await session.exec(query.order_by(col(SurfaceRow.revision).desc()).limit(1))).first()
    if row is None:
        wanted = "surface" if revision is None else f"revision {revision}"
        raise errors.Unknown(f"system {system!r} has no {wanted}; add one with `interlock systems add`")
    return row


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
        raise errors.Unknown(f"no action {min(missing)!r} in revision {surface.revision} of {system!r}")
    accepted = []
    now = await db.now(session)
    for action_id in sorted(wanted):
        row = rows[action_id]
        row.overrides = _merged(row.overrides, given.get(action_id, {}))
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
        select(SurfaceActionRow)
        .join(SurfaceRow, col(SurfaceRow.id) == SurfaceActionRow.surface)
        .where(SurfaceRow.workspace == workspace, SurfaceActionRow.action_id == action_id)
    )
    rows = found.all()
    if not rows:
        raise errors.Unknown(f"no action {action_id!r}")
    for row in rows:
        row.accepted_at, row.accepted_by = None, None
        session.add(row)
    await session.flush()


async def accepted(
    session: AsyncSession, workspace: str, action_id: str, revision: int | None = None
) -> AcceptedAction | None:
    """The action as it may be called, in that revision or the latest; None when it is not accepted there."""
    system = action_id.partition(".")[0]
    if revision is None:
        revision = await latest_revision(session, workspace, system)
    found = await session.exec(
        select(SurfaceActionRow, SurfaceRow.defs)
        .join(SurfaceRow, col(SurfaceRow.id) == SurfaceActionRow.surface)
        .where(
            SurfaceRow.workspace == workspace,
            SurfaceRow.system == system,
            SurfaceRow.revision == revision,
            SurfaceActionRow.action_id == action_id,
            col(SurfaceActionRow.accepted_at).is_not(None),
        )
    )
    pair = found.first()
    if pair is None or revision is None:
        return None
    row, defs = pair
    action = _effective(row)
    return AcceptedAction(action=action, revision=revision, defs=_reached(action, defs))


async def actions(
    session: AsyncSession, workspace: str, system: str | None = None, *, accepted_only: bool = True
) -> list[CatalogAction]:
    """The actions of the latest revision of one system or of all, sorted by id."""
    newest = (
        select(SurfaceRow.system, sa.func.max(SurfaceRow.revision).label("revision"))
        .where(SurfaceRow.workspace == workspace)
        .group_by(SurfaceRow.system)
        .subquery()
    )
    query = (
        select(SurfaceActionRow, SurfaceRow.revision)
        .join(SurfaceRow, col(SurfaceRow.id) == SurfaceActionRow.surface)
        .join(newest, (newest.c.system == SurfaceRow.system) & (newest.c.revision == SurfaceRow.revision))
        .where(SurfaceRow.workspace == workspace)
        .order_by(SurfaceActionRow.action_id)
    )
    if system is not None:
        query = query.where(SurfaceRow.system == system)
    if accepted_only:
        query = query.where(col(SurfaceActionRow.accepted_at).is_not(None))
    return [
        CatalogAction(action=_effective(row), revision=revision, is_accepted=row.accepted_at is not None)
        for row, revision in (await session.exec(query)).all()
    ]


async def accepted_all(session: AsyncSession, workspace: str) -> list[AcceptedAction]:
    """Every accepted action of the latest revisions, each with the shared schemas it reaches, sorted by id."""
    listed = await actions(session, workspace)
    shared = {system: await definitions(session, workspace, system) for system in {one.action.system for one in listed}}
    return [
        AcceptedAction(action=one.action, revision=one.revision, defs=_reached(one.action, shared[one.action.system]))
        for one in listed
    ]


async def definitions(
    session: AsyncSession, workspace: str, system: str, revision: int | None = None
) -> dict[str, Schema]:
    """The shared schemas of a revision, which the schemas of its actions refer to. Raises `Unknown`."""
    return (await surface_of(session, workspace, system, revision)).defs


async def _rows(session: AsyncSession, surface: SurfaceRow) -> Sequence[SurfaceActionRow]:
    return (await session.exec(select(SurfaceActionRow).where(SurfaceActionRow.surface == _id(surface)))).all()


def _id(row: SurfaceRow) -> int:
    if row.id is None:
        raise errors.Conflict("the surface was not written yet")
    return row.id


def _reached(action: Action, defs: Mapping[str, Schema]) -> dict[str, Schema]:
    """Only the shared schemas that the action's own schemas lead to."""
    own = [action.args_schema(), action.result_schema, *action.errors.values()]
    return {name: defs[name] for name in sorted(closure(own, defs.get)) if name in defs}


def _merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**before, **given}
    if "arguments" in before and "arguments" in given:
        merged["arguments"] = {**before["arguments"], **given["arguments"]}
    return merged


def _effective(row: SurfaceActionRow) -> Action:
    """The action with its overrides. Raises `Invalid` naming the override that does not fit."""
    body = dict(row.body)
    for field, value in row.overrides.items():
        if field not in OVERRIDABLE:
            raise errors.Invalid(f"{field!r} of {row.action_id} comes from the document and cannot be set")
        body[field] = _with_arguments(row, value) if field == "arguments" else value
    try:
        return Action.model_validate(body)
    except ValidationError as exc:
        place = ".".join(map(str, exc.errors()[0]["loc"]))
        raise errors.Invalid(f"the override of {place} does not fit {row.action_id}: {exc.errors()[0]['msg']}") from exc


def _with_arguments(row: SurfaceActionRow, given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, Mapping):
        raise errors.Invalid(f"the override of arguments of {row.action_id} maps argument names to their fields")
    known = {argument["name"] for argument in row.body["arguments"]}
    for name, fields in given.items():
        if name not in known:
            raise errors.Invalid(f"{row.action_id} has no argument {name!r}")
        if not isinstance(fields, Mapping) or not fields.keys() <= ARGUMENT_FIELDS:
            raise errors.Invalid(f"of an argument, {', '.join(sorted(ARGUMENT_FIELDS))} can be set")
    return [{**argument, **given.get(argument["name"], {})} for argument in row.body["arguments"]]
