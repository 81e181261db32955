"""A schema brought to one level: references followed, `allOf` joined, one alternative of each choice taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tools.action import Schema

MAX_CHAIN = 40
_TIGHTER = {"minimum": max, "exclusiveMinimum": max, "minLength": max, "minItems": max, "minProperties": max}
_TIGHTER |= {"maximum": min, "exclusiveMaximum": min, "maxLength": min, "maxItems": min, "maxProperties": min}


class Unsatisfiable(Exception):
    """No value fits, or none that ends."""


class Merger:
    def __init__(self, defs: Mapping[str, Schema], chance: Random) -> None:
        self.defs, self.chance = defs, chance

    def flat(self, schema: Schema, *, prefers_first: bool) -> Schema:
        """`schema` without `$ref`, `allOf`, `oneOf` and `anyOf`. Raises `Unsatisfiable` where they contradict."""
        made: Schema = {}
        self._take(made, schema, prefers_first, 0)
        return made

    def is_read_only(self, schema: Any) -> bool:
        """Whether the property is read-only, at the end of its references too."""
        return isinstance(schema, dict) and any(part.get("readOnly") is True for part in self._parts(schema, 0))

    def _parts(self, schema: Schema, depth: int) -> list[Schema]:
        """The schema and all that apply with it."""
        found = [schema]
        if depth < MAX_CHAIN:
            inner = [self._target(schema["$ref"])] if "$ref" in schema else []
            for part in [*inner, *schema.get("allOf", ())]:
                found += self._parts(part, depth + 1) if isinstance(part, dict) else []
        return found

    def _take(self, made: Schema, schema: Any, prefers_first: bool, depth: int) -> None:
        if schema is True:
            return
        if not isinstance(schema, dict) or depth > MAX_CHAIN or schema.get("not") == {}:
            raise Unsatisfiable
        if "$ref" in schema:
            self._take(made, self._target(schema["$ref"]), prefers_first, depth + 1)
        for keyword, value in schema.items():
            if keyword not in ("$ref", "allOf", "oneOf", "anyOf"):
                _join(made, keyword, value)
        for part in schema.get("allOf", ()):
            self._take(made, part, prefers_first, depth + 1)
        for keyword in ("oneOf", "anyOf"):
            if schema.get(keyword):
                self._choose(made, schema, schema[keyword], prefers_first, depth)

    def _choose(
        self, made: Schema, schema: Schema, alternatives: Sequence[Any], prefers_first: bool, depth: int
    ) -> None:
        """Take one alternative that does not contradict what is known already."""
        order = list(alternatives)
        if not prefers_first:
            self.chance.shuffle(order)
        for one in order:
            joined = dict(made)
            try:
                self._take(joined, _tagged(one, schema.get("discriminator")), prefers_first, depth + 1)
            except Unsatisfiable:
                continue
            made.clear()
            made.update(joined)
            return
        raise Unsatisfiable

    def _target(self, ref: str) -> Schema:
        name = ref.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")
        return self.defs.get(name, {})


def _tagged(schema: Any, discriminator: Any) -> Any:
    """The alternative with the value that tells it apart (OpenAPI 3.0.3 section 4.7.25)."""
    if not isinstance(discriminator, dict) or not isinstance(schema, dict) or "$ref" not in schema:
        return schema
    name = schema["$ref"].rpartition("/")[2]
    mapping = discriminator.get("mapping") or {}
    tag = next((key for key, ref in mapping.items() if str(ref).rpartition("/")[2] == name), name)
    tag_name = discriminator.get("propertyName")
    return {"allOf": [schema, {"properties": {tag_name: {"const": tag}}, "required": [tag_name]}]}


def _join(made: Schema, keyword: str, value: Any) -> None:
    """Both what is known and `keyword` with `value` must hold."""
    if keyword not in made:
        made[keyword] = value
    elif keyword == "properties":
        known = made[keyword]
        both = {name: {"allOf": [known[name], part]} if name in known else part for name, part in value.items()}
        made[keyword] = known | both
    elif keyword == "required":
        made[keyword] = [*made[keyword], *value]
    elif keyword == "type":
        made[keyword] = _common_types(made[keyword], value)
    elif keyword == "enum":
        made[keyword] = [one for one in made[keyword] if one in value]
        if not made[keyword]:
            raise Unsatisfiable
    elif keyword == "items" and isinstance(value, dict) and isinstance(made[keyword], dict):
        made[keyword] = {"allOf": [made[keyword], value]}
    elif keyword in _TIGHTER:
        made[keyword] = _TIGHTER[keyword](made[keyword], value)
    elif keyword == "additionalProperties":
        made[keyword] = made[keyword] if value is True else value


def _common_types(known: Any, other: Any) -> list[str]:
    ours, theirs = ([one] if isinstance(one, str) else list(one) for one in (known, other))
    if "number" in theirs and "integer" in ours and "integer" not in theirs:
        theirs.append("integer")
    if "number" in ours and "integer" in theirs and "integer" not in ours:
        ours.append("integer")
    if not (common := [one for one in ours if one in theirs]):
        raise Unsatisfiable
    return common
