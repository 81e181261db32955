"""What a process keeps of revisions: what was used last, and the schemas that an action reaches."""

from __future__ import annotations

from discovery.shelf import Definitions, Shelf
from tools.action import Action, ActionId, Argument, Place, Schema


def test_a_shelf_keeps_what_was_used_last() -> None:
    shelf: Shelf[str, int] = Shelf(2)
    shelf.put("a", 1)
    shelf.put("b", 2)
    assert 1 == shelf.get("a")
    shelf.put("c", 3)
    assert [1, None, 3] == [shelf.get(key) for key in "abc"]


def test_an_action_reaches_the_schemas_that_its_own_lead_to() -> None:
    defs: dict[str, Schema] = {
        "Order": {"properties": {"lines": {"items": {"$ref": "#/$defs/Line"}}, "next": {"$ref": "#/$defs/Order"}}},
        "Line": {"properties": {"order": {"$ref": "#/$defs/Order"}}},
        "Fault": {"type": "object"},
        "Unused": {"$ref": "#/$defs/Line"},
    }
    action = Action(
        id=ActionId("shop.order"),
        system="shop",
        operation="order",
        method="POST",
        path="/orders",
        pointer="",
        arguments=(
            Argument(name="it", wire_name="it", place=Place.BODY, json_schema={"$ref": "#/$defs/Order"}),
            Argument(name="lost", wire_name="lost", place=Place.QUERY, json_schema={"$ref": "#/$defs/Nowhere"}),
        ),
        errors={"404": {"$ref": "#/$defs/Fault"}},
    )
    reached = {name: defs[name] for name in ("Fault", "Line", "Order")}
    assert reached == Definitions(defs).reached(action)
    assert {} == Definitions(defs).reached(action.model_copy(update={"id": "shop.none", "arguments": (), "errors": {}}))
