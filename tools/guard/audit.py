"""The audit log: one hash chain per run, one record per decision, appended in the transaction of what it records.

`append` never commits by itself: a state change and its record stand or fall together. The log alone cannot show that
its tail was cut off; that needs a checkpoint kept elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from tools import db
from tools.call import digest
from tools.tables import Decision

FIRST = "0" * 64
#: what the first record of a chain names as its predecessor

REGISTRY = "registry"
#: the chain of what admins and approvers change outside any run


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What reading the whole log back found. `bad` names the first record that does not hold, or is None."""

    records: int
    chains: int
    bad: str | None = None


async def append(
    session: AsyncSession, *, workspace: str, chain: str, kind: str, actor: str, body: dict[str, Any]
) -> Decision:
    """Add a record to `chain`. Numbers have no gaps, so readers of the stream can tell that nothing is missing."""
    await hold(session, chain)
    last = await _last(session, workspace, chain)
    record = Decision(
        workspace=workspace,
        chain=chain,
        seq=last.seq + 1 if last else 1,
        at=await db.now(session),
        kind=kind,
        actor=actor,
        body=body,
        prev=last.hash if last else FIRST,
        hash="",
    )
    record.hash = record_hash(record)
    session.add(record)
    await session.flush()
    return record


async def hold(session: AsyncSession, chain: str) -> None:
    """Have the chain to oneself until the transaction ends.

    Whoever changes a run takes this first, before any row of it: one lock per run, so writers queue up and never
    deadlock. SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = await session.connection()
        await lock.execute(sa.text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": chain})


def record_hash(record: Decision) -> str:
    """sha256 over everything the record says, the hash before it included."""
    return digest(
        {
            "workspace": record.workspace,
            "chain": record.chain,
            "seq": record.seq,
            "at": record.at.isoformat(),
            "kind": record.kind,
            "actor": record.actor,
            "body": record.body,
            "prev": record.prev,
        }
    )


async def records(session: AsyncSession, workspace: str, chain: str, after: int = 0) -> list[Decision]:
    """The records of one chain in order, those with `seq > after`."""
    found = await session.exec(
        select(Decision)
        .where(Decision.workspace == workspace, Decision.chain == chain, Decision.seq > after)
        .order_by(col(Decision.seq))
    )
    return list(found)


async def verify(session: AsyncSession, workspace: str | None = None) -> Verification:
    """Read the whole log back and check every link: numbers without gaps, each hash right, each predecessor named."""
    reader = _Reader()
    async for record in _all(session, workspace):
        if reader.take(record).bad:
            break
    return reader.found


def check(records: Iterable[Decision]) -> Verification:
    """As `verify`, for records that were taken out: chain by chain, each in its order."""
    reader = _Reader()
    for record in records:
        if reader.take(record).bad:
            break
    return reader.found


class _Reader:
    """Checks one record after the other, against the one before it in its chain."""

    def __init__(self) -> None:
        self.found = Verification(records=0, chains=0)
        self._previous: Decision | None = None

    def take(self, record: Decision) -> Verification:
        before = self._previous
        if before is not None and (before.workspace, before.chain) != (record.workspace, record.chain):
            before = None
        problem = _problem(record, before)
        self.found = Verification(
            records=self.found.records + 1,
            chains=self.found.chains + (before is None),
            bad=f"{record.chain} record {record.seq}: {problem}" if problem else None,
        )
        self._previous = record
        return self.found


def _problem(record: Decision, previous: Decision | None) -> str | None:
    expected = (previous.seq + 1, previous.hash) if previous else (1, FIRST)
    if record.seq != expected[0]:
        return f"record {expected[0]} is missing before it"
    if record.prev != expected[1]:
        return "it does not follow the record before it"
    if record.hash != record_hash(record):
        return "its content was changed after it was written"
    return None


async def _all(session: AsyncSession, workspace: str | None) -> AsyncIterator[Decision]:
    query = select(Decision).order_by(Decision.workspace, Decision.chain, col(Decision.seq))
    if workspace is not None:
        query = query.where(Decision.workspace == workspace)
    async for record in await session.stream_scalars(query.execution_options(yield_per=500)):
        yield record


async def _last(session: AsyncSession, workspace: str, chain: str) -> Decision | None:
    found = await session.exec(
        select(Decision)
        .where(Decision.workspace == workspace, Decision.chain == chain)
        .order_by(col(Decision.seq).desc())
        .limit(1)
    )
    return found.first()
