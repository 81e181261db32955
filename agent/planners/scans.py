"""Finding the record that bears a number which its listing shows but cannot be searched by: its first two pages are
read.

The second page must be the last and the number must stand there exactly once, else the step fails before any change.
"""

from __future__ import annotations

import json

from pydantic import JsonValue

from agent.plan import Step
from agent.planners.draft import Draft, Misfit, step_name
from agent.planners.records import Record, scalar_fields
from agent.planners.searches import Found, page_size
from discovery.lower import Signature

_NUMBERS = ("number", "reference", "code", "external_ref", "display_id")
_OFFSETS = {"offset": 0, "skip": 0, "start_index": 1}
_AFTER = ("starting_after", "after")


def find(listing: Signature, draft: Draft, number: str) -> Found:
    """The one record with that number. Raises Misfit when the listing shows none, or cannot be read page by page."""
    fields = [one for one in _NUMBERS if one in scalar_fields(listing)]
    size = page_size(listing)
    if len(fields) != 1 or size is None:
        raise Misfit(f"{listing.id} cannot search for {number!r}")
    argument, count = size
    step = Step(id=step_name("list", listing.resource), action=listing.id, args={argument: count})
    first, draft = draft.called(step, is_effect=False)
    rows = _rows(listing, first)
    wished = step_name("list_more", listing.resource)
    both = f"[one for one in {rows} + {_rows(listing, wished)} if one.{fields[0]} == {json.dumps(number)}]"
    step = Step(
        id=wished,
        action=listing.id,
        args={argument: count, **_next_page(listing, rows, count)},
        expect=f"len({_rows(listing, wished)}) < {count} and len({both}) == 1",
    )
    second, draft = draft.called(step, is_effect=False)
    record = Record(
        resource=listing.resource,
        system=listing.system,
        at=f"{both.replace(wished, second)}[0]",
        fields=scalar_fields(listing),
    )
    return record, draft.known(record)


def _next_page(listing: Signature, rows: str, count: int) -> dict[str, JsonValue]:
    for argument in listing.args:
        if argument.name in _OFFSETS:
            return {argument.name: _OFFSETS[argument.name] + count}
        if argument.name == "page":
            return {argument.name: 2}
        if argument.name in _AFTER and "id" in scalar_fields(listing):
            return {argument.name: {"$": f"{rows}[len({rows}) - 1].id"}}
    raise Misfit(f"{listing.id} cannot be read page by page")


def _rows(listing: Signature, step: str) -> str:
    return f"{step}.{listing.items}" if listing.items else step
