"""Brings a database to the schema of this code: our tables by Alembic, the engine's by the engine."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from agent import durable
from api import lock
from tools import db

MIGRATIONS = Path(__file__).parent / "migrations"
TURN_S = 0.1
#: between looks whether another process has finished migrating
ADVISORY_LOCK = int.from_bytes(hashlib.sha256(b"interlock.migrate").digest()[:8], "big", signed=True)


def upgrade(database_url: str) -> None:
    """Migrate to the newest revision. Safe to run again, and from several processes at once: they take turns."""
    with _alone(database_url):
        upgrade_tables(database_url)
        durable.migrate(database_url)


def upgrade_tables(database_url: str) -> None:
    """Our own tables alone."""
    engine = db.sync_engine(database_url)
    try:
        with engine.begin() as connection:
            command.upgrade(config(connection), "head")
    finally:
        engine.dispose()


def revision(database_url: str) -> str | None:
    """The revision that the database is at; None before the first."""
    engine = db.sync_engine(database_url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def head() -> str | None:
    """The revision that this code needs."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def sqlite_path(database_url: str) -> Path | None:
    """The file behind a SQLite URL, else None."""
    url = make_url(database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def config(connection: sa.Connection) -> Config:
    """Alembic's configuration, over a connection whose transaction the caller owns."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


@contextmanager
def _alone(database_url: str) -> Iterator[None]:
    if (path := sqlite_path(database_url)) is not None:
        with lock.held(path.with_name(f"{path.name}.migrate.lock")):
            yield
        return
    engine = sa.create_engine(db.sync_url(database_url), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            # Asked for again and again: a statement that waits for the lock holds a snapshot, and the holder's
            # CREATE INDEX CONCURRENTLY would wait for that in turn. The lock is held until the connection closes.
            while not connection.scalar(sa.text("select pg_try_advisory_lock(:key)"), {"key": ADVISORY_LOCK}):
                time.sleep(TURN_S)
            yield
    finally:
        engine.dispose()
