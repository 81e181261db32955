"""Proposes how a listing is paged: by cursor, page number, offset or Link header."""

from __future__ import annotations

from collections.abc import Mapping

from discovery import shapes
from discovery.words import snake, vocabulary
from tools.action import Action, ActionClass, Evidence, Pagination, Place, Schema

CURSORS = vocabulary(
    "cursor page_token next_token next_page_token starting_after after continuation continuation_token marker "
    "page_cursor bookmark start_cursor pagination_token next_cursor scroll_id"
)
PAGES = vocabulary("page page_number page_no pagenum page_index p")
OFFSETS = vocabulary("offset skip start start_at startat start_index first_result")
NEXT = vocabulary(
    "next_cursor cursor next_page_token next_token next continuation continuation_token nextpage next_page marker "
    "end_cursor next_link pagination_token next_page_cursor bookmark after"
)


def propose(action: Action, defs: Mapping[str, Schema], headers: frozenset[str]) -> Action:
    """`action` with its pagination, when it is a read that lists and takes something to page by."""
    if action.action_class is not ActionClass.READ or action.path.endswith("}"):
        return action
    items = shapes.items_path(action.result_schema, defs.get)
    if items is None:
        return action
    found = _by_argument(action, items, defs) or _by_link(headers, items)
    if found is None:
        return action
    why = f"the argument {found.argument!r} asks for more" if found.argument else "the answer has a Link header"
    evidence = (*action.evidence, Evidence(field="pagination", why=why))
    return action.model_copy(update={"pagination": found, "evidence": evidence})


def _by_argument(action: Action, items: str, defs: Mapping[str, Schema]) -> Pagination | None:
    names = {snake(one.wire_name): one.name for one in action.arguments if one.place in (Place.QUERY, Place.BODY)}
    next_field = _next_field(action.result_schema, defs)
    for known, argument in names.items():
        if known in CURSORS:
            return Pagination(kind="cursor", argument=argument, items=items, next_field=next_field)
    for known, argument in names.items():
        if known in PAGES:
            return Pagination(kind="page", argument=argument, items=items)
    for known, argument in names.items():
        if known in OFFSETS:
            return Pagination(kind="offset", argument=argument, items=items)
    return None


def _by_link(headers: frozenset[str], items: str) -> Pagination | None:
    """RFC 8288: `Link: <…>; rel="next"`."""
    return Pagination(kind="link", items=items) if "link" in headers else None


def _next_field(schema: Schema, defs: Mapping[str, Schema], depth: int = 0) -> str | None:
    """Dotted path to the text in the answer that asks for the next page."""
    properties = shapes.object_of(schema, defs.get).properties
    for name, part in properties.items():
        if snake(name) in NEXT and "string" in shapes.types(part, defs.get):
            return name
    if depth < 2:
        for name, part in properties.items():
            if shapes.is_object(part, defs.get) and (found := _next_field(part, defs, depth + 1)):
                return f"{name}.{found}"
    return None
