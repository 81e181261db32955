"""What a converted schema describes: its types, and the properties of an object through `$ref` and `allOf`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from discovery.schemas import NULL, def_name
from tools.action import Schema

Lookup = Callable[[str], Schema | None]
#: a shared schema by its name under `$defs`
MAX_PARTS = 500
#: parts of one `allOf` tree that are looked at


@dataclass(slots=True)
class Object:
    """An object's own properties; `has_choice` when `oneOf` or `anyOf` adds others, so that these are not all."""

    properties: dict[str, Schema] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    has_choice: bool = False
    choices: list[tuple[str, list[list[str]]]] = field(default_factory=list)
    #: `oneOf` or `anyOf`, and the names that each of its branches requires and no more


def plain(schema: Schema, lookup: Lookup) -> Schema:
    """`schema` without the references and the lone `or null` around it; {} when it only leads to itself."""
    for _ in range(20):
        if isinstance(ref := schema.get("$ref"), str):
            schema = lookup(def_name(ref)) or {}
        elif len(parts := _without_null(schema)) == 1:
            schema = parts[0]
        else:
            return schema
    return {}


def types(schema: Schema, lookup: Lookup) -> tuple[str, ...]:
    """The JSON types a value may have, in the schema's order; () when it does not say. `null` is included."""
    return tuple(dict.fromkeys(_types(schema, lookup, 0)))


def _types(schema: Schema, lookup: Lookup, depth: int) -> Iterator[str]:
    if depth > 6:
        return
    if isinstance(ref := schema.get("$ref"), str):
        yield from _types(lookup(def_name(ref)) or {}, lookup, depth + 1)
    elif (kind := schema.get("type")) is not None:
        yield from [kind] if isinstance(kind, str) else kind
    elif "properties" in schema:
        yield "object"
    elif "items" in schema:
        yield "array"
    elif all(isinstance(value, str) for value in schema.get("enum", [schema.get("const")])):
        yield "string"
    else:
        for part in [*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("allOf", ())][:30]:
            yield from _types(part, lookup, depth + 1)


def is_object(schema: Schema, lookup: Lookup) -> bool:
    return "object" in types(schema, lookup)


def object_of(schema: Schema, lookup: Lookup) -> Object:
    """The properties that `schema` gives an object. A shared schema met twice counts once, so this ends."""
    found = Object()
    waiting, seen, parts = [schema], set(), 0
    while waiting and parts < MAX_PARTS:
        part = waiting.pop(0)
        parts += 1
        if isinstance(ref := part.get("$ref"), str):
            if ref not in seen:
                seen.add(ref)
                waiting.insert(0, lookup(def_name(ref)) or {})
            continue
        for name, schema_of in part.get("properties", {}).items():
            known = found.properties.get(name)
            both = {"allOf": [known, schema_of]}
            found.properties[name] = schema_of if known is None or known == schema_of else both
        found.required.update(part.get("required", ()))
        waiting[:0] = part.get("allOf", ())
        _choose(found, part, waiting, lookup)
    return found


def _choose(found: Object, part: Schema, waiting: list[Schema], lookup: Lookup) -> None:
    """`X or null` is X; branches that only say what is required are kept as that; others are a real choice."""
    if len(real := _without_null(part)) == 1:
        waiting[:0] = real
    elif any(_has_properties(branch, lookup) for key in ("oneOf", "anyOf") for branch in part.get(key, ())):
        found.has_choice = True
    else:
        named = [(key, part[key]) for key in ("oneOf", "anyOf") if key in part]
        found.choices += [
            (key, [branch["required"] for branch in listed])
            for key, listed in named
            if all(map(_only_requires, listed))
        ]


def _only_requires(branch: Schema) -> bool:
    """Whether the branch says nothing but which properties are required."""
    rest = {key: value for key, value in branch.items() if key not in ("required", "title", "description")}
    return bool(branch.get("required")) and rest in ({}, {"type": "object"})


def _has_properties(schema: Schema, lookup: Lookup) -> bool:
    inner = plain(schema, lookup)
    return "properties" in inner or "allOf" in inner or "oneOf" in inner or "anyOf" in inner


def branches(schema: Schema) -> list[Schema]:
    """The alternatives of a choice, null left out."""
    return [part for key in ("oneOf", "anyOf") for part in schema.get(key, ()) if part != NULL]


def _without_null(schema: Schema) -> list[Schema]:
    """The alternatives of a schema that is nothing but a choice; [] for any other."""
    own = [key for key in schema if key not in ("anyOf", "oneOf", "description", "title", "default", "examples")]
    return [] if own else branches(schema)


def items_path(schema: Schema, lookup: Lookup) -> str | None:
    """Dotted path to the list of a listing answer: "" when the answer is the list, None when there is no list.

    An object with an id of its own is a record that has a list, not a listing.
    """
    answer = plain(schema, lookup)
    if "array" in types(answer, lookup):
        return ""
    properties = object_of(answer, lookup).properties
    if "id" in properties:
        return None
    lists = [name for name, part in properties.items() if _is_list_of_objects(part, lookup)]
    if len(lists) > 1:
        lists = [name for name in lists if name in ITEM_NAMES] or lists
    if lists:
        return lists[0]
    for name, part in properties.items():
        inner = object_of(part, lookup).properties if is_object(part, lookup) else {}
        for deeper, deep_part in inner.items():
            if _is_list_of_objects(deep_part, lookup) and (deeper in ITEM_NAMES or name in ITEM_NAMES):
                return f"{name}.{deeper}"
    return None


ITEM_NAMES = (
    "data",
    "items",
    "results",
    "records",
    "values",
    "value",
    "entries",
    "list",
    "content",
    "rows",
    "_embedded",
)


def _is_list_of_objects(schema: Schema, lookup: Lookup) -> bool:
    inner = plain(schema, lookup)
    return "array" in types(inner, lookup) and is_object(inner.get("items", {}), lookup)


def item_of(schema: Schema, path: str, lookup: Lookup) -> Schema:
    """The schema of one element of the list at `path` (as `items_path` gives it)."""
    for name in filter(None, path.split(".")):
        schema = object_of(schema, lookup).properties.get(name, {})
    listed = plain(schema, lookup).get("items", {})
    return listed if isinstance(listed, dict) else {}
