"""Proposes how a listing is paged: by cursor, page number, offset or Link header."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from discovery import shapes
from discovery.words import snake, vocabulary
from tools.action import Action, ActionClass, Argument, Evidence, Pagination, Place, Schema

CURSORS = vocabulary(
    "cursor page_token next_token next_page_token starting_after after continuation continuation_token marker "
    "page_cursor bookmark start_cursor pagination_token next_cursor scroll_id"
)
PAGES = vocabulary("page page_number page_no pagenum page_index p")
OFFSETS = vocabulary("offset skip start start_at startat start_index first_result")
SIZES = vocabulary("per_page page_size limit count size max_results pagesize")
ASKING = CURSORS | PAGES | OFFSETS
NEXT = vocabulary(
    "next_cursor cursor next_page_token next_token next continuation continuation_token nextpage next_page marker "
    "end_cursor next_link pagination_token next_page_cursor bookmark after"
)


_snake = lru_cache(maxsize=8192)(snake)


def propose(action: Action, defs: Mapping[str, Schema], headers: frozenset[str]) -> Action:
    """`action` with its pagination, when it is a read that lists and takes something to page by."""
    if action.action_class is not ActionClass.READ or action.path.endswith("}"):
        return action
    names = {_snake(one.wire_name): one for one in action.arguments if one.place in (Place.QUERY, Place.BODY)}
    if not names.keys() & ASKING and "link" not in headers:
        return action
    items = _items(action, defs)
    if items is None and names.keys() & SIZES and names.keys() & (PAGES | OFFSETS):
        items = ""  # a page and its size are asked for: it lists, though the document does not say what it answers
    if items is None:
        return action
    found = _by_argument(action, names, items, defs) or _by_link(headers, items)
    if found is None:
        return action
    why = f"the argument {found.argument!r} asks for more" if found.argument else "the answer has a Link header"
    evidence = (*action.evidence, Evidence(field="pagination", why=why))
    return action.model_copy(update={"pagination": found, "evidence": evidence})


def _items(action: Action, defs: Mapping[str, Schema]) -> str | None:
    """Where the list is; of an answer with alternatives, in the first that has one."""
    answer = shapes.plain(action.result_schema, defs.get)
    found = shapes.items_path(answer, defs.get)
    if found is not None or not (parts := shapes.branches(answer)):
        return found
    return next((path for part in parts[:5] if (path := shapes.items_path(part, defs.get)) is not None), None)


def _by_argument(
    action: Action, names: Mapping[str, Argument], items: str, defs: Mapping[str, Schema]
) -> Pagination | None:
    for known, argument in names.items():
        if known in CURSORS:
            next_field = _next_field(action.result_schema, defs)
            return Pagination(kind="cursor", argument=argument.name, items=items, next_field=next_field)
    for known, argument in names.items():
        if known in PAGES or known in OFFSETS:
            if next_field := _given_back(argument, known, action, defs):
                return Pagination(kind="cursor", argument=argument.name, items=items, next_field=next_field)
            return Pagination(kind="page" if known in PAGES else "offset", argument=argument.name, items=items)
    return None


def _given_back(argument: Argument, known: str, action: Action, defs: Mapping[str, Schema]) -> str | None:
    """The field of the answer that a page or an offset is taken from, when it is a text: then it is a cursor."""
    if shapes.types(argument.json_schema, defs.get)[:1] != ("string",):
        return None
    for name, part in shapes.object_of(action.result_schema, defs.get).properties.items():
        if snake(name) in ("next_page", "next"):
            inner = shapes.object_of(part, defs.get).properties if shapes.is_object(part, defs.get) else {}
            return next((f"{name}.{field}" for field in inner if snake(field) == known), None if inner else name)
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
