"""Marks the arguments that say who, what, how much or where to (targets), and amounts in minor units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from discovery import shapes, target_words
from discovery.nouns import INSIDERS
from discovery.spoken import noun_of, place, read_route
from discovery.verbs import CREATING
from discovery.words import singular, split
from tools.action import Action, ActionClass, Argument, Evidence, Place, Schema

MINOR = re.compile(
    r"\bcents?\b|smallest (currency )?unit|smallest denomination|minor units?|lowest denomination|in pence"
)
HINTS = ("cent", "smallest", "minor", "lowest", "pence")
#: without one of these no need to search
REACHING_OUT = (ActionClass.MESSAGE, ActionClass.PERMISSION, ActionClass.MONEY, ActionClass.UNKNOWN)
OF_SWITCHES = ("says which rights", "says who")
#: what a boolean can be a target for
PLAIN_TYPES = ("string", "integer", "number", "boolean")
NOUN = "the noun "
#: before a noun among `references`


def references(actions: Iterable[Action]) -> frozenset[str]:
    """The names by which the surface names records: of the parameters of its paths, and the nouns before these."""
    found: set[str] = set()
    for action in actions:
        found.update(one.name for one in action.arguments if one.place is Place.PATH)
        found.update(_nouns(action.path))
    return frozenset(found)


@lru_cache(maxsize=8192)
def _nouns(path: str) -> tuple[str, ...]:
    parts = path.split("/")
    before = [one for one, after in pairwise(parts) if after.startswith("{") and "{" not in one]
    last = parts[-1]
    named = last.split(".")[:-1] if "{" not in last else []
    return tuple(NOUN + noun_of(one) for one in (*before, *named))


def mark(action: Action, known: frozenset[str], defs: Mapping[str, Schema]) -> Action:
    """`action` with `is_target` and `unit` proposed; `known` are the surface's `references`."""
    marked, evidence = [], []
    for argument in action.arguments:
        why = why_target(argument, action, known, defs)
        unit = unit_of(argument, defs)
        if why is None and unit is None:
            marked.append(argument)
            continue
        marked.append(argument.model_copy(update={"is_target": why is not None, "unit": unit}))
        if why:
            evidence.append(_evidence(f"arguments.{argument.name}.is_target", why))
        if unit:
            evidence.append(_evidence(f"arguments.{argument.name}.unit", "described as the smallest unit"))
    if not evidence:
        return action
    return action.model_copy(update={"arguments": tuple(marked), "evidence": (*action.evidence, *evidence)})


@lru_cache(maxsize=8192)
def _evidence(field: str, why: str) -> Evidence:
    return Evidence(field=field, why=why)


def why_target(
    argument: Argument, action: Action, known: frozenset[str], defs: Mapping[str, Schema] | None = None
) -> str | None:
    """Why the argument is a target; None when it is content."""
    if argument.place is Place.PATH:
        return "names the record in the path"
    name = argument.wire_name
    words = _words(name)
    if not words or "_".join(words) in target_words.PAGING:
        return None
    if why := _of_people(words, action):
        return why
    if _is_own_reference(words, action):
        return None
    if (why := target_words.why(words)) and (argument.json_schema.get("type") != "boolean" or why in OF_SWITCHES):
        return why
    if argument.json_schema.get("format") in ("uri", "url", "uri-reference", "iri", "uuid"):
        return "an address or an id by its format"
    if name in known and name != action.resource and name not in target_words.OWN_KEYS:
        return "names a record, as it does in paths"
    return _by_class(words, action) or _by_record(argument, words, action, known, defs or {})


def _of_people(words: tuple[str, ...], action: Action) -> str | None:
    """Whom it reaches; the key that will open; the name of the user who will be let in."""
    kind, before = action.action_class, target_words.address_of(words)
    if before is not None and kind is not ActionClass.READ:
        is_reached = kind in REACHING_OUT or before not in target_words.OWN_ADDRESSES
        return "says who is reached" if is_reached else None
    if kind is not ActionClass.PERMISSION:
        return None
    if words in (("key",), ("public", "key"), ("ssh", "key")):
        return "is what will open"
    is_person = words == ("name",) and action.resource.rpartition("_")[2] in INSIDERS
    return "says who is let in or out" if is_person else None


@lru_cache(maxsize=16384)
def _words(name: str) -> tuple[str, ...]:
    return tuple(split(name))


def _by_class(words: tuple[str, ...], action: Action) -> str | None:
    """What only says whom or what because of what the action does."""
    kind = action.action_class
    if kind is ActionClass.READ:
        return None
    last = singular(words[-1])
    if kind in target_words.BY_CLASS and last in target_words.BY_CLASS[kind]:
        return target_words.WHY_BY_CLASS[kind]
    if kind is ActionClass.UNKNOWN and last in ("command", "script", "query"):
        return "says what is run"
    if action.method == "DELETE" or kind is ActionClass.DELETE:
        return "says what is removed" if last in target_words.SELECTING else None
    return None


def _by_record(
    argument: Argument, words: tuple[str, ...], action: Action, known: frozenset[str], defs: Mapping[str, Schema]
) -> str | None:
    schema = argument.json_schema
    kind = schema.get("type")
    if kind in ("boolean", "number") or kind == ["boolean", "null"]:
        return None
    about = _about(words)
    is_content = about in target_words.CONTENT and about not in target_words.LINES
    if is_content or schema.get("format") == "binary":
        return None
    is_named = (NOUN + about in known and about not in target_words.LINES) or about in target_words.RELATIONS
    if is_named and about != action.resource and _is_plain(schema):
        return "names a record by its kind"
    if kind in PLAIN_TYPES or action.action_class is ActionClass.READ or argument.place is not Place.BODY:
        return None
    held = _held(schema, defs)
    return f"holds {held}, a target" if held else None


@lru_cache(maxsize=16384)
def _about(words: tuple[str, ...]) -> str:
    return noun_of("_".join(words))


def _is_plain(schema: Schema) -> bool:
    """A text or a number, or a list of them."""
    kind = schema.get("type")
    if kind == "array" and isinstance(items := schema.get("items"), dict):
        kind = items.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    return any(one in PLAIN_TYPES for one in kinds) or ("anyOf" in schema and "$ref" not in schema)


def _held(schema: Schema, defs: Mapping[str, Schema]) -> str:
    """The first field of the object, or of the objects in the list, that is a target by its name."""
    inner = shapes.plain(schema, defs.get)
    if isinstance(items := inner.get("items"), dict):
        inner = shapes.plain(items, defs.get)
    if inner.get("type", "object") != "object" or len(inner) == 0:
        return ""
    fields = inner.get("properties") or (shapes.object_of(inner, defs.get).properties if "allOf" in inner else {})
    return next((name for name, part in fields.items() if _is_plainly_target(name) and not part.get("readOnly")), "")


@lru_cache(maxsize=16384)
def _is_plainly_target(name: str) -> bool:
    words = _words(name)
    return bool(words) and words[-1] not in ("key", "slug", "number", "host", "href") and bool(target_words.why(words))


def unit_of(argument: Argument, defs: Mapping[str, Schema]) -> Literal["minor"] | None:
    """`minor` for an integer amount that the document describes as cents or the like."""
    schema = argument.json_schema
    kind = schema.get("type")
    if argument.place is Place.PATH or (isinstance(kind, str) and kind != "integer"):
        return None
    if kind != "integer":
        schema = shapes.plain(schema, defs.get)
        if "integer" not in shapes.types(schema, defs.get):
            return None
    if {"cents", "minor"} & set(_words(argument.wire_name)):
        return "minor"
    says = f"{argument.description} {schema.get('description', '')}".lower()
    return "minor" if any(hint in says for hint in HINTS) and MINOR.search(says) else None


def _is_own_reference(words: tuple[str, ...], action: Action) -> bool:
    """The record's own number or key (`external_id`, `vat_number`, `customer_number` of a customer): content."""
    if words[-1] not in ("id", "key", "number", "slug", "ref"):
        return False
    if words[0] in target_words.OWN or words[-2:-1] == ("page",):
        return True
    return "_".join(words[:-1]) in ("", action.resource) and _makes(action.method, action.path)


@lru_cache(maxsize=8192)
def _makes(method: str, path: str) -> bool:
    """Whether it makes a record, rather than doing something to one that its arguments name."""
    verb = read_route(place(path), False).verb
    return method == "POST" and not path.endswith("}") and (not verb or verb in CREATING)
