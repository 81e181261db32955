"""Generated arguments fit the action's full schema, in three variants, the same for the same seed."""

from __future__ import annotations

from typing import Any

import pytest

from discovery import surface
from evals.suites.discovery.arguments import Generated, Variant, generate
from tools.action import Action, ActionId, Argument, Body, Place
from tools.schema import Validator

DEFS: dict[str, Any] = {
    "Cat": {
        "type": "object",
        "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}},
        "required": ["lives"],
    },
    "Dog": {"type": "object", "properties": {"kind": {"type": "string"}}, "not": {"required": ["lives"]}},
    "Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}, "required": ["id"]},
}
PET = {
    "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
    "discriminator": {"propertyName": "kind", "mapping": {"meow": "#/components/schemas/Cat"}},
}


def action(schema: dict[str, Any], place: Place = Place.BODY, **options: Any) -> Action:
    return Action(
        id=ActionId("zoo.act"), system="zoo", operation="act", method="POST", path="/x", pointer="",
        arguments=(Argument(name="v", wire_name="v", place=place, json_schema=schema, **options),),
        body=Body(content_type="application/json"),
    )  # fmt: skip


@pytest.mark.parametrize("variant", list(Variant))
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 8, "maxLength": 9},
        {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "enum": ["a", "b"]},
        {"const": 7},
        {"type": "integer", "minimum": 3, "maximum": 4},
        {"type": "integer", "exclusiveMinimum": 3, "maximum": 4},
        {"type": "number", "multipleOf": 0.25, "minimum": 1},
        {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3},
        {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True},
        {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
        {"type": ["string", "null"]},
        {"allOf": [{"type": "integer", "minimum": 5}, {"maximum": 6}]},
        {"oneOf": [{"type": "integer", "minimum": 5}, {"type": "integer", "maximum": 8}]},
        {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
        {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False},
        {"$ref": "#/$defs/Node"},
        PET,
    ],
    ids=str,
)
def test_what_is_generated_fits_the_full_schema(schema: dict[str, Any], variant: Variant) -> None:
    made = [generate(action(schema, required=True), DEFS, variant, seed) for seed in range(10)]
    assert [()] * 10 == [one.problems for one in made]
    validator = Validator.compile(schema, DEFS)
    assert not any(validator.problems(one.arguments["v"]) for one in made)


def test_the_variants_give_what_is_required_all_or_some() -> None:
    names = ("a", "b", "c", "d")
    arguments = tuple(
        Argument(name=name, wire_name=name, place=Place.QUERY, required=name == "a", json_schema={"type": "integer"})
        for name in names
    )
    made = {
        variant: [set(generate(action({}).model_copy(update={"arguments": arguments}), {}, variant, seed).arguments)
                  for seed in range(20)]
        for variant in Variant
    }  # fmt: skip
    assert [{"a"}] * 20 == made[Variant.MINIMAL]
    assert [set(names)] * 20 == made[Variant.FULL]
    assert {1, 2, 3, 4} == {len(one) for one in made[Variant.MIXED]}


def test_the_same_seed_gives_the_same_arguments() -> None:
    one, same, other = (
        generate(action({"type": "string"}, required=True), {}, Variant.MIXED, seed) for seed in (1, 1, 2)
    )
    assert one == same
    assert isinstance(other, Generated)


def test_every_alternative_is_taken_with_the_tag_that_tells_it() -> None:
    made = [generate(action(PET, required=True), DEFS, Variant.FULL, seed).arguments["v"] for seed in range(20)]
    tags = {(one["kind"], "lives" in one) for one in made if isinstance(one, dict)}
    assert {("meow", True), ("Dog", False)} == tags


def test_read_only_properties_are_not_sent() -> None:
    schema = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}, "n": {"type": "integer"}}}
    made = generate(action(schema, required=True), {}, Variant.FULL).arguments["v"]
    assert isinstance(made, dict)
    assert {"n"} == made.keys()


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_of_arguments_required_together_one_alternative_is_given(keyword: str) -> None:
    arguments = tuple(Argument(name=name, wire_name=name, place=Place.BODY, json_schema={"const": 1}) for name in "abc")
    rule = {keyword: [{"required": ["a"]}, {"required": ["b", "c"]}]}
    both = action({}).model_copy(
        update={"arguments": arguments, "body": Body(content_type="application/json", together=(rule,))}
    )
    made = [generate(both, {}, variant, seed) for variant in Variant for seed in range(10)]
    assert [()] * 30 == [one.problems for one in made]


def test_arguments_that_no_value_fits_are_told_with_their_problem() -> None:
    made = generate(action({"type": "string", "enum": [1]}, required=True), {}, Variant.FULL)
    assert ["/v: expected string, came an integer"] == [str(problem) for problem in made.problems]


def test_the_actions_of_a_document_get_arguments_that_fit() -> None:
    source = b"""{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a/{id}": {"post": {
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object",
            "properties": {"name": {"type": "string", "nullable": true}, "tags": {"type": "array", "items": {}}},
            "required": ["name"]}}}}, "responses": {}}}}}"""
    built = surface.build("doc", source)
    made = [
        generate(one, built.defs, variant, seed) for one in built.actions for variant in Variant for seed in range(5)
    ]
    assert [()] * 15 == [one.problems for one in made]
