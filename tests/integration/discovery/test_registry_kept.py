"""Revisions, acceptance and overrides in a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from discovery import carrying, service, surface
from discovery.carrying import Carry
from discovery.tables import SurfaceActionRow, SurfaceRow
from discovery.written import WrittenSurface
from tools import db, errors, wire
from tools.action import ActionClass, ActionId, Surface

HERE, ELSEWHERE = "default", "other"


def document(**more: Any) -> bytes:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    paths = {
        "/things": {"post": {"operationId": "createThing", "requestBody": body}, "get": {"operationId": "listThings"}},
        "/batch": {"post": {"operationId": "runBatch"}},
        "/bad": {"post": {"requestBody": {"$ref": "http://x/y"}}},
    }
    properties = {
        "name": {"type": "string"},
        "part": {"$ref": "#/components/schemas/Part"},
        "amount": {"type": "integer"},
    }
    schemas = {"Thing": {"type": "object", "properties": properties}, "Part": {"type": "object"}}
    root = {"openapi": "3.0.3", "info": {"title": "Shop"}, "paths": paths, "components": {"schemas": schemas}} | more
    return orjson.dumps(root)


SURFACE = surface.build("shop", document())


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[AsyncSession]:
    database = db.Database(f"sqlite:///{tmp_path / 'registry.db'}")
    async with database.engine.begin() as connection:
        tables = [SQLModel.metadata.tables[name] for name in (SurfaceRow.__tablename__, SurfaceActionRow.__tablename__)]
        await connection.run_sync(SQLModel.metadata.create_all, tables=tables)
    async with database.write("test") as opened:
        yield opened
    await database.close()


async def ingest(session: AsyncSession, built: Surface = SURFACE, workspace: str = HERE) -> SurfaceRow:
    return await service.ingest(session, workspace, "shop", WrittenSurface.of(built), "ann")


async def test_the_same_bytes_are_the_same_revision(session: AsyncSession) -> None:
    first = await ingest(session)
    again = await ingest(session)
    other = await ingest(session, surface.build("shop", document(info={"title": "Shop 2"})))
    assert (1, 1, 2) == (first.revision, again.revision, other.revision)
    assert first.id == again.id
    assert 2 == await service.latest_revision(session, HERE, "shop")
    assert None is await service.latest_revision(session, HERE, "none")
    assert ["/paths/~1bad/post"] == [entry["pointer"] for entry in first.quarantine]


async def test_what_went_in_comes_out(session: AsyncSession) -> None:
    await ingest(session)
    found = await service.actions(session, HERE, accepted_only=False)
    assert sorted(SURFACE.actions, key=lambda action: action.id) == [one.action for one in found]
    assert SURFACE.defs == await service.definitions(session, HERE, "shop")


async def test_nothing_can_be_called_before_it_is_accepted(session: AsyncSession) -> None:
    await ingest(session)
    assert None is await service.accepted(session, HERE, "shop.create_thing")
    assert [] == await service.actions(session, HERE)


async def test_accepting_in_bulk_leaves_out_the_unknown(session: AsyncSession) -> None:
    await ingest(session)
    assert ["shop.create_thing", "shop.list_things"] == await service.accept(session, HERE, "shop", by="bea")
    assert None is await service.accepted(session, HERE, "shop.run_batch")
    with pytest.raises(errors.Invalid, match="set `action_class` by an override"):
        await service.accept(session, HERE, "shop", by="bea", actions=["shop.run_batch"])


async def test_an_override_decides_the_class(session: AsyncSession) -> None:
    await ingest(session)
    overrides = {"shop.run_batch": {"action_class": "delete", "timeout_s": 5}}
    accepted = await service.accept(session, HERE, "shop", by="bea", actions=["shop.run_batch"], overrides=overrides)
    assert ["shop.run_batch"] == accepted
    found = await service.accepted(session, HERE, "shop.run_batch")
    assert found is not None
    assert (ActionClass.DELETE, 5, 1) == (found.action.action_class, found.action.timeout_s, found.revision)


@pytest.mark.parametrize(
    ("override", "problem"),
    [({}, "the body is empty where the document promises one"), ({"result_schema": {}}, None)],
    ids=["of the document", "of the admin"],
)
async def test_an_override_says_that_an_answer_has_no_body(
    session: AsyncSession, override: dict[str, Any], problem: str | None
) -> None:
    """Some systems send an empty 200 where their document gives a schema."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    operation = {"operationId": "switchOn", "responses": {"200": {"description": "on", "content": content}}}
    await ingest(session, surface.build("shop", document(paths={"/on": {"post": operation}})))
    overrides = {"shop.switch_on": {"action_class": "write", **override}}
    await service.accept(session, HERE, "shop", by="bea", overrides=overrides)
    found = await service.accepted(session, HERE, "shop.switch_on")
    assert found is not None
    assert problem == wire.read_answer(found.action, 200, (), b"").problem


async def test_an_accepted_action_brings_the_schemas_it_reaches(session: AsyncSession) -> None:
    await ingest(session)
    overrides = {"shop.create_thing": {"arguments": {"amount": {"unit": "minor"}}}}
    await service.accept(session, HERE, "shop", by="bea", overrides=overrides)
    found = await service.accepted(session, HERE, "shop.create_thing")
    assert found is not None
    assert {"Part": {"type": "object"}} == found.defs
    amount = found.action.argument("amount")
    assert amount is not None
    assert ("minor", True) == (amount.unit, amount.is_target)


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"shop.create_thing": {"path": "/other"}}, "comes from the document"),
        ({"shop.create_thing": {"action_class": "harmless"}}, "the override of action_class does not fit"),
        ({"shop.create_thing": {"arguments": {"none": {"unit": "minor"}}}}, "no argument 'none'"),
        ({"shop.create_thing": {"arguments": {"name": {"wire_name": "x"}}}}, "of an argument, "),
        ({"shop.none": {"action_class": "read"}}, "no action 'shop.none'"),
        ({"shop.create_thing": {"result_schema": {"type": "object"}}}, "can only be set to {}: its answer has no body"),
    ],
    ids=["of the document", "no such class", "no such argument", "of the wire", "no such action", "a schema"],
)
async def test_an_override_that_does_not_fit_is_refused(
    session: AsyncSession, overrides: dict[str, dict[str, Any]], says: str
) -> None:
    await ingest(session)
    with pytest.raises(errors.InterlockError, match=says):
        await service.accept(session, HERE, "shop", by="bea", overrides=overrides)


async def test_a_new_revision_is_not_accepted_by_its_predecessor(session: AsyncSession) -> None:
    await ingest(session)
    await service.accept(session, HERE, "shop", by="bea")
    await ingest(session, surface.build("shop", document(info={"title": "Shop 2"})))
    assert None is await service.accepted(session, HERE, "shop.create_thing")
    pinned = await service.accepted(session, HERE, "shop.create_thing", revision=1)
    assert pinned is not None
    assert 1 == pinned.revision


async def test_an_acceptance_can_be_withdrawn(session: AsyncSession) -> None:
    await ingest(session)
    await service.accept(session, HERE, "shop", by="bea")
    await service.withdraw(session, HERE, "shop.create_thing")
    assert None is await service.accepted(session, HERE, "shop.create_thing")
    with pytest.raises(errors.Unknown):
        await service.withdraw(session, ELSEWHERE, "shop.list_things")


async def test_another_workspace_sees_nothing(session: AsyncSession) -> None:
    await ingest(session)
    await service.accept(session, HERE, "shop", by="bea")
    assert [] == await service.actions(session, ELSEWHERE)
    assert None is await service.accepted(session, ELSEWHERE, "shop.create_thing")
    with pytest.raises(errors.Unknown):
        await service.accept(session, ELSEWHERE, "shop", by="bea")
    assert 1 == (await ingest(session, workspace=ELSEWHERE)).revision


async def test_all_accepted_actions_come_with_their_schemas(session: AsyncSession) -> None:
    await ingest(session)
    await service.accept(session, HERE, "shop", by="bea")
    found = await service.accepted_all(session, HERE)
    assert [
        ("shop.create_thing", 1, {"Part": {"type": "object"}}),
        ("shop.list_things", 1, {}),
    ] == [(one.action.id, one.revision, one.defs) for one in found]
    assert [] == await service.accepted_all(session, ELSEWHERE)


async def test_what_an_admin_set_goes_along_to_a_new_revision_and_acceptance_does_not(session: AsyncSession) -> None:
    await ingest(session)
    overrides: dict[str, dict[str, Any]] = {
        "shop.run_batch": {"action_class": "money"},
        "shop.create_thing": {"arguments": {"amount": {"unit": "minor"}, "name": {"is_target": True}}},
    }
    await service.accept(session, HERE, "shop", by="bea", overrides=overrides)
    await ingest(session, changed(drop="amount"))
    found = {one.action.id: one for one in await service.actions(session, HERE, accepted_only=False)}
    assert not any(one.is_accepted for one in found.values())
    assert ActionClass.MONEY is found[ActionId("shop.run_batch")].action.action_class
    name = found[ActionId("shop.create_thing")].action.argument("name")
    assert name is not None
    assert name.is_target


async def test_what_was_set_of_one_request_is_not_believed_of_another(session: AsyncSession) -> None:
    await ingest(session)
    await service.accept(session, HERE, "shop", by="bea", overrides={"shop.run_batch": {"action_class": "read"}})
    await ingest(session, changed(batch_path="/wipe"))
    found = {one.action.id: one.action for one in await service.actions(session, HERE, accepted_only=False)}
    assert ActionClass.DELETE is found[ActionId("shop.run_batch")].action_class


async def test_acceptance_is_carried_where_nothing_changed(session: AsyncSession) -> None:
    await ingest(session)
    await service.accept(session, HERE, "shop", by="bea", overrides={"shop.run_batch": {"action_class": "money"}})
    await service.withdraw(session, HERE, "shop.list_things")
    await ingest(session, changed(drop="amount"))
    offered = await carrying.offer(session, HERE, "shop", Carry.UNCHANGED)
    expected = carrying.Offer(
        system="shop",
        since=1,
        revision=2,
        actions=(ActionId("shop.run_batch"),),
        left=(ActionId("shop.create_thing"),),
    )
    assert expected == offered
    assert ["shop.run_batch"] == await carrying.accept(session, HERE, offered, "cyd")
    assert None is await service.accepted(session, HERE, "shop.create_thing")
    assert None is await service.accepted(session, HERE, "shop.list_things")
    carried = await service.accepted(session, HERE, "shop.run_batch")
    assert carried is not None
    assert (2, ActionClass.MONEY) == (carried.revision, carried.action.action_class)


async def test_what_is_withdrawn_meanwhile_is_not_carried(session: AsyncSession) -> None:
    await ingest(session)
    await service.accept(session, HERE, "shop", by="bea")
    await ingest(session, changed(drop="amount"))
    offered = await carrying.offer(session, HERE, "shop", Carry.UNCHANGED)
    await service.withdraw(session, HERE, "shop.list_things")
    assert [] == await carrying.accept(session, HERE, offered, "cyd")


async def test_a_harmless_change_is_carried_when_asked_for(session: AsyncSession) -> None:
    await ingest(session)
    await service.accept(session, HERE, "shop", by="bea")
    await ingest(session, changed(add="colour"))
    unchanged, safe = [await carrying.offer(session, HERE, "shop", one) for one in (Carry.UNCHANGED, Carry.SAFE)]
    assert (("shop.list_things",), ("shop.create_thing",)) == (unchanged.actions, unchanged.left)
    assert (("shop.create_thing", "shop.list_things"), ()) == (safe.actions, safe.left)


async def test_there_is_nothing_to_carry_before_anything_was_accepted(session: AsyncSession) -> None:
    await ingest(session)
    with pytest.raises(errors.Unknown, match="no revision of 'shop' before 1 has accepted actions"):
        await carrying.offer(session, HERE, "shop", Carry.SAFE)


async def test_shared_schemas_of_one_revision_are_not_taken_for_those_of_another(session: AsyncSession) -> None:
    """Kept in memory by revision: a second document with another `Part` must not meet the first one's."""
    await ingest(session)
    await service.accept(session, HERE, "shop", by="bea")
    before = await service.accepted(session, HERE, "shop.create_thing")
    await ingest(session, changed(part={"type": "string"}))
    await service.accept(session, HERE, "shop", by="bea")
    after = await service.accepted(session, HERE, "shop.create_thing")
    assert before is not None
    assert after is not None
    assert ({"Part": {"type": "object"}}, {"Part": {"type": "string"}}) == (before.defs, after.defs)


def changed(
    *, drop: str = "", add: str = "", part: dict[str, Any] | None = None, batch_path: str = "/batch"
) -> Surface:
    root = orjson.loads(document())
    properties = root["components"]["schemas"]["Thing"]["properties"]
    properties.pop(drop, None)
    if add:
        properties[add] = {"type": "string"}
    root["components"]["schemas"]["Part"] = part or {"type": "object"}
    root["paths"][batch_path] = root["paths"].pop("/batch")
    return surface.build("shop", orjson.dumps(root))
