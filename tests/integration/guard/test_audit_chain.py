"""The audit chain on a real database: gapless, linked, and any change is found."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from tools.db import Database
from tools.guard import audit
from tools.tables import Decision


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/audit.sqlite")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield database
    await database.close()


async def write(database: Database, chain: str, count: int) -> None:
    for number in range(count):
        async with database.write("test.append") as session:
            await audit.append(
                session, workspace="w", chain=chain, kind="guard.allow", actor="guard", body={"number": number}
            )


async def test_a_chain_has_no_gaps_and_verifies(database: Database) -> None:
    await write(database, "run_1", 3)
    await write(database, "run_2", 2)
    async with database.read() as session:
        records = await audit.records(session, "w", "run_1")
        assert [(1, audit.FIRST), (2, records[0].hash), (3, records[1].hash)] == [(r.seq, r.prev) for r in records]
        assert audit.Verification(records=5, chains=2) == await audit.verify(session)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("update decision set body = '{\"number\": 9}' where seq = 2", "run_1 record 2: its content was changed"),
        ("update decision set actor = 'someone' where seq = 1", "run_1 record 1: its content was changed"),
        ("update decision set at = '2020-01-01 00:00:00' where seq = 3", "run_1 record 3: its content was changed"),
        ("delete from decision where seq = 2", "run_1 record 3: record 2 is missing"),
        ("delete from decision where seq = 1", "run_1 record 2: record 1 is missing"),
        ("update decision set prev = hash where seq = 3", "run_1 record 3: it does not follow"),
        ("update decision set seq = 7 where seq = 3", "run_1 record 4: record 3 is missing"),
    ],
)
async def test_a_changed_record_is_named(database: Database, change: str, found: str) -> None:
    await write(database, "run_1", 4)
    async with database.write("test.tamper") as session:
        await (await session.connection()).execute(sa.text(change))
    async with database.read() as session:
        verification = await audit.verify(session)
    assert verification.bad is not None
    assert verification.bad.startswith(found)


async def test_a_record_that_is_rolled_back_leaves_no_trace(database: Database) -> None:
    async def change_that_fails() -> None:
        async with database.write("test.rollback") as session:
            await audit.append(session, workspace="w", chain="run_1", kind="k", actor="a", body={})
            raise RuntimeError("the state change failed")

    with pytest.raises(RuntimeError):
        await change_that_fails()
    async with database.read() as session:
        assert [] == await audit.records(session, "w", "run_1")


async def test_records_read_back_equal_what_was_hashed(database: Database) -> None:
    body = {"text": "ä\u2028", "list": [1, 2.5, None, True], "nested": {"z": 1, "a": 2}}
    async with database.write("test.append") as session:
        await audit.append(session, workspace="w", chain="c", kind="k", actor="a", body=body)
    async with database.read() as session:
        (record,) = await audit.records(session, "w", "c")
        assert isinstance(record, Decision)
        assert (body, audit.record_hash(record)) == (record.body, record.hash)
