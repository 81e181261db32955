"""Compares two JSON Schemas as one side meets them: who sends arguments, or who reads results. Pure.

A reference met on both sides is noted rather than followed, so that each pair of shared schemas is compared once
however many actions reach it, and recursion ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from discovery import likeness, shapes
from discovery.differences import Change, Impact, Kind, Side, escaped
from discovery.likeness import Field
from discovery.schemas import NULL, def_name, uses
from discovery.shapes import Lookup
from tools.action import Schema

Pair = tuple[str, str]
#: names of two shared schemas, of the old and the new side

WORDS = frozenset({"title", "description", "examples"})
#: told to people; they change nothing
LOWER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
UPPER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
#: bounds: a higher lower one and a lower upper one are tighter
MEANT = frozenset({"readOnly", "writeOnly", "deprecated", "discriminator", "contentEncoding"})
#: no value fits more or less by these, but they say what is done with it
CHOICES = ("oneOf", "anyOf")
TREATED = WORDS | {
    "type", "enum", "const", "format", "properties", "required", "items", "additionalProperties", "allOf", "default",
    *CHOICES,
}  # fmt: skip
WIDER_FORMATS = {("int32", "int64"), ("float", "double")}


class Comparison:
    """The changes between two schemas, and the pairs of shared schemas met on the way."""

    def __init__(self, side: Side, before: Lookup, after: Lookup) -> None:
        self.changes: list[Change] = []
        self.met: set[Pair] = set()
        self._side = side
        self._lookups = (before, after)
        self._opened: dict[tuple[int, int], tuple[Schema, Schema]] = {}
        #: pairs of which one was a reference and was followed; the schemas are held, so that no id is used twice

    def compare(self, before: Schema, after: Schema, at: str = "") -> None:
        """Note every difference of `after` from `before`; `at` is where they stand."""
        if before == after:
            self.met |= {(name, name) for name in uses(before)}
            return
        if before.get("default") != after.get("default"):
            self._note(Kind.MEANING, Impact.MAY_BREAK, f"{at}/default", before.get("default"), after.get("default"))
        (before, was_nullable), (after, is_nullable) = _unwrapped(before), _unwrapped(after)
        if "$ref" in before and "$ref" in after:
            self.met.add((def_name(before["$ref"]), def_name(after["$ref"])))
            self._null_only(was_nullable, is_nullable, at)
        elif "$ref" in before or "$ref" in after:
            self._null_only(was_nullable, is_nullable, at)
            self._followed(before, after, at)
        elif _branches(before) or _branches(after):
            self._null_only(was_nullable, is_nullable, at)
            self._choice(before, after, at)
        else:
            self._plain(before, after, was_nullable, is_nullable, at)

    def _followed(self, before: Schema, after: Schema, at: str) -> None:
        old, new = (_resolved(one, lookup) for one, lookup in zip((before, after), self._lookups, strict=True))
        if (id(old), id(new)) not in self._opened:
            self._opened[id(old), id(new)] = (old, new)
            self.compare(old, new, at)

    def _plain(self, before: Schema, after: Schema, was_nullable: bool, is_nullable: bool, at: str) -> None:
        if "allOf" in before or "allOf" in after:
            before, after = self._merged(before, after, at)
        old, new = _types(before), _types(after)
        self._types(_with_null(old, was_nullable), _with_null(new, is_nullable), at)
        if old and new and not _widened(old) & _widened(new):
            return  # nothing below can be the same thing
        self._enum(_enum(before), _enum(after), at)
        self._format(before.get("format"), after.get("format"), at)
        self._properties(before, after, at)
        self._items(before, after, at)
        self._others(before, after, at)

    def _note(self, kind: Kind, impact: Impact, pointer: str, before: Any = None, after: Any = None) -> None:
        self.changes.append(Change(kind=kind, impact=impact, pointer=pointer, before=before, after=after))

    def _null_only(self, was: bool, now: bool, at: str) -> None:
        if was != now:
            eased = now == (self._side is Side.ARGUMENT)
            impact = Impact.SAFE if eased else Impact.MAY_BREAK if now else Impact.BREAKS
            self._note(Kind.TYPE, impact, at, ["null"] if was else [], ["null"] if now else [])

    def _types(self, old: frozenset[str], new: frozenset[str], at: str) -> None:
        if old == new:
            return
        wider, narrower = _holds(new, old), _holds(old, new)
        if wider if self._side is Side.ARGUMENT else narrower:
            impact = Impact.SAFE
        elif self._side is Side.RESULT and new - old == {"null"}:
            impact = Impact.MAY_BREAK
        else:
            impact = Impact.BREAKS
        self._note(Kind.TYPE, impact, f"{at}/type", sorted(old), sorted(new))

    def _enum(self, old: list[JsonValue] | None, new: list[JsonValue] | None, at: str) -> None:
        """Both listed: only the values that differ are told. A value not yet listed may be new to a reader."""
        if old is None and new is None:
            return
        dropped = None if old is None else [one for one in old if new is None or one not in new]
        gained = None if new is None else [one for one in new if old is None or one not in old]
        if not dropped and not gained:
            return
        is_narrower, is_wider = bool(dropped) or old is None, bool(gained) or new is None
        if old is None or new is None:
            is_narrower, is_wider = old is None, new is None
        harms = is_narrower if self._side is Side.ARGUMENT else is_wider
        worst = Impact.BREAKS if self._side is Side.ARGUMENT else Impact.MAY_BREAK
        self._note(Kind.ENUM, worst if harms else Impact.SAFE, f"{at}/enum", dropped, gained)

    def _format(self, old: str | None, new: str | None, at: str) -> None:
        if old == new:
            return
        sends = self._side is Side.ARGUMENT
        wider = new is None or (old, new) in WIDER_FORMATS
        narrower = old is None or (new, old) in WIDER_FORMATS
        worst = Impact.BREAKS if sends else Impact.MAY_BREAK
        self._note(Kind.FORMAT, Impact.SAFE if (wider if sends else narrower) else worst, f"{at}/format", old, new)

    def _properties(self, before: Schema, after: Schema, at: str) -> None:
        old, new = before.get("properties", {}), after.get("properties", {})
        required = (frozenset(before.get("required", ())), frozenset(after.get("required", ())))
        gone, come = _fields(old, new), _fields(new, old)
        renames = likeness.pairs(gone, come, likeness.of_fields, likeness.LIKELY_FIELD)
        for was, now, likelihood in renames:
            place = f"{at}/properties/{escaped(now.name)}"
            self.changes.append(
                Change(
                    kind=Kind.RENAMED, impact=Impact.BREAKS, pointer=place, before=was.name, after=now.name,
                    likelihood=likelihood,
                )
            )  # fmt: skip
            self.compare(was.schema, now.schema, place)
        became = {now.name: was.name for was, now, _ in renames}
        for name in (one.name for one in gone if one.name not in became.values()):
            self._note(Kind.REMOVED, Impact.BREAKS, f"{at}/properties/{escaped(name)}", name)
        for name in (one.name for one in come if one.name not in became):
            self._added(name, name in required[1], f"{at}/properties/{escaped(name)}")
        for name in old.keys() & new.keys():
            self.compare(old[name], new[name], f"{at}/properties/{escaped(name)}")
        self._required(required, {**became, **{name: name for name in old.keys() & new.keys()}}, (old, new), at)

    def _added(self, name: str, is_required: bool, place: str) -> None:
        if is_required and self._side is Side.ARGUMENT:
            self._note(Kind.REQUIRED, Impact.BREAKS, place, None, name)
        else:
            self._note(Kind.ADDITIVE, Impact.SAFE, place, None, name)

    def _required(
        self,
        required: tuple[frozenset[str], frozenset[str]],
        became: Mapping[str, str],
        properties: tuple[Mapping[str, Schema], Mapping[str, Schema]],
        at: str,
    ) -> None:
        """Of properties on both sides, and of names that no property describes."""
        old, new = properties
        nameless = {name: name for name in required[0] | required[1] if name not in old and name not in new}
        for name, was_name in sorted({**became, **nameless}.items()):
            was, now = was_name in required[0], name in required[1]
            if was != now:
                harms = now if self._side is Side.ARGUMENT else was
                impact = Impact.BREAKS if harms else Impact.SAFE
                self._note(Kind.REQUIRED, impact, f"{at}/properties/{escaped(name)}", was, now)

    def _items(self, before: Schema, after: Schema, at: str) -> None:
        for key in ("items", "additionalProperties"):
            old, new = _allowed(before.get(key)), _allowed(after.get(key))
            if old == new:
                self.compare(old or {}, new or {}, f"{at}/{key}")  # notes what it refers to
            elif not old or not new:
                is_tighter = new is None or not old
                self._bound(is_tighter and old is not None, f"{at}/{key}", before.get(key), after.get(key))
            else:
                self.compare(old, new, f"{at}/{key}")

    def _others(self, before: Schema, after: Schema, at: str) -> None:
        for key in sorted((before.keys() | after.keys()) - TREATED):
            old, new = before.get(key), after.get(key)
            self.met |= _shared(old, new)
            if old == new:
                continue
            place = f"{at}/{key}"
            if key in MEANT:
                self._note(Kind.MEANING, Impact.SAFE if key == "deprecated" else Impact.MAY_BREAK, place, old, new)
            elif key in LOWER | UPPER and isinstance(old, int | float) and isinstance(new, int | float):
                self._bound(new > old if key in LOWER else new < old, place, old, new)
            else:
                # Another pattern may fit more or less than the one before: it counts as tighter.
                self._bound(new is not None, place, old, new)

    def _bound(self, is_tighter: bool, place: str, old: Any, new: Any) -> None:
        harms = is_tighter and self._side is Side.ARGUMENT
        kind = Kind.NARROWING if is_tighter else Kind.ADDITIVE
        self._note(kind, Impact.BREAKS if harms else Impact.SAFE, place, _told(old), _told(new))

    def _merged(self, before: Schema, after: Schema, at: str) -> tuple[Schema, Schema]:
        """Both with their `allOf` compared or laid together: part by part when they build on the same schemas."""
        old, new = before.get("allOf", []), after.get("allOf", [])
        if [one.get("$ref") for one in old] == [one.get("$ref") for one in new]:
            for place, (was, now) in enumerate(zip(old, new, strict=True)):
                self.compare(was, now, f"{at}/allOf/{place}")
            return before, after
        return _flat(before, self._lookups[0]), _flat(after, self._lookups[1])

    def _choice(self, before: Schema, after: Schema, at: str) -> None:
        """Alternatives, matched by the schema they refer to or by being the same, else in their order."""
        old, new = _branches(before) or [before], _branches(after) or [after]
        left = [one for one in new if one not in old]
        unmatched = [one for one in old if one not in new]
        for one in old:
            if one in new:
                self.compare(one, one)
        sends = self._side is Side.ARGUMENT
        for was, now in zip(unmatched, left, strict=False):
            self.compare(was, now, f"{at}/{_keyword(after)}/{new.index(now)}" if _branches(after) else at)
        for was in unmatched[len(left) :]:
            place = f"{at}/{_keyword(before)}/{old.index(was)}"
            self._note(Kind.NARROWING, Impact.BREAKS if sends else Impact.SAFE, place, _name(was), None)
        for now in left[len(unmatched) :]:
            place = f"{at}/{_keyword(after)}/{new.index(now)}"
            self._note(Kind.ADDITIVE, Impact.SAFE if sends else Impact.MAY_BREAK, place, None, _name(now))
        if _branches(before) and _branches(after):
            without = [{key: value for key, value in one.items() if key not in CHOICES} for one in (before, after)]
            if without[0] != without[1]:
                self._plain(without[0], without[1], False, False, at)
            else:
                self.compare(without[0], without[0])


def _unwrapped(schema: Schema) -> tuple[Schema, bool]:
    """Without the lone `or null` and the lone `allOf` around it, and whether null was among what it allows."""
    is_nullable = False
    while True:
        told = {key: value for key, value in schema.items() if key not in WORDS and key != "default"}
        inner: list[Schema] = next((told[key] for key in ("allOf", *CHOICES) if key in told and len(told) == 1), [])
        real = [one for one in inner if one != NULL]
        if len(real) != 1 or ("allOf" in told and len(inner) != 1):
            break
        is_nullable = is_nullable or len(real) < len(inner)
        schema = real[0]
    kinds = schema.get("type")
    return schema, is_nullable or (isinstance(kinds, list) and "null" in kinds)


def _resolved(schema: Schema, lookup: Lookup) -> Schema:
    for _ in range(20):
        if "$ref" not in schema:
            return schema
        schema = lookup(def_name(schema["$ref"])) or {}
    return {}


def _branches(schema: Schema) -> list[Schema]:
    """The alternatives of a real choice; a list of constants is an enumeration."""
    found = shapes.branches(schema)
    return [] if all("const" in one for one in found) else found


def _keyword(schema: Schema) -> str:
    return next((key for key in CHOICES if key in schema), CHOICES[0])


def _types(schema: Schema) -> frozenset[str]:
    """What is said, or what the keywords give away; empty: anything."""
    kinds = schema.get("type")
    if kinds is not None:
        return frozenset([kinds] if isinstance(kinds, str) else kinds) - {"null"}
    return frozenset({"object"} if "properties" in schema else {"array"} if "items" in schema else ())


def _with_null(kinds: frozenset[str], is_nullable: bool) -> frozenset[str]:
    return kinds | {"null"} if is_nullable and kinds else kinds


def _widened(kinds: frozenset[str]) -> frozenset[str]:
    return kinds | {"integer"} if "number" in kinds else kinds


def _holds(wide: frozenset[str], narrow: frozenset[str]) -> bool:
    """Whether every value of the one fits the other; nothing said allows anything."""
    return not wide or (bool(narrow) and narrow <= _widened(wide))


def _enum(schema: Schema) -> list[JsonValue] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    if values is None and (constants := shapes.branches(schema)):
        values = [one["const"] for one in constants]
    return None if values is None else [one for one in values if one is not None]


def _fields(own: Mapping[str, Schema], other: Mapping[str, Schema]) -> list[Field]:
    """The properties that the other side has not, each with its place among all."""
    last = max(len(own) - 1, 1)
    return [
        Field(name=name, schema=schema, position=place / last)
        for place, (name, schema) in enumerate(own.items())
        if name not in other
    ]


def _allowed(schema: Any) -> Schema | None:
    """The schema of further values: {} allows any, None allows none."""
    if schema is False or schema == {"not": {}}:
        return None
    return schema if isinstance(schema, dict) else {}


def _shared(old: Any, new: Any) -> set[Pair]:
    return {(name, name) for name in set(uses(old)) & set(uses(new))}


def _flat(schema: Schema, lookup: Lookup) -> Schema:
    found = shapes.object_of(schema, lookup)
    own = {key: value for key, value in schema.items() if key != "allOf"}
    if not found.properties:
        return schema
    return own | {"type": "object", "properties": found.properties, "required": sorted(found.required)}


def _name(schema: Schema) -> JsonValue:
    """A few words for an alternative; its whole schema would be no help."""
    said = schema.get("title") or def_name(schema.get("$ref", "")) or schema.get("type") or "schema"
    return said if isinstance(said, str) else list(said)


def _told(value: Any) -> JsonValue:
    """Bounds as they are; a schema or a list of them by its keywords."""
    if isinstance(value, dict):
        return sorted(value)
    return list(map(_told, value)) if isinstance(value, Sequence) and not isinstance(value, str) else value
