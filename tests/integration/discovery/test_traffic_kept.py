"""What is kept of traffic, on both databases: once, bounded, counted; and an observer that never stands in the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlmodel import SQLModel, select

from discovery import service, surface, traffic
from discovery.exchange import Exchange
from discovery.observer import WAITING, Observer
from discovery.overlay import Fact, Sightings
from discovery.tables import ExchangeRow, ObservationRow, SurfaceActionRow, SurfaceRow
from discovery.traffic import Bounds
from tools import db
from tools.clock import SystemClock
from tools.egress import Answered, Target
from tools.wire import Request

HERE = "default"
AT = datetime(2026, 1, 1, tzinfo=UTC)
ONE = Exchange(at=AT, method="GET", path="/things/1", status=200, response_body={"id": 1})
FACT = Fact(action="x.get", pointer="200/new", kind="field", value="string")
NAMES = [one.__tablename__ for one in (SurfaceRow, SurfaceActionRow, ExchangeRow, ObservationRow)]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[db.Database]:
    opened = db.Database(database_url)
    async with opened.engine.begin() as connection:
        tables = [SQLModel.metadata.tables[str(name)] for name in NAMES]
        await connection.run_sync(SQLModel.metadata.create_all, tables=tables)
    yield opened
    await opened.close()


def many(count: int, path: str = "/things/{}") -> list[Exchange]:
    return [replace(ONE, path=path.format(number), at=AT + timedelta(seconds=number)) for number in range(count)]


async def test_an_exchange_is_kept_once_and_comes_back_as_it_was(database: db.Database) -> None:
    async with database.write("test") as session:
        assert [ONE] == await traffic.keep(session, HERE, "x", [ONE, ONE])
        other = replace(ONE, query=(("a", "b"),), request_headers=(("c", "d"),), request_body={"e": [None, 1.5]})
        assert [other] == await traffic.keep(session, HERE, "x", [ONE, other])
        assert [ONE, other] == await traffic.exchanges(session, HERE, "x")
        assert [] == await traffic.exchanges(session, "elsewhere", "x")


async def test_the_newest_of_each_form_and_of_all_are_kept(database: db.Database) -> None:
    bounds = Bounds(exchanges=12, exchanges_of_a_form=10)
    rare = [replace(one, method="DELETE") for one in many(1)]
    async with database.write("test") as session:
        await traffic.keep(session, HERE, "x", [*rare, *many(50)], bounds)
        kept = await traffic.exchanges(session, HERE, "x")
        assert [("DELETE", "/things/0"), *(("GET", f"/things/{number}") for number in range(40, 50))] == [
            (one.method, one.path) for one in kept
        ]
        await traffic.keep(
            session, HERE, "x", [replace(one, at=one.at + timedelta(1)) for one in many(6, "/y/{}")], bounds
        )
        assert 12 == len(await traffic.exchanges(session, HERE, "x"))


async def test_a_large_exchange_is_kept_without_its_bodies(database: db.Database) -> None:
    async with database.write("test") as session:
        await traffic.keep(session, HERE, "x", [replace(ONE, response_body=["x" * 99])], Bounds(exchange_bytes=50))
        assert [replace(ONE, response_body=None)] == await traffic.exchanges(session, HERE, "x")


async def test_facts_are_counted_in_one_row_each_and_bounded(database: db.Database) -> None:
    facts = [replace(FACT, pointer=f"200/p{number}") for number in range(5)]
    async with database.write("test") as session:
        for hours in (5, 1):
            at = AT + timedelta(hours=hours)
            seen = Sightings(count=2, first_at=at, last_at=at)
            await traffic.note(session, HERE, "x", "con", [(one, seen) for one in facts], Bounds(facts=3))
        rows = (await session.exec(traffic.observations(HERE, "x"))).all()
        assert 3 == len(rows)
        told = {(row.count, row.first_at, row.last_at, row.connection, row.kind, row.value) for row in rows}
        first, last = AT + timedelta(hours=1), AT + timedelta(hours=5)
        assert {(4, first, last, "con", "field", "string")} == told


DOCUMENT = orjson.dumps(
    {
        "openapi": "3.1.0",
        "info": {"title": "X"},
        "paths": {
            "/things/{id}": {
                "get": {
                    "operationId": "get",
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {"type": "object", "properties": {"id": {"type": "integer"}}}
                                }
                            }
                        }
                    },
                }
            }
        },
    }
)
REQUEST = Request(method="GET", url="https://x.example/api/things/7")
TARGET = Target(workspace=HERE, connection="con_1", base_url="https://x.example/api", action="x.get", revision=1)


def answered(body: Any) -> Answered:
    headers = (("content-type", "application/json"),)
    return Answered(status=200, headers=headers, body=orjson.dumps(body), elapsed_s=0.1)


async def ingest(database: db.Database) -> None:
    async with database.write("test") as session:
        await service.ingest(session, HERE, "x", surface.read("x", DOCUMENT), "ann")
        await service.accept(session, HERE, "x", by="ann")


async def rows(database: db.Database) -> list[tuple[Any, ...]]:
    async with database.read() as session:
        found = (await session.exec(select(ObservationRow))).all()
        assert [] == (await session.exec(select(ExchangeRow))).all()
    return [(row.connection, row.action, row.pointer, row.kind, row.value, row.count) for row in found]


async def test_the_observer_notes_what_its_own_calls_show_and_keeps_nothing_else(database: db.Database) -> None:
    await ingest(database)
    observer = Observer(database, SystemClock())
    observer.start()
    for body in ({"id": 1}, {"id": 1, "api_key": "abcdefghijk"}, {"id": "one"}, {"id": 2, "api_key": "lmnopqrstuv"}):
        observer.offer(REQUEST, TARGET, answered(body))
    await observer.stop()
    assert {
        ("con_1", "x.get", "200/api_key", "field", "string", 2),
        ("con_1", "x.get", "200/id", "type", "string", 1),
    } == set(await rows(database))
    assert 0 == observer.dropped


async def test_what_does_not_fit_is_dropped_and_counted(database: db.Database) -> None:
    observer = Observer(database, SystemClock())
    for _ in range(WAITING + 7):
        observer.offer(REQUEST, TARGET, answered({"id": 1}))
    assert 7 == observer.dropped


async def test_whatever_breaks_the_observer_reaches_nobody(database_url: str) -> None:
    """The tables are not there."""
    database = db.Database(database_url)
    observer = Observer(database, SystemClock())
    observer.offer(REQUEST, TARGET, answered({"id": 1}))
    observer.offer(REQUEST, replace(TARGET, action="unheard_of"), answered({"id": 1}))
    await observer.write()
    assert 2 == observer.dropped
    await database.close()


async def test_an_action_that_is_not_accepted_teaches_nothing(database: db.Database) -> None:
    await ingest(database)
    observer = Observer(database, SystemClock())
    observer.offer(REQUEST, replace(TARGET, action="x.other"), answered({"new": 1}))
    await observer.write()
    assert [] == await rows(database)
