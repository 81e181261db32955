"""Learns from the service's own exchanges, behind their backs: a bounded queue, emptied now and then into rows.

Runs never wait for it and never fail by it. What does not fit in the queue is dropped and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from discovery import overlay, redaction, service, traffic
from discovery.exchange import Exchange, below, essence, lowered, read_body
from discovery.infer.description import DIALECT
from discovery.overlay import Fact
from discovery.traffic import Bounds
from tools import db
from tools.action import AcceptedAction, ActionId
from tools.clock import Clock
from tools.egress import Answered, Target
from tools.wire import Request

log = logging.getLogger("interlock.observer")

WAITING = 200
#: exchanges that may wait
MAX_BODY_BYTES = 256 * 1024
#: of one that waits; the body of a larger one is left out
EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An exchange as egress saw it, not yet looked at."""

    at: datetime
    request: Request
    target: Target
    answered: Answered


class Observer:
    """Give `offer` to egress; between `start` and `stop` what it was offered is written."""

    def __init__(self, database: db.Database, clock: Clock, bounds: Bounds | None = None) -> None:
        self._db = database
        self._clock = clock
        self._bounds = bounds or Bounds()
        self._queue: queue.Queue[Heard] = queue.Queue(WAITING)
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self.dropped = 0
        #: exchanges that were not looked at, for want of room or because something went wrong

    def offer(self, request: Request, target: Target, answered: Answered) -> None:
        """Take an exchange, from any thread, or drop it."""
        if len(answered.body) > MAX_BODY_BYTES:
            answered = replace(answered, body=b"")
        try:
            self._queue.put_nowait(
                Heard(at=self._clock.now(), request=request, target=target, answered=answered),
            )
        except queue.Full:
            self.dropped += 1

    def start(self) -> None:
        """Begin to write, on the running event loop."""
        self._task = asyncio.create_task(self._run(), name="observer")

    async def stop(self) -> None:
        """Write what still waits, and end."""
        if self._task is not None:
            self._stopping.set()
            await self._task
            self._task = None
            await self.write()

    async def write(self) -> None:
        """Look at everything that waits now. Raises nothing."""
        heard = [self._queue.get_nowait() for _ in range(self._queue.qsize())]
        by_place: dict[tuple[str, str], list[Heard]] = defaultdict(list)
        for one in heard:
            by_place[one.target.workspace, one.target.action.partition(".")[0]].append(one)
        for (workspace, system), here in by_place.items():
            try:
                await self._learn(workspace, system, here)
            except Exception as exc:  # learning is a gift; whatever breaks it must not reach the runs
                self.dropped += len(here)
                log.warning("%d exchanges of %s were not learned from (%s)", len(here), system, type(exc).__name__)

    async def _run(self) -> None:
        # Ended by a word rather than cancelled: what was taken from the queue is written before the database closes.
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), EVERY_S)
            await self.write()

    async def _learn(self, workspace: str, system: str, heard: Sequence[Heard]) -> None:
        async with self._db.read() as session:
            called = {
                (one.target.action, one.target.revision): await service.accepted(
                    session, workspace, ActionId(one.target.action), one.target.revision
                )
                for one in heard
            }
            is_inferred = await traffic.dialect(session, workspace, system) == DIALECT
        known = [(one, action) for one in heard if (action := called[one.target.action, one.target.revision])]
        seen = await asyncio.to_thread(_look, known)
        facts: dict[str, list[tuple[Fact, datetime]]] = defaultdict(list)
        for (one, _), (exchange, differences) in zip(known, seen, strict=True):
            facts[one.target.connection] += [(fact, exchange.at) for fact in differences]
        if not is_inferred and not any(facts.values()):
            return
        async with self._db.write("observer.note") as session:
            if is_inferred:
                await traffic.keep(session, workspace, system, [exchange for exchange, _ in seen], self._bounds)
            for connection, found in sorted(facts.items()):
                await traffic.note(session, workspace, system, connection, overlay.tally(found), self._bounds)


def _look(heard: Sequence[tuple[Heard, AcceptedAction]]) -> list[tuple[Exchange, list[Fact]]]:
    """Each exchange redacted, with what it shows beyond its action."""
    found = []
    for one, accepted in heard:
        action = accepted.action
        schemas = [action.args_schema(), action.result_schema, *action.errors.values(), *accepted.defs.values()]
        exchange = redaction.redact(_exchange(one), redaction.marked_names(schemas))
        found.append((exchange, overlay.compare(action, accepted.defs, exchange)))
    return found


def _exchange(heard: Heard) -> Exchange:
    request, answered = heard.request, heard.answered
    path, query = below(request.url, heard.target.base_url) or ("/", ())
    sent_type = essence(request.content_type or "")
    headers = lowered(answered.headers)
    answered_type = essence(dict(headers).get("content-type", ""))
    return Exchange(
        at=heard.at,
        method=request.method,
        path=path,
        query=query,
        request_headers=lowered(request.headers),
        request_type=sent_type,
        request_body=read_body(sent_type, request.body or b""),
        status=answered.status,
        response_headers=headers,
        response_type=answered_type,
        response_body=read_body(answered_type, answered.body),
    )
