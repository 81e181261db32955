"""The migrated schema is the one the tables describe, on both databases, and migrating is safe to repeat."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from api import migrate
from api.migrations.metadata import METADATA
from tools import db


def tables(url: str) -> set[str]:
    engine = db.sync_engine(url)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_migrated_schema_is_the_one_the_tables_describe(database_url: str) -> None:
    migrate.upgrade_tables(database_url)
    engine = db.sync_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [] == compare_metadata(context, METADATA)
    engine.dispose()
    assert {table.name for table in METADATA.sorted_tables} | {"alembic_version"} == tables(database_url)


def test_migrating_again_changes_nothing_and_two_at_once_take_turns(database_url: str) -> None:
    assert migrate.revision(database_url) is None
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrate.upgrade, [database_url, database_url]))
    migrate.upgrade(database_url)
    assert migrate.head() == migrate.revision(database_url)


def test_going_back_removes_every_table(database_url: str) -> None:
    migrate.upgrade_tables(database_url)
    engine = db.sync_engine(database_url)
    with engine.begin() as connection:
        config = migrate.config(connection)
        command.downgrade(config, "base")
    engine.dispose()
    assert {"alembic_version"} == tables(database_url)


def test_a_revision_that_fails_leaves_nothing_behind(database_url: str) -> None:
    migrate.upgrade_tables(database_url)
    engine = db.sync_engine(database_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("create table half (id integer)")
        with pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql("create table wait (id integer)")
        connection.rollback()
    engine.dispose()
    assert "half" not in tables(database_url)


def test_each_revision_says_whether_it_goes_before_or_after_the_new_code() -> None:
    for script in ScriptDirectory(str(migrate.MIGRATIONS)).walk_revisions():
        assert "Safe" in (script.module.__doc__ or ""), script.revision
