"""Generates arguments for an action from its full schema; the same seed gives the same arguments.

A value is made as the schema asks, then held against it with our own validator, and made anew where it does not fit: a
choice between alternatives that overlap, a pattern beside a length. What a request may not say is not made: read-only
properties, and null or an empty list where nothing on the wire stands for it and the argument is required.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from pydantic import JsonValue

from evals.suites.discovery import scalars
from evals.suites.discovery.merging import Merger, Unsatisfiable
from tools.action import Action, Argument, Place, Schema
from tools.schema import Problem, Validator
from tools.wire.values import is_json

ATTEMPTS = 12
MAX_DEPTH = 4
#: below it only what is required is made, so that recursive schemas come to an end
HOPELESS_DEPTH = 24


class Variant(StrEnum):
    MINIMAL = "minimal"
    #: what is required and no more
    FULL = "full"
    #: everything that may be given
    MIXED = "mixed"
    #: some of it, with nulls, empty lists and bounds among the values


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    arguments: dict[str, JsonValue]
    problems: tuple[Problem, ...] = ()
    #: why the arguments still do not fit; () when they do


def generate(action: Action, defs: Mapping[str, Schema], variant: Variant, seed: int = 0) -> Generated:
    """Arguments for `action`; those that could not be made to fit are told with their problems."""
    validator = Validator.compile(action.args_schema(), defs)
    chance = Random(f"{seed} {action.id} {variant}")
    names = _names(action, variant, chance)
    given = [one for one in action.arguments if one.name in names]
    says_nothing = action.body is not None and is_json(action.body.content_type)
    arguments, unmade = {}, {one.name: one for one in given}
    problems: tuple[Problem, ...] = ()
    for attempt in range(ATTEMPTS):
        for argument in unmade.values():
            nearest = variant if attempt < ATTEMPTS - 2 else Variant.MINIMAL
            maker = _Maker(Merger(defs, chance), nearest, argument, attempt, says_nothing=says_nothing)
            arguments[argument.name] = maker.whole()
        problems = validator.problems(arguments)
        wrong = {problem.path[1:].partition("/")[0].replace("~1", "/").replace("~0", "~") for problem in problems}
        unmade = {name: one for name, one in unmade.items() if name in wrong}
        if not unmade:
            break
    return Generated(arguments=arguments, problems=problems)


def _names(action: Action, variant: Variant, chance: Random) -> set[str]:
    """The names of the arguments to give: of each choice of required ones the names of one alternative."""
    required = {one.name for one in action.arguments if one.required}
    names = required | {one.name for one in action.arguments if _is_given(variant, chance)}
    for rule in action.body.together if action.body else ():
        for keyword, branches in rule.items():
            taken = chance.choice(branches)["required"]
            names |= set(taken)
            required |= set(taken)
            for others in (set(one["required"]) for one in branches if keyword == "oneOf"):
                if others <= names and not others <= required:
                    names.discard(min(others - required))
    return names


def _is_given(variant: Variant, chance: Random) -> bool:
    return variant is Variant.FULL or (variant is Variant.MIXED and chance.random() < 0.5)


class _Maker:
    """Makes the value of one argument."""

    def __init__(
        self, merger: Merger, variant: Variant, argument: Argument, attempt: int, *, says_nothing: bool
    ) -> None:
        self.merger, self.chance = merger, merger.chance
        self.variant, self.argument = variant, argument
        self.is_first = variant is Variant.MINIMAL and attempt == 0
        #: the first alternative of a choice is taken; later attempts try others
        self.says_nothing = says_nothing and argument.place is Place.BODY
        #: null and what is empty can be written, which only JSON can

    def whole(self) -> JsonValue:
        try:
            return self.value(self.argument.json_schema, 0)
        except Unsatisfiable:
            return None

    def value(self, schema: Schema, depth: int) -> JsonValue:
        if depth > HOPELESS_DEPTH:
            raise Unsatisfiable
        flat = self.merger.flat(schema, prefers_first=self.is_first or depth > MAX_DEPTH)
        types = scalars.types_of(flat)
        if "null" in types and (types == ["null"] or self._is_null(depth)):
            return None
        if "enum" in flat or "const" in flat:
            return scalars.listed(flat, self.chance, is_first=self.is_first)
        kind = self.chance.choice([one for one in types if one != "null"] or ["string"])
        if kind == "object":
            return self._object(flat, depth)
        if kind == "array":
            return self._array(flat, depth)
        return scalars.scalar(kind, flat, self.chance, self._texts(depth), is_bound=self.variant is Variant.MIXED)

    def _is_null(self, depth: int) -> bool:
        is_sayable = self.says_nothing or (depth == 0 and not self.argument.required)
        return is_sayable and self.variant is Variant.MIXED and self.chance.random() < 0.2

    def _texts(self, depth: int) -> tuple[str, ...]:
        if self.variant is Variant.MINIMAL:
            return scalars.PLAIN
        # Members of a list are told apart by separators that only a query and a body can carry inside them.
        place = self.argument.place
        is_form = place is Place.BODY or (place is Place.QUERY and self.argument.style in (None, "form", "deepObject"))
        return scalars.TEXTS[place] if depth == 0 or is_form else scalars.PLAIN

    def _object(self, flat: Schema, depth: int) -> dict[str, JsonValue]:
        made: dict[str, JsonValue] = {}
        required = set(flat.get("required", ()))
        for name, part in flat.get("properties", {}).items():
            if self.merger.is_read_only(part) or (name not in required and not self._takes(depth)):
                continue
            try:
                value = self.value(part, depth + 1)
            except Unsatisfiable:
                if name in required:
                    raise
                continue
            if name in required or self.says_nothing or value not in (None, [], {}):
                made[name] = value
        self._add_names(flat, made, required, depth)
        return made

    def _takes(self, depth: int) -> bool:
        return depth < MAX_DEPTH and _is_given(self.variant, self.chance)

    def _add_names(self, flat: Schema, made: dict[str, JsonValue], required: set[str], depth: int) -> None:
        """Names that the schema leaves to the caller: required ones it does not describe, and some of one's own."""
        extra = flat.get("additionalProperties", True)
        least = max(flat.get("minProperties", 0), 0 if self.says_nothing or depth == 0 < len(required) else 1)
        wanted = [name for name in sorted(required) if name not in made and name not in flat.get("properties", {})]
        if extra is not False and self.variant is not Variant.MINIMAL and not flat.get("properties"):
            wanted.append("own_name")
        wanted += [f"own_{index}" for index in range(least - len(made) - len(wanted)) if extra is not False]
        for name in wanted[: flat.get("maxProperties", len(wanted))]:
            made[name] = self.value(extra, depth + 1) if isinstance(extra, dict) and extra else self._texts(depth)[0]
        if len(made) < least:
            self._add_described(flat, made, depth, least)

    def _add_described(self, flat: Schema, made: dict[str, JsonValue], depth: int, least: int) -> None:
        for name, part in flat.get("properties", {}).items():
            if len(made) < least and name not in made and not self.merger.is_read_only(part):
                made[name] = self.value(part, depth + 1)

    def _array(self, flat: Schema, depth: int) -> list[JsonValue]:
        least, most = flat.get("minItems", 0), flat.get("maxItems", 100)
        count = self.chance.choice([0, 1, 3]) if self.variant is Variant.MIXED else 1 + (self.variant is Variant.FULL)
        # Long lists inside lists would only make the same again.
        count = min(count, 1) if depth > 1 else count
        is_empty_sayable = self.says_nothing or (depth == 0 and not self.argument.required)
        count = max(count, 0 if is_empty_sayable else 1)
        count = min(max(count if depth < MAX_DEPTH or not self.says_nothing else 0, least), most)
        items = flat.get("items", {})
        made = [self.value(part, depth + 1) for part in flat.get("prefixItems", ())]
        more = range(0 if items is False else max(count - len(made), 0))
        made += [self.value(items if isinstance(items, dict) else {}, depth + 1) for _ in more]
        return scalars.unlike(made) if flat.get("uniqueItems") else made
