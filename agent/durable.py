"""The durable engine: legs are queued, taken by a worker, and taken over when the worker dies.

The only module that imports DBOS. A leg is safe to repeat, so an engine that runs one twice does no harm; waits end
legs, so nothing is ever parked inside the engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from sqlmodel.ext.asyncio.session import AsyncSession

from agent import runs, waits
from agent.graph import Compiled, build, run_leg
from agent.leg import Services
from agent.tables import WaitKind
from tools import db, errors
from tools.guard import approvals

QUEUE = "legs"
LEG = "interlock_leg"

log = logging.getLogger("interlock.durable")


def migrate(database_url: str) -> None:
    """Make or update the engine's own tables; producers need them before any worker has started."""
    DBOS.migrate(db.sync_url(database_url))


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    database_url: str
    worker: str
    #: unique to this process
    application_version: str
    lease_s: float = 10.0
    poll_s: float = 0.2
    #: how often the queue is looked at
    concurrency: int = 20
    #: legs at once in this worker


class Queue:
    """The producer's side: a leg enqueued in the same commit as what makes it due."""

    def __init__(self, database_url: str) -> None:
        self._client = DBOSClient(system_database_url=db.sync_url(database_url), lazy=True)

    async def enqueue(self, session: AsyncSession, run: str, *, delay_s: float | None = None) -> None:
        options: EnqueueOptions = {"workflow_name": LEG, "queue_name": QUEUE}
        if delay_s:
            options["delay_seconds"] = delay_s
        await session.run_sync(lambda sync: self._client.enqueue_in_transaction(sync, options, run))

    def close(self) -> None:
        self._client.destroy()


class Worker:
    """The consumer's side: takes legs, keeps their leases, and looks after the runs of workers that died."""

    def __init__(self, settings: EngineSettings, services: Services, queue: Queue) -> None:
        self._settings = settings
        self._services = services
        self._queue = queue
        self._graph: Compiled = build()
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to take legs. Call from the event loop the legs should run on."""
        config: DBOSConfig = {
            "name": "interlock",
            "system_database_url": db.sync_url(self._settings.database_url),
            "application_version": self._settings.application_version,
            "executor_id": self._settings.worker,
            "max_executor_threads": self._settings.concurrency + 4,
            "log_level": "WARNING",
            "use_listen_notify": False,
        }
        DBOS(config=config)
        DBOS.workflow(name=LEG)(self._workflow())
        DBOS.launch()
        # Legs bear no version and are taken by the latest one; the version that was started last is that, also after a
        # roll-back.
        await DBOS.set_latest_application_version_async(self._settings.application_version)
        await DBOS.register_queue_async(
            QUEUE, worker_concurrency=self._settings.concurrency, polling_interval_sec=self._settings.poll_s
        )
        self._keeper = asyncio.create_task(self._keep())

    @property
    def is_alive(self) -> bool:
        return self._keeper is not None and not self._keeper.done()

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True, workflow_completion_timeout_sec=5)
        # The engine made its own thread pool the loop's and has closed it; whoever goes on with this loop needs one.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))

    def _workflow(self) -> Callable[[str], Awaitable[None]]:
        async def leg(run: str) -> None:
            await self.advance(run)

        return leg

    async def advance(self, run_id: str) -> None:
        """One leg of the run: claim it, lead it, and leave it over, waiting, or queued again. Safe to repeat."""
        async with self._services.database.write("leg.claim") as session:
            run = await runs.claim(session, run_id, self._settings.worker, self._settings.lease_s)
        if run is None:
            return
        leading = asyncio.create_task(self._lead(run_id, run.leg))
        heart = asyncio.create_task(self._beat(run_id, run.leg, leading))
        try:
            await asyncio.wait([leading])
            if not leading.cancelled() and (broken := leading.exception()) is not None:
                # The lease runs out and the keeper queues the run again; a run that fails so each time shows as stuck.
                log.error("a leg of run %s broke off", run_id, exc_info=broken)
        finally:
            heart.cancel()
            leading.cancel()

    async def _lead(self, run_id: str, leg: int) -> None:
        try:
            ended = await run_leg(self._graph, self._services, run=run_id, leg=leg, worker=self._settings.worker)
            if ended == "rest":
                await self._rest(run_id, leg)
        except errors.Conflict:
            log.info("run %s was taken over by another leg", run_id)

    async def _rest(self, run_id: str, leg: int) -> None:
        async with self._services.database.write("leg.rest") as session:
            waits_now = await runs.rest(session, run_id, leg)
            if not waits_now:
                await self._queue.enqueue(session, run_id)
                return
            moment = await db.now(session)
            timers = [
                wait.deadline
                for wait in await waits.opened(session, run_id)
                if wait.kind is WaitKind.TIMER and wait.deadline
            ]
            if timers:
                await self._queue.enqueue(session, run_id, delay_s=max((min(timers) - moment).total_seconds(), 0.01))

    async def _beat(self, run_id: str, leg: int, leading: asyncio.Task[None]) -> None:
        """Keep the lease, and stop leading once it is lost: another leg leads now, or the run was cancelled."""
        while True:
            await asyncio.sleep(self._settings.lease_s / 3)
            try:
                async with self._services.database.write("leg.beat") as session:
                    is_kept = await runs.extend(session, run_id, leg, self._settings.lease_s)
            except errors.Unavailable:
                log.warning("the database does not answer; the lease of run %s may run out", run_id)
                continue
            if not is_kept:
                leading.cancel()
                return

    async def _keep(self) -> None:
        """Every half lease: queue the runs nobody leads any more, and end what has expired."""
        while True:
            try:
                await self.sweep()
            except Exception:
                # Whatever it was, runs of dead workers must still be found at the next turn.
                log.exception("a turn of the keeper broke off")
            await asyncio.sleep(self._settings.lease_s / 2)

    async def sweep(self) -> int:
        """Queue the runs that should move and do not; how many there were."""
        async with self._services.database.read() as session:
            lost = await runs.orphans(session, self._settings.lease_s)
            late = await approvals.overdue(session)
        for run in lost:
            async with self._services.database.write("keeper.requeue") as session:
                await self._queue.enqueue(session, run.id)
        for approval in late:
            async with self._services.database.write("keeper.expire") as session:
                await approvals.expire(session, approval.workspace, approval.id)
                await wake(session, self._queue, approval.workspace, approval.id, how="expired", actor="clock")
        return len(lost)


async def wake(session: AsyncSession, queue: Queue, workspace: str, reference: str, *, how: str, actor: str) -> None:
    """Close the wait for `reference` and queue its run, in the caller's transaction."""
    wait = await waits.by_reference(session, workspace, reference)
    if wait is not None:
        await waits.close(session, wait, how=how, actor=actor)
        await queue.enqueue(session, wait.run)
