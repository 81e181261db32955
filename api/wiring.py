"""The composition root: builds every service of one process from its settings, and starts and stops them together."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass, field, replace
from typing import Self

from sqlmodel.ext.asyncio.session import AsyncSession

from agent.durable import EngineSettings, Queue, Worker
from agent.leg import Services
from agent.planner import Planner
from agent.planners.embedded import EmbeddedPlanner
from agent.planners.model import ModelPlanner
from agent.service import Desk
from api import auth, lock, migrate
from api.settings import Settings
from discovery import service as catalog
from discovery.observer import Observer
from tools import db, egress, errors
from tools.action import AcceptedAction, ActionId
from tools.clock import Clock, Ids, RandomIds, SystemClock
from tools.guard.gate import Guard, Limits
from tools.ratelimit import Pace
from tools.tables import Role
from tools.vault import Vault, key_ring

log = logging.getLogger("interlock")

MODEL_SHORTLIST_TOKENS = 16_000
#: of signatures in a model's prompt, which bounds its price


class Catalog:
    """The guard's view of the registry of actions."""

    async def accepted(
        self, session: AsyncSession, workspace: str, action: ActionId, revision: int | None
    ) -> AcceptedAction | None:
        return await catalog.accepted(session, workspace, action, revision)


@dataclass(slots=True, kw_only=True)
class Interlock:
    """One process of the service. Everything in it is made by `build`; nothing works before `start`."""

    settings: Settings
    clock: Clock
    ids: Ids
    database: db.Database
    vault: Vault
    egress: egress.Egress
    observer: Observer
    guard: Guard
    planner: Planner
    queue: Queue
    desk: Desk
    worker: Worker
    worker_lock: lock.FileLock | None
    #: SQLite only
    has_worker: bool = False
    #: this process takes legs
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    #: set when the process is about to end, for answers that would otherwise go on

    @classmethod
    def build(cls, settings: Settings, *, planner: Planner | None = None) -> Self:
        """The services, not started. `planner` stands in for the one that the settings name."""
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        clock, ids = SystemClock(), RandomIds()
        database = db.Database(settings.database_url)
        vault = Vault(key_ring(_revealed(settings), settings.vault_key_file))
        observer = Observer(database, clock)
        sender = egress.Egress(
            vault, clock, limits=egress.Limits(total_s=settings.request_timeout_s), witness=observer.offer
        )
        limits = Limits(timeout_s=settings.request_timeout_s)
        guard = Guard(database, Catalog(), sender, ids, Pace(clock), limits)
        chosen = planner or _planner(settings, clock)
        queue = Queue(settings.database_url)
        services = Services(database=database, guard=guard, planner=chosen, clock=clock, ids=ids)
        if isinstance(chosen, ModelPlanner):
            services = replace(services, shortlist_tokens=MODEL_SHORTLIST_TOKENS)
        path = migrate.sqlite_path(settings.database_url)
        return cls(
            settings=settings,
            clock=clock,
            ids=ids,
            database=database,
            vault=vault,
            egress=sender,
            observer=observer,
            guard=guard,
            planner=chosen,
            queue=queue,
            desk=Desk(database, queue, ids),
            worker=Worker(_engine(settings), services, queue),
            worker_lock=lock.FileLock(path.with_name(f"{path.name}.worker.lock")) if path else None,
        )

    async def start(self, *, worker: bool) -> None:
        """Migrate, make the first key when there is none, and take legs if `worker`.

        Call it on the event loop that serves. Raises `Conflict` for a second worker on SQLite.
        """
        if worker:
            self._be_the_only_worker()
        await asyncio.to_thread(migrate.upgrade, self.settings.database_url)
        await self._make_first_key()
        self.observer.start()
        if worker:
            await self.worker.start()
            self.has_worker = True

    async def stop(self) -> None:
        self.stopping.set()
        if self.has_worker:
            await self.worker.stop()
        self.queue.close()
        await self.observer.stop()
        await self.egress.aclose()
        await self.database.close()
        if self.worker_lock is not None:
            self.worker_lock.release()

    def _be_the_only_worker(self) -> None:
        if self.worker_lock is None:
            return
        try:
            self.worker_lock.acquire(wait=False)
        except errors.Conflict as exc:
            raise errors.Conflict(
                f"another worker uses this SQLite database ({exc.message})",
                mend="stop it, or set INTERLOCK_DATABASE_URL=postgresql://… for several workers",
            ) from exc

    async def _make_first_key(self) -> None:
        path = self.settings.admin_key_file
        async with self.database.read() as session:
            if await auth.has_principals(session):
                return
        async with self.database.write("principal.first") as session:
            roles, workspace = [Role.ADMIN], self.settings.workspace
            try:
                _, key = await auth.create_principal(session, self.ids, "admin", roles, workspace)
            except errors.Conflict:
                return  # another process was first
            # Before the commit: a key without its file locks everybody out, a file without its key harms nobody.
            _write_private(str(path), f"{key}\n")
        log.info("the first API key is in %s", path)


def _engine(settings: Settings) -> EngineSettings:
    return EngineSettings(
        database_url=settings.database_url,
        worker=settings.worker,
        application_version=settings.application_version,
        lease_s=settings.lease_s,
        poll_s=settings.poll_s,
        concurrency=settings.concurrency,
    )


def _planner(settings: Settings, clock: Clock) -> Planner:
    if settings.model_base_url is None:
        return EmbeddedPlanner()
    if not settings.model:
        raise errors.Invalid("INTERLOCK_MODEL_BASE_URL is set, so set INTERLOCK_MODEL to the model's name too")
    return ModelPlanner(
        base_url=settings.model_base_url, api_key=settings.model_api_key, model=settings.model, clock=clock
    )


def _revealed(settings: Settings) -> str | None:
    return settings.vault_key.get_secret_value() if settings.vault_key else None


def _write_private(path: str, text: str) -> None:
    draft = f"{path}.draft"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    os.replace(draft, path)
