"""What was seen of Systems, in rows: exchanges to infer from, and facts that differ from the document. Both bounded.

Every function takes the session first and leaves the transaction to its caller; every query names the workspace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from discovery.exchange import Exchange
from discovery.infer.paths import is_id
from discovery.overlay import Fact, Sightings
from discovery.tables import ExchangeRow, ObservationRow, SurfaceRow
from tools.call import digest

BATCH = 200
#: rows in one statement


class Bounds(BaseModel):
    """How much is kept of one System."""

    model_config = ConfigDict(frozen=True)

    exchanges: int = Field(default=5000, gt=0)
    #: the oldest go first
    exchanges_of_a_form: int = Field(default=200, gt=0)
    #: of one method, path form and status, so that polling does not drive out what is rare
    exchange_bytes: int = Field(default=32 * 1024, gt=0)
    #: larger ones are kept without their bodies
    facts: int = Field(default=2000, gt=0)


async def keep(
    session: AsyncSession, workspace: str, system: str, exchanges: Iterable[Exchange], bounds: Bounds | None = None
) -> list[Exchange]:
    """Store the (redacted) exchanges; those that were not known before, in their order."""
    limits = bounds or Bounds()
    waiting = iter({digest(one.as_json()): one for one in exchanges}.items())
    fresh: list[Exchange] = []
    while batch := dict(islice(waiting, BATCH)):
        rows = [_row(workspace, system, mark, one, limits) for mark, one in batch.items()]
        statement = _insert(session, ExchangeRow).values(rows).on_conflict_do_nothing()
        added = await (await session.connection()).execute(statement.returning(sa.column("digest")))
        marks = set(added.scalars())
        fresh += [one for mark, one in batch.items() if mark in marks]
    await _forget(session, workspace, system, limits)
    return fresh


async def exchanges(session: AsyncSession, workspace: str, system: str) -> list[Exchange]:
    """All that is kept of the System, in the order of their times."""
    query = select(ExchangeRow.body).where(ExchangeRow.workspace == workspace, ExchangeRow.system == system)
    rows = await session.exec(query.order_by(col(ExchangeRow.at), col(ExchangeRow.id)))
    return [Exchange.from_json(body) for body in rows]


async def note(
    session: AsyncSession,
    workspace: str,
    system: str,
    connection: str,
    tallied: Sequence[tuple[Fact, Sightings]],
    bounds: Bounds | None = None,
) -> None:
    """Count the facts in the rows they have, or give them one while there is room."""
    wished = {mark_of(connection, fact): (fact, seen) for fact, seen in tallied}
    marks = await _with_room(session, workspace, system, list(wished), bounds or Bounds())
    # In one order for all workers, or two of them could wait for each other.
    rows = [_fact_row(workspace, system, connection, mark, *wished[mark]) for mark in sorted(marks)]
    for start in range(0, len(rows), BATCH):
        statement = _insert(session, ObservationRow).values(rows[start : start + BATCH])
        new, old = statement.excluded, ObservationRow
        statement = statement.on_conflict_do_update(
            index_elements=["workspace", "system", "digest"],
            set_={
                "count": col(old.count) + new.count,
                "first_at": sa.case((new.first_at < col(old.first_at), new.first_at), else_=col(old.first_at)),
                "last_at": sa.case((new.last_at > col(old.last_at), new.last_at), else_=col(old.last_at)),
            },
        )
        await (await session.connection()).execute(statement)


async def dialect(session: AsyncSession, workspace: str, system: str) -> str | None:
    """What the System's newest surface was made from; None when it has none."""
    query = select(SurfaceRow.dialect).where(SurfaceRow.workspace == workspace, SurfaceRow.system == system)
    return (await session.exec(query.order_by(col(SurfaceRow.revision).desc()).limit(1))).first()


def observations(workspace: str, system: str) -> SelectOfScalar[ObservationRow]:
    """The query for the facts of the System."""
    return select(ObservationRow).where(ObservationRow.workspace == workspace, ObservationRow.system == system)


def mark_of(connection: str, fact: Fact) -> str:
    """What the fact's row is found by: the same fact over another connection is another row."""
    return digest([connection, fact.action, fact.pointer, fact.kind, fact.value])


async def _with_room(
    session: AsyncSession, workspace: str, system: str, marks: list[str], bounds: Bounds
) -> Sequence[str]:
    """The marks whose rows exist, and as many new ones as there is room for."""
    mine = (ObservationRow.workspace == workspace, ObservationRow.system == system)
    held = (await session.exec(select(sa.func.count()).select_from(ObservationRow).where(*mine))).one()
    if held + len(marks) <= bounds.facts:
        return marks
    known: set[str] = set()
    for start in range(0, len(marks), BATCH):
        part = col(ObservationRow.digest).in_(marks[start : start + BATCH])
        known.update(await session.exec(select(ObservationRow.digest).where(*mine, part)))
    new = [mark for mark in marks if mark not in known]
    return [*known, *new[: max(bounds.facts - held, 0)]]


async def _forget(session: AsyncSession, workspace: str, system: str, bounds: Bounds) -> None:
    """Drop the oldest exchanges beyond the bounds, of each form and of all."""
    table = ExchangeRow
    newest = (col(table.at).desc(), col(table.id).desc())
    ranked = (
        sa.select(
            col(table.id),
            sa.func.row_number().over(partition_by=col(table.form), order_by=newest).label("of_form"),
        )
        .where(col(table.workspace) == workspace, col(table.system) == system)
        .subquery()
    )
    beyond = sa.select(ranked.c.id).where(ranked.c.of_form > bounds.exchanges_of_a_form)
    connection = await session.connection()
    await connection.execute(sa.delete(table).where(col(table.id).in_(beyond)))
    mine = sa.select(col(table.id)).where(col(table.workspace) == workspace, col(table.system) == system)
    kept = mine.order_by(*newest).limit(bounds.exchanges).subquery()
    await connection.execute(
        sa.delete(table).where(
            col(table.workspace) == workspace,
            col(table.system) == system,
            col(table.id).not_in(sa.select(kept.c.id)),
        )
    )


def _row(workspace: str, system: str, mark: str, exchange: Exchange, bounds: Bounds) -> dict[str, Any]:
    if len(orjson.dumps(exchange)) > bounds.exchange_bytes:
        exchange = replace(exchange, request_body=None, response_body=None)
    return {
        "workspace": workspace,
        "system": system,
        "digest": mark,
        "form": form_of(exchange),
        "at": exchange.at,
        "body": exchange.as_json(),
    }


def form_of(exchange: Exchange) -> str:
    """Method, status, and the path with its ids left out."""
    path = "/".join("{}" if is_id(part) else part for part in exchange.path.split("/"))
    return f"{exchange.method} {exchange.status} {path}"[:500]


def _fact_row(workspace: str, system: str, connection: str, mark: str, fact: Fact, seen: Sightings) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "system": system,
        "connection": connection,
        "digest": mark,
        "action": fact.action,
        "pointer": fact.pointer[:500],
        "kind": fact.kind,
        "value": fact.value,
        "count": seen.count,
        "first_at": seen.first_at,
        "last_at": seen.last_at,
    }


def _insert(session: AsyncSession, table: type[Any]) -> Any:
    """An INSERT that may say what happens on a conflict, in the words of the session's database."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return (sqlite.insert if is_sqlite else postgresql.insert)(table.__table__)
