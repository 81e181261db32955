"""One engine, made in one place, for SQLite and PostgreSQL; transactions have names.

A transaction's name (`ledger.reserve`) says what it commits. Listeners hear it before and after each commit: telemetry
uses that, and the fault tests kill the process there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from tools import errors

Moment = Literal["before", "after"]
Listener = Callable[[Moment, str], None]

_WRITES = "interlock_writes"


class UtcTime(sa.TypeDecorator[datetime]):
    """An aware UTC datetime. SQLite keeps no zone, so it is put back on reading; naive values are refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time needs a zone; this one has none")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """The database behind one URL: `sqlite:///path` or `postgresql://…`; drivers are chosen here."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        options = {} if self.is_sqlite else {"pool_size": pool_size}
        self.engine = create_async_engine(
            async_url(url), json_serializer=_to_json, json_deserializer=_from_json, **options
        )
        self._listeners: list[Listener] = []
        if self.is_sqlite:
            _prepare_sqlite(self.engine.sync_engine)

    def listen(self, listener: Listener) -> None:
        """Hear every named commit, just before and just after it."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def write(self, name: str) -> AsyncIterator[AsyncSession]:
        """A transaction that commits at the end of the block, or rolls back when it raises."""
        async with self._session(writes=True) as session:
            yield session
            await session.flush()
            self._tell("before", name)
            await session.commit()
            self._tell("after", name)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A transaction that only reads; what it loaded stays usable after the block."""
        async with self._session(writes=False) as session:
            yield session

    @asynccontextmanager
    async def _session(self, *, writes: bool) -> AsyncIterator[AsyncSession]:
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=True) as session:
            try:
                await session.connection(execution_options={_WRITES: writes})
                yield session
            except sa.exc.OperationalError as exc:
                raise errors.Unavailable(f"the database does not answer ({type(exc.orig).__name__})") from exc

    def _tell(self, moment: Moment, name: str) -> None:
        for listener in self._listeners:
            listener(moment, name)

    async def close(self) -> None:
        await self.engine.dispose()


async def now(session: AsyncSession) -> datetime:
    """The database's time: leases, expiry and approvals are judged by one clock, whatever a worker's own says.

    For SQLite the machine's clock is the database's clock.
    """
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    moment: datetime = (await (await session.connection()).execute(sa.text("select clock_timestamp()"))).scalar_one()
    return moment.astimezone(UTC)


def _to_json(value: Any) -> str:
    """JSON as orjson writes it, which also takes text that is JSON already (`orjson.Fragment`)."""
    return orjson.dumps(value).decode()


def _from_json(stored: Any) -> Any:
    # SQLite gives a JSON number back as a number: its column type `JSON` has numeric affinity.
    return orjson.loads(stored) if isinstance(stored, str | bytes) else stored


def sync_engine(url: str) -> sa.Engine:
    """An engine for work that is synchronous by nature, such as migrations; SQLite is set up as for `Database`."""
    engine = sa.create_engine(sync_url(url))
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    return engine


def async_url(url: str) -> str:
    return _with_driver(url, "sqlite+aiosqlite", "postgresql+psycopg")


def sync_url(url: str) -> str:
    """The same database for libraries that work synchronously: migrations and the durable engine."""
    return _with_driver(url, "sqlite", "postgresql+psycopg")


def _with_driver(url: str, sqlite: str, postgres: str) -> str:
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise errors.Invalid(f"a database URL starts with sqlite:/// or postgresql://, not {backend}://")
    return parsed.set(drivername=sqlite if backend == "sqlite" else postgres).render_as_string(hide_password=False)


def _prepare_sqlite(engine: sa.Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: it would take them deferred, see below.
        connection.isolation_level = None
        cursor = connection.cursor()
        # Readers go on while one writes, and a commit is one append: 2.5x faster than the rollback journal.
        cursor.execute("PRAGMA journal_mode=WAL")
        # In WAL mode NORMAL can lose the last commits when the power fails. "Recorded before sent" may not, so FULL.
        cursor.execute("PRAGMA synchronous=FULL")
        # Wait for another writer instead of failing; 30 s is longer than any transaction here.
        cursor.execute("PRAGMA busy_timeout=30000")
        # SQLite checks foreign keys only when asked, per connection.
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        # A deferred transaction that reads and then writes fails at once when another wrote between; IMMEDIATE waits.
        writes = connection.get_execution_options().get(_WRITES, True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
