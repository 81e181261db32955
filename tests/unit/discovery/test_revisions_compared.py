"""What differs between two revisions: known differences are found as what they are, and nothing else is."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery.diff import Finding, diff, touched
from discovery.differences import Impact, Kind, Side
from tools.action import Action, ActionClass, ActionId, Argument, Place, Schema, Surface

NAMES = ("amount", "currency", "owner", "created_at", "lines", "status")
LEAVES: tuple[Schema, ...] = (
    {"type": "string"},
    {"type": "integer", "minimum": 1},
    {"type": "string", "format": "date", "maxLength": 40},
    {"type": "string", "enum": ["open", "paid", "void"]},
    {"$ref": "#/$defs/Party"},
)
PARTY: Schema = {"type": "object", "properties": {"name": {"type": "string"}, "boss": {"$ref": "#/$defs/Party"}}}


def surface(schema: Schema, side: Side = Side.ARGUMENT, party: Schema = PARTY, **changes: Any) -> Surface:
    """One action that takes, or gives, `schema`."""
    action = Action(
        id=ActionId("shop.pay"),
        system="shop",
        operation="pay",
        method="POST",
        path="/payments",
        pointer="/paths/~1payments/post",
        action_class=ActionClass.MONEY,
        arguments=(Argument(name="it", wire_name="it", place=Place.BODY, json_schema=schema),)
        if side is Side.ARGUMENT
        else (),
        result_schema=schema if side is Side.RESULT else {},
    ).model_copy(update=changes)
    return Surface(system="shop", digest="", actions=(action,), defs={"Party": party})


ROOTS = {
    Side.ARGUMENT: "/actions/shop.pay/arguments/properties/it",
    Side.RESULT: "/actions/shop.pay/result",
}
schemas = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(
            lambda properties, required: {
                "type": "object",
                "properties": properties,
                "required": sorted(properties)[:required],
            },
            st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=4),
            st.integers(0, 2),
        ),
    ),
    max_leaves=12,
).map(lambda schema: json.loads(json.dumps(schema)))
#: without parts that are one object in two places
sides = st.sampled_from([Side.ARGUMENT, Side.RESULT])


def places(schema: Schema, at: str = "") -> list[tuple[str, Schema]]:
    """Every schema inside `schema`, with its pointer."""
    inner = [(f"/properties/{name}", part) for name, part in schema.get("properties", {}).items()]
    inner += [("/items", schema["items"])] if "items" in schema else []
    return [(at, schema), *(found for below, part in inner for found in places(part, at + below))]


def _lose_property(schema: Schema) -> tuple[Kind, str]:
    name = next(iter(schema["properties"]))
    del schema["properties"][name]
    schema["required"] = [one for one in schema["required"] if one != name]
    return Kind.REMOVED, f"/properties/{name}"


def _gain_property(schema: Schema) -> tuple[Kind, str]:
    schema["properties"]["entirely_new"] = {"type": "boolean"}
    return Kind.ADDITIVE, "/properties/entirely_new"


def _need_property(schema: Schema) -> tuple[Kind, str]:
    name = next(iter(schema["properties"]))
    is_needed = name in schema["required"]
    schema["required"] = (
        [one for one in schema["required"] if one != name] if is_needed else [*schema["required"], name]
    )
    return Kind.REQUIRED, f"/properties/{name}"


def _rename_property(schema: Schema) -> tuple[Kind, str]:
    old = next(iter(schema["properties"]))
    schema["properties"] = {
        f"{name}_code" if name == old else name: part for name, part in schema["properties"].items()
    }
    schema["required"] = [f"{name}_code" if name == old else name for name in schema["required"]]
    return Kind.RENAMED, f"/properties/{old}_code"


def _turn(schema: Schema) -> tuple[Kind, str]:
    schema.clear()
    schema["type"] = "boolean"
    return Kind.TYPE, "/type"


def _set(keyword: str, value: Any, kind: Kind) -> Callable[[Schema], tuple[Kind, str]]:
    def mutate(schema: Schema) -> tuple[Kind, str]:
        schema[keyword] = value
        return kind, f"/{keyword}"

    return mutate


MUTATIONS: dict[str, tuple[Callable[[Schema], bool], Callable[[Schema], tuple[Kind, str]]]] = {
    "property lost": (lambda one: "properties" in one, _lose_property),
    "property gained": (lambda one: "properties" in one, _gain_property),
    "property needed or not": (lambda one: "properties" in one, _need_property),
    "property renamed": (lambda one: "properties" in one, _rename_property),
    "another type": (lambda one: "type" in one, _turn),
    "value dropped": (lambda one: "enum" in one, _set("enum", ["open", "paid"], Kind.ENUM)),
    "value gained": (lambda one: "enum" in one, _set("enum", ["open", "paid", "void", "late"], Kind.ENUM)),
    "another format": (lambda one: "format" in one, _set("format", "date-time", Kind.FORMAT)),
    "shorter": (lambda one: "maxLength" in one, _set("maxLength", 10, Kind.NARROWING)),
    "lower bound down": (lambda one: "minimum" in one, _set("minimum", 0, Kind.ADDITIVE)),
    "pattern": (lambda one: one.get("type") == "string", _set("pattern", "^a", Kind.NARROWING)),
    "default": (lambda one: one.get("type") == "string", _set("default", "a", Kind.MEANING)),
}


@given(schemas, sides)
@settings(max_examples=60, deadline=None)
def test_a_surface_does_not_differ_from_itself(schema: Schema, side: Side) -> None:
    assert () == diff(surface(schema, side), surface(copy.deepcopy(schema), side))


@given(schemas, sides, st.data())
@settings(max_examples=100, deadline=None)
def test_one_mutation_is_found_as_what_it_is_and_where_it_is(schema: Schema, side: Side, data: st.DataObject) -> None:
    fitting = [(name, at) for name, (fits, _) in MUTATIONS.items() for at, part in places(schema) if fits(part)]
    if not fitting:
        return
    name, at = data.draw(st.sampled_from(fitting))
    before = copy.deepcopy(schema)
    kind, below = MUTATIONS[name][1](dict(places(schema))[at])
    found = [(one.kind, one.side, one.pointer) for one in diff(surface(before, side), surface(schema, side))]
    assert [(kind, side, ROOTS[side] + at + below)] == found


@given(schemas, schemas, sides)
@settings(max_examples=60, deadline=None)
def test_what_eases_one_way_strains_the_other(one: Schema, other: Schema, side: Side) -> None:
    """Whatever differs is found in both directions, and never as harmless for a sender in both."""
    there, back = diff(surface(one, side), surface(other, side)), diff(surface(other, side), surface(one, side))
    assert (one == other) == (not there) == (not back)
    is_rebuilt = {Kind.REMOVED, Kind.ADDITIVE, Kind.RENAMED, Kind.REQUIRED} & {found.kind for found in (*there, *back)}
    if side is Side.ARGUMENT and there and not is_rebuilt:
        assert Impact.BREAKS in {found.impact for found in (*there, *back)}


@pytest.mark.parametrize(
    ("before", "after", "of_argument", "of_result"),
    [
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, Impact.BREAKS, Impact.SAFE),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, Impact.SAFE, Impact.MAY_BREAK),
        ({"type": "string"}, {"type": "string", "enum": ["a"]}, Impact.BREAKS, Impact.SAFE),
        ({"type": "string", "enum": ["a"]}, {"type": "string"}, Impact.SAFE, Impact.MAY_BREAK),
        ({"type": "integer"}, {"type": "number"}, Impact.SAFE, Impact.BREAKS),
        ({"type": "number"}, {"type": "integer"}, Impact.BREAKS, Impact.SAFE),
        ({"type": "string"}, {"type": ["string", "null"]}, Impact.SAFE, Impact.MAY_BREAK),
        ({"$ref": "#/$defs/Party"}, {"anyOf": [{"$ref": "#/$defs/Party"}, {"type": "null"}]}, Impact.SAFE,
         Impact.MAY_BREAK),
        ({"type": "integer", "format": "int32"}, {"type": "integer", "format": "int64"}, Impact.SAFE,
         Impact.MAY_BREAK),
        ({"type": "object"}, {"type": "object", "additionalProperties": False}, Impact.BREAKS, Impact.SAFE),
        ({"oneOf": [{"type": "string"}, {"$ref": "#/$defs/Party"}]}, {"type": "string"}, Impact.BREAKS, Impact.SAFE),
        ({"type": "string"}, {"oneOf": [{"type": "string"}, {"$ref": "#/$defs/Party"}]}, Impact.SAFE,
         Impact.MAY_BREAK),
    ],
    ids=["value dropped", "value gained", "values listed", "values free", "wider number", "narrower number", "null",
         "null beside a reference", "longer number", "closed", "alternative lost", "alternative gained"],
)  # fmt: skip
def test_who_sends_and_who_reads_are_judged_apart(
    before: Schema, after: Schema, of_argument: Impact, of_result: Impact
) -> None:
    for side, expected in ((Side.ARGUMENT, of_argument), (Side.RESULT, of_result)):
        assert [expected] == [one.impact for one in diff(surface(before, side), surface(after, side))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"type": "string"}, {"type": "string", "description": "new words", "examples": ["a"]}),
        ({"allOf": [{"$ref": "#/$defs/Party"}], "description": "whose"}, {"$ref": "#/$defs/Party"}),
        ({"$ref": "#/$defs/Party"}, PARTY),
        ({"allOf": [PARTY, {"type": "object", "properties": {"age": {"type": "integer"}}}]},
         {"type": "object", "properties": {**PARTY["properties"], "age": {"type": "integer"}}, "required": []}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
    ],
    ids=["other words", "wrapped", "written out", "laid together", "constant", "other order"],
)  # fmt: skip
def test_the_same_said_otherwise_is_no_difference(before: Schema, after: Schema) -> None:
    assert () == diff(surface(before), surface(after))


def test_a_shared_schema_is_told_once_with_all_actions_that_reach_it() -> None:
    before, after = copy.deepcopy(PARTY), copy.deepcopy(PARTY)
    del after["properties"]["name"]
    reached = {"type": "array", "items": {"$ref": "#/$defs/Party"}}

    def both(party: Schema) -> Surface:
        one = surface(reached, party=party)
        other = one.actions[0].model_copy(update={"id": ActionId("shop.refund"), "path": "/refunds"})
        return one.model_copy(update={"actions": (*one.actions, other)})

    expected = Finding(
        kind=Kind.REMOVED,
        impact=Impact.BREAKS,
        side=Side.ARGUMENT,
        pointer="/defs/Party/properties/name",
        actions=(ActionId("shop.pay"), ActionId("shop.refund")),
        before="name",
    )
    assert (expected,) == diff(both(before), both(after))


def test_a_renamed_shared_schema_is_no_difference_by_itself() -> None:
    renamed = {"type": "object", "properties": {"name": {"type": "string"}, "boss": {"$ref": "#/$defs/Person"}}}
    after = surface({"$ref": "#/$defs/Person"}).model_copy(update={"defs": {"Person": renamed}})
    assert () == diff(surface({"$ref": "#/$defs/Party"}), after)


def test_an_action_that_goes_comes_moves_or_changes_its_name_is_told() -> None:
    before = surface({})
    pay = before.actions[0]

    def told(*actions: Action) -> list[tuple[Kind, str, Any, Any, float | None]]:
        found = diff(before, before.model_copy(update={"actions": actions}))
        return [(one.kind, one.pointer, one.before, one.after, one.likelihood) for one in found]

    assert [(Kind.REMOVED, "/actions/shop.pay", "POST /payments", None, None)] == told()
    ping = pay.model_copy(update={"id": ActionId("shop.ping"), "operation": "ping", "method": "GET", "path": "/ping"})
    assert [(Kind.ADDITIVE, "/actions/shop.ping", None, "GET /ping", None)] == told(pay, ping)
    moved = pay.model_copy(update={"path": "/v2/payments"})
    assert [(Kind.RENAMED, "/actions/shop.pay/path", "POST /payments", "POST /v2/payments", 1.0)] == told(moved)
    named = pay.model_copy(update={"id": ActionId("shop.create_payment"), "operation": "create_payment"})
    assert [(Kind.RENAMED, "/actions/shop.create_payment", "shop.pay", "shop.create_payment", 1.0)] == told(named)


@pytest.mark.parametrize(
    ("change", "kind", "impact", "pointer"),
    [
        ({"action_class": ActionClass.WRITE}, Kind.MEANING, Impact.MAY_BREAK, "/action_class"),
        ({"scopes": ("pay",)}, Kind.MEANING, Impact.BREAKS, "/scopes"),
        ({"errors": {"409": {}}}, Kind.ADDITIVE, Impact.SAFE, "/errors/409"),
        ({"accepts": ("text/csv",)}, Kind.FORMAT, Impact.MAY_BREAK, "/accepts"),
        ({"arguments": (Argument(name="it", wire_name="it", place=Place.QUERY),)}, Kind.FORMAT, Impact.BREAKS,
         "/arguments/properties/it/place"),
        ({"arguments": (Argument(name="it", wire_name="it", place=Place.BODY, is_target=True),)}, Kind.MEANING,
         Impact.MAY_BREAK, "/arguments/properties/it/is_target"),
    ],
    ids=["class", "scope", "error", "answer", "place", "target"],
)  # fmt: skip
def test_what_an_action_means_and_how_it_is_written_are_compared(
    change: dict[str, Any], kind: Kind, impact: Impact, pointer: str
) -> None:
    expected = [(kind, impact, f"/actions/shop.pay{pointer}")]
    assert expected == [(one.kind, one.impact, one.pointer) for one in diff(surface({}), surface({}, **change))]


def test_the_actions_that_a_finding_concerns_are_known_by_its_weight() -> None:
    found = diff(surface({"enum": ["a"]}), surface({"enum": ["a", "b"]}))
    assert {"shop.pay"} == touched(found)
    assert frozenset() == touched(found, at_least=Impact.MAY_BREAK)


def test_schemas_that_refer_to_each_other_without_end_are_compared() -> None:
    nested = {
        "type": "object",
        "properties": {"boss": {"type": "object", "properties": {"boss": {"$ref": "#/$defs/Party"}}}},
    }
    other = {"type": "object", "properties": {"boss": {"$ref": "#/$defs/Party"}}}
    assert () == diff(
        surface({"$ref": "#/$defs/Party"}, party=other),
        surface({"$ref": "#/$defs/Party"}, party=nested),
    )
