"""The search keeps its index in memory, and still never shows what is not so any more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from discovery import search, service, surface
from discovery.search import Link, Neighbours
from discovery.tables import SurfaceActionRow, SurfaceRow
from tools import db, errors
from tools.action import ActionId

HERE, ELSEWHERE = "default", "other"


def document(*things: str) -> bytes:
    """A collection of each thing, with its records, of which a visit names one."""
    ident = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    record = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
    listed = {
        "200": {"description": "", "content": {"application/json": {"schema": {"type": "array", "items": record}}}}
    }
    paths: dict[str, object] = {}
    for thing in things:
        paths[f"/{thing}s"] = {"get": {"operationId": f"list_{thing}s", "responses": listed}}
        paths[f"/{thing}s/{{id}}"] = {"delete": {"operationId": f"delete_{thing}", "parameters": [ident]}}
    return orjson.dumps({"openapi": "3.0.3", "info": {"title": "Shop"}, "paths": paths})


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[AsyncSession]:
    database = db.Database(f"sqlite:///{tmp_path / 'registry.db'}")
    async with database.engine.begin() as connection:
        tables = [SQLModel.metadata.tables[name] for name in (SurfaceRow.__tablename__, SurfaceActionRow.__tablename__)]
        await connection.run_sync(SQLModel.metadata.create_all, tables=tables)
    async with database.write("test") as opened:
        yield opened
    await database.close()


async def ingest(session: AsyncSession, *things: str, system: str = "shop", workspace: str = HERE) -> None:
    await service.ingest(session, workspace, system, surface.read(system, document(*things)), "ann")


async def found(session: AsyncSession, text: str, workspace: str = HERE, system: str | None = None) -> list[str]:
    return [one.id for one in await search.find(session, workspace, text, system=system)]


async def test_a_new_revision_is_found_and_the_old_one_no_more(session: AsyncSession) -> None:
    await ingest(session, "ship")
    assert ["shop.delete_ship"] == (await found(session, "delete a ship"))[:1]
    await ingest(session, "crane")
    assert [] == await found(session, "ship")
    assert {"shop.delete_crane", "shop.list_cranes"} == set(await found(session, "crane"))


async def test_an_acceptance_an_override_and_a_withdrawal_are_seen_at_once(session: AsyncSession) -> None:
    async def seen() -> list[tuple[str, bool, str]]:
        listed = await search.find(session, HERE, "delete the ship", limit=1)
        return [(one.id, one.is_accepted, one.action_class) for one in listed]

    await ingest(session, "ship")
    assert [("shop.delete_ship", False, "delete")] == await seen()
    await service.accept(session, HERE, "shop", by="bea")
    assert [("shop.delete_ship", True, "delete")] == await seen()
    await service.accept(session, HERE, "shop", by="bea", overrides={"shop.delete_ship": {"action_class": "money"}})
    assert [("shop.delete_ship", True, "money")] == await seen()
    await service.withdraw(session, HERE, "shop.delete_ship")
    assert [("shop.delete_ship", False, "money")] == await seen()
    accepted = await search.find(session, HERE, "ship", accepted_only=True)
    assert ["shop.list_ships"] == [one.id for one in accepted]


async def test_a_search_stays_in_its_workspace_and_its_system(session: AsyncSession) -> None:
    await ingest(session, "ship")
    await ingest(session, "ship", system="yard")
    await ingest(session, "ship", workspace=ELSEWHERE, system="port")
    assert {"shop", "yard"} == {one.partition(".")[0] for one in await found(session, "ship")}
    assert {"yard"} == {one.partition(".")[0] for one in await found(session, "ship", system="yard")}
    assert {"port"} == {one.partition(".")[0] for one in await found(session, "ship", ELSEWHERE)}
    assert [] == await found(session, "ship", "nowhere")


async def test_the_links_of_a_system_are_told_from_both_ends(session: AsyncSession) -> None:
    await ingest(session, "ship")
    delete, listing = ActionId("shop.delete_ship"), ActionId("shop.list_ships")
    why = "same system listing"
    expected = Neighbours(
        producers={delete: [Link(action=listing, argument="id", field="[].id", why=why)]},
        consumers={listing: [Link(action=delete, argument="id", field="[].id", why=why)]},
    )
    assert expected == await search.neighbours(session, HERE, "shop")
    with pytest.raises(errors.Unknown):
        await search.neighbours(session, ELSEWHERE, "shop")
