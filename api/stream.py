"""A run as server-sent events (WHATWG HTML, section 9.2).

The run's hash chain is the stream, so nothing is told twice and nothing is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import orjson

from agent import runs
from agent.tables import TERMINAL
from tools import db
from tools.guard import audit
from tools.tables import Decision

POLL_S = (0.1, 0.2, 0.4, 0.8)
#: between looks at the chain: quick after something happened, slower while nothing does
HEARTBEAT_S = 15.0
#: a comment this often keeps proxies and clients from giving up
LONGEST_S = 3600.0
#: then the stream ends, so that a revoked key does not listen for ever; clients go on with Last-Event-ID
RETRY_MS = 1000
BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    records: list[Decision]
    is_over: bool
    #: nothing will follow these


class Chain:
    """One run's records, read in small transactions."""

    def __init__(self, database: db.Database, workspace: str, run: str) -> None:
        self._db = database
        self._workspace = workspace
        self._run = run

    async def after(self, seq: int) -> News:
        async with self._db.read() as session:
            # The state first: whoever ends a run writes the last record in the same commit, so it is seen below.
            run = await runs.fetch(session, self._workspace, self._run)
            found = await audit.records(session, self._workspace, self._run, after=seq)
        return News(records=found[:BATCH], is_over=run.state in TERMINAL and len(found) <= BATCH)

    async def is_read(self, seq: int) -> bool:
        """Whether the run is over and a client that saw `seq` has seen all."""
        news = await self.after(seq)
        return seq > 0 and news.is_over and not news.records


async def events(chain: Chain, seq: int, stopping: asyncio.Event) -> AsyncIterator[bytes]:
    """The chain's records after number `seq` as they come, until the run is over or the process stops."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    loop = asyncio.get_running_loop()
    ends_at, beat_at, quiet = loop.time() + LONGEST_S, loop.time() + HEARTBEAT_S, 0
    while loop.time() < ends_at:
        news = await chain.after(seq)
        for record in news.records:
            seq = record.seq
            yield _event(record)
        if news.is_over:
            return
        quiet = 0 if news.records else min(quiet + 1, len(POLL_S) - 1)
        if news.records:
            beat_at = loop.time() + HEARTBEAT_S
        elif loop.time() >= beat_at:
            beat_at = loop.time() + HEARTBEAT_S
            yield b": still here\n\n"
        try:
            await asyncio.wait_for(stopping.wait(), POLL_S[quiet])
        except TimeoutError:
            continue
        return


def _event(record: Decision) -> bytes:
    data = {"seq": record.seq, "at": record.at, "kind": record.kind, "actor": record.actor, "body": record.body}
    # JSON holds no raw line breaks, so the data is one line.
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (record.seq, record.kind.encode(), orjson.dumps(data))
