"""Marks the arguments that say who, what, how much or where to (targets), and amounts in minor units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from discovery import shapes
from discovery.words import split, vocabulary
from tools.action import Action, ActionClass, Argument, Evidence, Place, Schema

IDS = vocabulary("id ids uuid guid oid sid key number iban bic swift account urn slug")
AMOUNTS = vocabulary(
    "amount total subtotal price cost fee salary wage budget discount balance tax rate currency quantity qty "
    "percent percentage units credit debit compensation stock"
)
PLACES = vocabulary("url uri href link callback webhook endpoint redirect host")
PEOPLE = vocabulary("to cc bcc recipient recipients sender assignee owner reviewer approver member members user users")
RIGHTS = vocabulary("role roles permission permissions scope scopes group groups admin access")
MINOR = re.compile(
    r"\bcents?\b|smallest (currency )?unit|smallest denomination|minor units?|lowest denomination|in pence",
    re.IGNORECASE,
)
REACHING_OUT = (ActionClass.MESSAGE, ActionClass.PERMISSION)
OWN = vocabulary("external client own foreign vat tax registration phone mobile fax serial postal")
#: before `id` or `number` they tell of the record itself, not of another one
OWN_KEYS = vocabulary("email username login name sku code slug domain")
#: a record may be found by them in a path, yet where they are set they are its own content
PAGING = vocabulary("page per_page limit offset cursor page_size sort order fields expand include")


def references(actions: Iterable[Action]) -> frozenset[str]:
    """The names by which paths of the surface name records: an argument of such a name names one too."""
    return frozenset(one.name for action in actions for one in action.arguments if one.place is Place.PATH)


def mark(action: Action, known: frozenset[str], defs: Mapping[str, Schema]) -> Action:
    """`action` with `is_target` and `unit` proposed; `known` are the surface's `references`."""
    marked, evidence = [], []
    for argument in action.arguments:
        why = why_target(argument, action, known)
        unit = unit_of(argument, defs)
        if why is not None or unit is not None:
            argument = argument.model_copy(update={"is_target": why is not None, "unit": unit})
        marked.append(argument)
        if why:
            evidence.append(Evidence(field=f"arguments.{argument.name}.is_target", why=why))
        if unit:
            evidence.append(Evidence(field=f"arguments.{argument.name}.unit", why="described as the smallest unit"))
    return action.model_copy(update={"arguments": tuple(marked), "evidence": (*action.evidence, *evidence)})


def why_target(argument: Argument, action: Action, known: frozenset[str]) -> str | None:
    """Why the argument is a target; None when it is content."""
    name = argument.wire_name
    if argument.place is Place.PATH:
        return "names the record in the path"
    words = split(name)
    if not words or "_".join(words) in PAGING:
        return None
    last = words[-1]
    if _is_own_reference(words, action):
        return None
    for table, why in (
        (IDS, "names a record"),
        (AMOUNTS, "says how much"),
        (PLACES, "says where to"),
        (PEOPLE, "says who"),
        (RIGHTS, "says which rights"),
    ):
        if last in table:
            return why
    if argument.json_schema.get("format") in ("uri", "url", "uri-reference", "iri", "uuid"):
        return "an address or an id by its format"
    if name in known and name != action.resource and name not in OWN_KEYS:
        return "names a record, as it does in paths"
    if last == "limit" and len(words) > 1:
        return "says how much"
    if last in ("email", "emails", "mail", "phone", "mobile") and action.action_class in REACHING_OUT:
        return "says who is reached"
    return None


def unit_of(argument: Argument, defs: Mapping[str, Schema]) -> Literal["minor"] | None:
    """`minor` for an integer amount that the document describes as cents or the like."""
    schema = shapes.plain(argument.json_schema, defs.get)
    if "integer" not in shapes.types(schema, defs.get):
        return None
    says = f"{argument.description} {schema.get('description', '')}"
    named = {"cents", "minor"} & set(split(argument.wire_name))
    return "minor" if named or MINOR.search(says) else None


def _is_own_reference(words: list[str], action: Action) -> bool:
    """The record's own number or key (`external_id`, `vat_number`, `customer_number` of a customer): content."""
    if words[-1] not in ("id", "key", "number", "slug"):
        return False
    is_create = action.method == "POST" and not action.path.endswith("}")
    return words[0] in OWN or (is_create and "_".join(words[:-1]) in ("", action.resource))
