"""A document's schemas as JSON Schema 2020-12, each shared one converted once and kept under `$defs`.

What JSON Schema does not know (XML hints, extensions) is left out; `discriminator`, `readOnly` and the like stay as
annotations. A keyword with a value it cannot have is left out too, because one typo must not lose the schema.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from discovery.references import References, pointer_tokens
from tools import errors
from tools.action import Schema

TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
ONE_SCHEMA = frozenset(
    {
        "items",
        "additionalProperties",
        "not",
        "propertyNames",
        "contains",
        "if",
        "then",
        "else",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
SCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
SCHEMA_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas"})
ADJUSTED = frozenset(
    {"required", "example", "examples", "exclusiveMinimum", "exclusiveMaximum", "nullable", "x-nullable"}
)
#: keywords that are not simply kept or left out
TYPE_NAMES = tuple(TYPES)
#: to look for what may be anything, also unhashable
WITH_SCHEMAS = ONE_SCHEMA | SCHEMA_LISTS | SCHEMA_MAPS
Types = frozenset[type]
_TEXT, _LIST, _OBJECT, _BOOLEAN = Types((str,)), Types((list,)), Types((dict,)), Types((bool,))
_COUNT, _NUMBER = Types((int,)), Types((int, float))
_ANY = Types((str, int, float, bool, list, dict, type(None)))
PLAIN: dict[str, Types] = {
    **dict.fromkeys(("title", "description", "format", "pattern", "contentEncoding", "contentMediaType"), _TEXT),
    **dict.fromkeys(("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"), _NUMBER),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _COUNT),
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "deprecated"), _BOOLEAN),
    **dict.fromkeys(("const", "default", "discriminator"), _ANY),
    "enum": _LIST,
    "dependentRequired": _OBJECT,
}
#: keyword -> the types its value may have
NULL: Schema = {"type": "null"}

Made = TypeVar("Made")


@dataclass(slots=True)
class Faults:
    """What was wrong with the parts of one schema."""

    broken: list[errors.DocumentInvalid] = field(default_factory=list)
    #: parts that accept anything now
    left_out: list[str] = field(default_factory=list)
    #: optional properties that are missing now: nobody could fill them
    is_loose: bool = False
    #: whether such properties accept anything instead


class Schemas:
    """Converts the schemas of one document. `defs` grows as shared schemas are used."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.references = References(root)
        self.defs: dict[str, Schema] = {}
        self.broken: dict[str, str] = {}
        #: name of a shared schema -> why a part of it could not be converted (that part accepts anything)
        self.left_out: dict[str, str] = {}
        #: name of a shared schema -> why an optional property of it is missing here
        self._waiting: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self._made: dict[tuple[str, int], Any] = {}

    def once(self, key: tuple[str, int], make: Callable[[], Made]) -> Made:
        """What `make` makes, the first time that it is asked for under that key."""
        if key not in self._made:
            self._made[key] = make()
        found: Made = self._made[key]
        return found

    def convert(self, raw: Any) -> tuple[Schema, str]:
        """`raw` as JSON Schema, and why an optional property had to be left out ("" when none was).

        Raises `DocumentInvalid` for a reference that cannot be followed in what is not optional.
        """
        faults = Faults()
        schema = self._convert(raw, faults)
        if faults.broken:
            raise faults.broken[0]
        return schema, faults.left_out[0] if faults.left_out else ""

    def convert_loosely(self, raw: Any) -> tuple[Schema, str]:
        """`raw` as JSON Schema in which a broken reference accepts anything, and what was broken ("" for nothing)."""
        faults = Faults(is_loose=True)
        schema = self._convert(raw, faults)
        return schema, faults.broken[0].message if faults.broken else ""

    def resolve(self, schema: Schema) -> Schema:
        """`schema`, or the shared one that it only refers to; {} when it refers to itself."""
        seen = set()
        while isinstance(ref := schema.get("$ref"), str) and ref not in seen:
            seen.add(ref)
            schema = self.definition(def_name(ref))
        return {} if "$ref" in schema else schema

    def definition(self, name: str) -> Schema:
        """The shared schema of that name, converted when first asked for."""
        if name not in self.defs and name in self._waiting:
            faults = Faults()
            raw = self._waiting.pop(name)
            self.defs[name] = {}
            self.defs[name] = self._convert(raw, faults)
            if faults.left_out:
                self.left_out[name] = faults.left_out[0]
            if faults.broken:
                self.broken[name] = faults.broken[0].message
        return self.defs.get(name, {})

    def finish(self) -> None:
        """Convert what is referred to and was not looked at yet."""
        while self._waiting:
            self.definition(next(iter(self._waiting)))

    def _convert(self, raw: Any, faults: Faults) -> Schema:
        if type(raw) is not dict:
            return {"not": {}} if raw is False else {}
        ref = raw.get("$ref")
        if type(ref) is str:
            return self._reference(ref, raw, faults)
        schema: Schema = {}
        for key, value in raw.items():
            if (kinds := PLAIN.get(key)) is not None:
                if type(value) in kinds:
                    schema[key] = value
            elif key in WITH_SCHEMAS:
                self._nest(schema, key, value, raw, faults)
        kind = raw.get("type")
        is_plain = kind is None or kind in TYPE_NAMES
        if is_plain and kind is not None:
            schema["type"] = kind
        # Most schemas are small: one look tells that none of these has anything to do.
        return schema if is_plain and ADJUSTED.isdisjoint(raw) else _adjusted(schema, raw)

    def _nest(self, schema: Schema, key: str, value: Any, raw: Mapping[str, Any], faults: Faults) -> None:
        """Keep a keyword that has schemas in it."""
        if key in SCHEMA_MAPS:
            if isinstance(value, dict):
                schema[key] = self._named(value, raw.get("required"), faults)
        elif key in SCHEMA_LISTS:
            if isinstance(value, list) and value:
                schema[key] = [self._convert(part, faults) for part in value]
        else:
            self._one(schema, key, value, faults)

    def _named(self, parts: dict[str, Any], required: Any, faults: Faults) -> dict[str, Schema]:
        """Named schemas; an optional one with a reference that leads nowhere is left out."""
        named: dict[str, Schema] = {}
        for name, part in parts.items():
            before = len(faults.broken)
            schema = self._convert(part, faults)
            is_optional = not (isinstance(required, list) and name in required)
            if len(faults.broken) > before and is_optional and not faults.is_loose:
                faults.left_out.append(f"{name!r}: {faults.broken[before].message}")
                del faults.broken[before:]
            else:
                named[name] = schema
        return named

    def _one(self, schema: Schema, key: str, value: Any, faults: Faults) -> None:
        if isinstance(value, bool):
            schema[key] = value
        elif isinstance(value, dict):
            schema[key] = self._convert(value, faults)
        elif key == "items" and isinstance(value, list):  # a tuple, as drafts before 2020-12 wrote it
            schema["prefixItems"] = [self._convert(part, faults) for part in value]

    def _reference(self, ref: str, raw: Mapping[str, Any], faults: Faults) -> Schema:
        try:
            schema: Schema = {"$ref": f"#/$defs/{_escaped(self._name(ref))}"}
        except errors.DocumentInvalid as exc:
            faults.broken.append(exc)
            return {}
        if isinstance(description := raw.get("description"), str):
            schema["description"] = description
        return _nullable(schema) if raw.get("nullable") is True else schema

    def _name(self, ref: str) -> str:
        """The name under `$defs` of what `ref` points to; a place outside the shared schemas gets its own name."""
        if ref in self._names:
            return self._names[ref]
        tokens = pointer_tokens(ref)
        target = self.references.at(ref)
        if tokens[:-1] in (["components", "schemas"], ["definitions"]):
            name = tokens[-1]
        else:
            words = re.sub(r"\W+", "_", "_".join(tokens[-2:]))[:40]
            name = f"{words}_{hashlib.sha256(ref.encode()).hexdigest()[:8]}"
        self._names[ref] = name
        self._waiting.setdefault(name, target)
        return name


def def_name(ref: str) -> str:
    """The name that `#/$defs/NAME` refers to."""
    return ref.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")


def uses(schema: Any) -> Iterator[str]:
    """The names of the shared schemas that `schema` refers to directly."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            ref = node.get("$ref")
            if isinstance(ref, str):
                yield def_name(ref)
            waiting += [part for part in node.values() if isinstance(part, dict | list)]
        elif isinstance(node, list):
            waiting += [part for part in node if isinstance(part, dict | list)]


def closure(schemas: list[Schema], definition: Callable[[str], Schema | None]) -> set[str]:
    """The names of all shared schemas that `schemas` reach."""
    reached: set[str] = set()
    waiting: list[Any] = list(schemas)
    while waiting:
        for name in uses(waiting.pop()):
            if name not in reached:
                reached.add(name)
                waiting.append(definition(name))
    return reached


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _adjusted(schema: Schema, raw: Mapping[str, Any]) -> Schema:
    """With what JSON Schema 2020-12 writes in another way than the document does."""
    _keep_types(schema, raw.get("type"))
    _keep_required(schema, raw)
    _keep_example(schema, raw)
    _bound_exclusively(schema, raw)
    return _nullable(schema) if raw.get("nullable") is True or raw.get("x-nullable") is True else schema


def _keep_types(schema: Schema, kind: Any) -> None:
    if kind == "file":  # Swagger 2.0
        schema |= {"type": "string", "format": "binary"}
    elif isinstance(kind, list) and (known := [one for one in kind if isinstance(one, str) and one in TYPES]):
        schema["type"] = known


def _keep_required(schema: Schema, raw: Mapping[str, Any]) -> None:
    if isinstance(required := raw.get("required"), list):
        names = [name for name in required if isinstance(name, str)]
        if names:
            schema["required"] = list(dict.fromkeys(names))


def _keep_example(schema: Schema, raw: Mapping[str, Any]) -> None:
    """A short example helps whoever fills an argument; the large ones would only be weight."""
    example = raw.get("example")
    if example is None and isinstance(examples := raw.get("examples"), list) and examples:
        example = examples[0]
    if isinstance(example, int | float) or (isinstance(example, str) and len(example) <= 80):
        schema["examples"] = [example]


def _bound_exclusively(schema: Schema, raw: Mapping[str, Any]) -> None:
    """OpenAPI 3.0 and Swagger write `exclusiveMinimum: true` beside `minimum`; JSON Schema writes the number itself."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if raw.get(exclusive) is True and bound in schema:
            schema[exclusive] = schema.pop(bound)


def _nullable(schema: Schema) -> Schema:
    kind = schema.get("type")
    if kind is None:
        return schema if not schema else {"anyOf": [schema, NULL]}
    kinds = kind if isinstance(kind, list) else [kind]
    widened = schema | {"type": [*kinds, "null"] if "null" not in kinds else kinds}
    if "enum" in schema and None not in schema["enum"]:
        widened["enum"] = [*schema["enum"], None]
    if any(key in schema for key in SCHEMA_LISTS | {"const"} if key != "prefixItems"):
        return {"anyOf": [schema, NULL]}
    return widened
