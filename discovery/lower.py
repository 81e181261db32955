"""The lowered view of an action: flat, small, without combinators or recursion; what planners and people are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from pydantic import BaseModel, ConfigDict, JsonValue

from discovery import shapes
from tools.action import Action, ActionClass, ActionId, Argument, Schema

MAX_TEXT, MAX_FIELDS, MAX_DEPTH, MAX_ENUM = 160, 60, 3, 30
FIELDS_AT_DEPTH = (40, 15, 8)
#: fields shown of an argument, of its fields, of their fields; the required ones first when there are more
MAX_SHOWN = 3000
#: fields of all arguments together: twice those of the largest real action, where each depth alone allows a million


Room = Iterator[int]
#: gives one item for each field that may still be shown


class Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class ArgumentSignature(Shown):
    name: str
    type: str
    #: `string`, `integer`, `number`, `boolean`, `array`, `object`, or several joined by `|`
    required: bool = False
    format: str | None = None
    enum: tuple[JsonValue, ...] = ()
    default: JsonValue = None
    example: JsonValue = None
    description: str = ""
    is_target: bool = False
    unit: str | None = None
    fields: tuple[ArgumentSignature, ...] = ()
    #: of an object, or of the elements of an array of objects


class ResultField(Shown):
    path: str
    #: expression path below the result: `id`, `company.name`, `data[].email` (`[]` for each element)
    type: str
    format: str | None = None
    enum: tuple[JsonValue, ...] = ()


class Signature(Shown):
    id: ActionId
    system: str
    action_class: ActionClass
    resource: str = ""
    method: str
    path: str
    summary: str = ""
    description: str = ""
    args: tuple[ArgumentSignature, ...] = ()
    result: tuple[ResultField, ...] = ()
    items: str | None = None
    #: path of the list in a listing answer ("" when the answer is the list); None when it is not a listing


def signature(action: Action, defs: Mapping[str, Schema]) -> Signature:
    """What planners see of `action`: no references, no combinators, no recursion; bounded in depth and number."""
    lookup, room = defs.get, iter(range(MAX_SHOWN))
    items = listing_path(action, defs)
    return Signature(
        id=action.id,
        system=action.system,
        action_class=action.action_class,
        resource=action.resource,
        method=action.method,
        path=action.path,
        summary=short(action.summary or action.description),
        description=short(action.description),
        args=tuple(_lower_argument(argument, lookup, room) for argument in action.arguments),
        result=tuple(islice(_result_fields(action.result_schema, "", lookup, 0), MAX_FIELDS)),
        items=items,
    )


def listing_path(action: Action, defs: Mapping[str, Schema]) -> str | None:
    """Where the list is in the answer of an action that lists; None for one that does not."""
    is_search = action.method == "POST" and action.action_class is ActionClass.READ
    if (action.method != "GET" and not is_search) or action.path.endswith("}"):
        return None
    return shapes.items_path(action.result_schema, defs.get)


def tokens(signature: Signature) -> int:
    """How many model tokens the signature costs: an estimate, one for every four characters of its JSON."""
    return len(signature.model_dump_json(exclude_defaults=True)) // 4 + 1


def to_tool_schema(signature: Signature) -> Schema:
    """The JSON Schema of the action's arguments as a model's tool takes it."""
    return {
        "title": signature.id,
        "description": signature.summary,
        "type": "object",
        "properties": {argument.name: _tool_argument(argument) for argument in signature.args},
        "required": [argument.name for argument in signature.args if argument.required],
        "additionalProperties": False,
    }


def short(text: str) -> str:
    """The first sentence, on one line, cut with a mark when it is long."""
    line = " ".join(re.sub(r"<[^>]{0,200}>", " ", text[:1000]).split())
    sentence = re.split(r"(?<=[.!?]) (?=[A-Z])", line, maxsplit=1)[0]
    return sentence if len(sentence) <= MAX_TEXT else sentence[: MAX_TEXT - 1].rstrip() + "…"


def _lower_argument(argument: Argument, lookup: shapes.Lookup, room: Room) -> ArgumentSignature:
    lowered = _lower(argument.name, argument.json_schema, argument.required, lookup, room)
    return lowered.model_copy(
        update={
            "description": short(argument.description) or lowered.description,
            "is_target": argument.is_target,
            "unit": argument.unit,
        }
    )


def _lower(
    name: str, schema: Schema, required: bool, lookup: shapes.Lookup, room: Room, depth: int = 0
) -> ArgumentSignature:
    inner = shapes.plain(schema, lookup)
    kinds = [kind for kind in shapes.types(inner, lookup) if kind != "null"]
    examples = schema.get("examples") or inner.get("examples") or [None]
    return ArgumentSignature(
        name=name,
        type="|".join(kinds) or "any",
        required=required,
        format=inner.get("format"),
        enum=_enum(inner, lookup),
        default=schema.get("default", inner.get("default")),
        example=examples[0],
        description=short(str(schema.get("description") or inner.get("description") or "")),
        fields=tuple(_fields(inner, kinds, lookup, room, depth)),
    )


def _fields(
    schema: Schema, kinds: list[str], lookup: shapes.Lookup, room: Room, depth: int
) -> Iterator[ArgumentSignature]:
    if depth >= MAX_DEPTH:
        return
    if "array" in kinds and "object" not in kinds:
        schema = shapes.plain(_element(schema), lookup)
    properties, required = _properties(schema, lookup)
    settable = [name for name, part in properties.items() if not part.get("readOnly")]
    if len(settable) > FIELDS_AT_DEPTH[depth]:
        settable = sorted(settable, key=lambda name: name not in required)[: FIELDS_AT_DEPTH[depth]]
    for name in settable:
        if next(room, None) is None:
            return
        yield _lower(name, properties[name], name in required, lookup, room, depth + 1)


def _properties(schema: Schema, lookup: shapes.Lookup) -> tuple[dict[str, Schema], set[str]]:
    """An object's properties, those of its alternatives included; required is only what all alternatives require."""
    found = shapes.object_of(schema, lookup)
    properties, required = dict(found.properties), set(found.required)
    alternatives = [shapes.object_of(branch, lookup) for branch in shapes.branches(schema)[:20]]
    for alternative in alternatives:
        properties |= {name: part for name, part in alternative.properties.items() if name not in properties}
    if alternatives:
        required |= set.intersection(*(alternative.required for alternative in alternatives))
    return properties, required


def _result_fields(schema: Schema, path: str, lookup: shapes.Lookup, depth: int) -> Iterator[ResultField]:
    """The leaves of an answer, the shallow ones of each object first.

    Every schema below the root gives at least one field, so whoever takes the first few never waits for a huge tree.
    """
    inner = shapes.plain(schema, lookup)
    kinds = [kind for kind in shapes.types(inner, lookup) if kind != "null"]
    is_shallow = depth <= MAX_DEPTH and not path.endswith("[][]")
    parts = _properties(inner, lookup)[0] if is_shallow and "object" in kinds else {}
    if is_shallow and "array" in kinds:
        yield from _result_fields(_element(inner), path + "[]", lookup, depth)
    elif parts:
        prefix = f"{path}." if path else ""
        nested = {name for name, part in parts.items() if {"object", "array"} & set(shapes.types(part, lookup))}
        for name in sorted(parts, key=nested.__contains__):
            yield from _result_fields(parts[name], prefix + name, lookup, depth + 1)
    elif path:
        kind = "|".join(kinds) or "any"
        yield ResultField(path=path, type=kind, format=inner.get("format"), enum=_enum(inner, lookup))


def _element(schema: Schema) -> Schema:
    items = schema.get("items", {})
    return items if isinstance(items, dict) else {}


def _enum(schema: Schema, lookup: shapes.Lookup) -> tuple[JsonValue, ...]:
    """The allowed values, of the elements for a list; none when there are too many to show."""
    values = schema.get("enum")
    if values is None and "items" in schema:
        values = shapes.plain(_element(schema), lookup).get("enum")
    if values is None and "const" in schema:
        values = [schema["const"]]
    if values is None and (choice := shapes.branches(schema)) and all("const" in one for one in choice):
        # JSON Schema's way to say something about each value of an enumeration.
        values = [one["const"] for one in choice]
    values = [value for value in values or () if value is not None]
    return tuple(values) if len(values) <= MAX_ENUM else ()


def _tool_argument(argument: ArgumentSignature) -> Schema:
    kinds = argument.type.split("|")
    schema: Schema = {} if argument.type == "any" else {"type": kinds[0] if len(kinds) == 1 else kinds}
    fields: Schema = {
        "type": "object",
        "properties": {field.name: _tool_argument(field) for field in argument.fields},
        "required": [field.name for field in argument.fields if field.required],
    }
    if "array" in kinds:
        schema["items"] = fields if argument.fields else {"enum": list(argument.enum)} if argument.enum else {}
    elif argument.fields:
        schema |= fields
    elif argument.enum:
        schema["enum"] = list(argument.enum)
    if argument.format:
        schema["format"] = argument.format
    if argument.description:
        schema["description"] = argument.description
    return schema
