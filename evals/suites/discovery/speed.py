"""How fast the catalogue's search is over 20,000 actions of a real registry.

The corpus is ingested under several slugs until the number is reached. Building is timed from the registry's rows to
the index, and a search over the index; the rows also tell what the service's own search takes, with its look at which
revisions are the latest.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from discovery import search, service
from discovery.tables import SurfaceActionRow, SurfaceRow
from discovery.written import WrittenSurface
from evals.suites.discovery.findings import Bench, Findings, Row
from evals.suites.discovery.labels import load_queries
from tools import db
from tools.action import ActionId, Surface

ACTIONS = 20_000
BUILD_S, MEDIAN_MS = 5.0, 2.0
WORKSPACE = "measured"
LIMIT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    held: int
    build_s: float
    search_ms: Sequence[float]
    #: of each query, over the index
    service_ms: Sequence[float]
    #: of each query, through the service, its index built already


async def measure(bench: Bench) -> Findings:
    with tempfile.TemporaryDirectory(prefix="interlock-search-") as folder:
        database = db.Database(f"sqlite:///{folder}/registry.db")
        try:
            held = await _fill(bench, database)
            times = await _timed(database, held)
        finally:
            await database.close()
    bench.tell(f"index of {held:,} actions in {times.build_s:.2f} s; a search {median(times.search_ms):.2f} ms")
    return Findings(figures={"search_p50_ms": round(median(times.search_ms), 2)}, rows=_rows(times))


async def _fill(bench: Bench, database: db.Database) -> int:
    """Ingest the corpus as often as it takes; how many actions the registry then holds."""
    async with database.engine.begin() as connection:
        tables = [SQLModel.metadata.tables[name] for name in (SurfaceRow.__tablename__, SurfaceActionRow.__tablename__)]
        await connection.run_sync(SQLModel.metadata.create_all, tables=tables)
    held, copy = 0, 0
    while held < ACTIONS:
        copy += 1
        for surface in bench.surfaces.values():
            again = renamed(surface, f"{surface.system}{copy}")
            async with database.write("measured.ingest") as session:
                await service.ingest(session, WORKSPACE, again.system, WrittenSurface.of(again), "suite")
            held += len(again.actions)
        bench.tell(f"{held:,} actions in the registry")
    return held


def renamed(surface: Surface, system: str) -> Surface:
    """The same surface, as that of another system."""
    actions = tuple(
        action.model_copy(update={"id": ActionId(f"{system}.{action.operation}"), "system": system})
        for action in surface.actions
    )
    return surface.model_copy(update={"system": system, "actions": actions})


async def _timed(database: db.Database, held: int) -> Times:
    queries = [one.query for one in load_queries()]
    async with database.read() as session:
        began = time.perf_counter()
        index = search.indexed(await service.stored(session, WORKSPACE, accepted_only=False))
        build_s = time.perf_counter() - began
        await search.find(session, WORKSPACE, queries[0])
        service_ms = [await _service_ms(session, text) for text in queries]
    return Times(
        held=held,
        build_s=build_s,
        search_ms=[_search_ms(index, text) for text in queries],
        service_ms=service_ms,
    )


def _search_ms(index: search.ActionIndex, text: str) -> float:
    began = time.perf_counter()
    index.search(text, LIMIT)
    return (time.perf_counter() - began) * 1000


async def _service_ms(session: AsyncSession, text: str) -> float:
    began = time.perf_counter()
    await search.find(session, WORKSPACE, text, limit=LIMIT)
    return (time.perf_counter() - began) * 1000


def _rows(times: Times) -> list[Row]:
    p50, p95 = median(times.search_ms), quantiles(times.search_ms, n=20)[-1]
    whole = median(times.service_ms)
    return [
        _row(times, "index built, s", times.build_s, BUILD_S, "from the rows of the registry", times.build_s),
        _row(times, "search p50, ms", p50, MEDIAN_MS, f"{len(times.search_ms)} queries over the index"),
        _row(times, "search p95, ms", p95, None, "over the index"),
        _row(times, "search p50, ms, through the service", whole, None, "with its look at the latest revisions"),
    ]


def _row(
    times: Times, measure: str, value: float, aim: float | None, says: str, seconds: float | None = None
) -> Row:
    return Row(
        part="search",
        trial=f"{times.held:,} actions",
        measure=measure,
        value=round(value, 2),
        against=aim,
        seconds=None if seconds is None else round(seconds, 2),
        is_right=None if aim is None else value <= aim,
        says=says,
    )
