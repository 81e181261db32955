"""Filters and the ways in which the six services cut a list into pages; all pure."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from evals.worlds.records import Record
from evals.worlds.refusal import Refused, malformed


def matching(
    rows: Iterable[Record], query: Mapping[str, Any], *, exact: Iterable[str] = (), contains: Iterable[str] = ()
) -> list[Record]:
    """The rows that meet every given filter, letter case aside; a filter that is absent lets all pass."""
    wanted = {name: _folded(query[name]) for name in exact if name in query}
    parts = {name: _folded(query[name]) for name in contains if name in query}
    return [
        row
        for row in rows
        if all(_folded(row.get(name)) == value for name, value in wanted.items())
        and all(value in _folded(row.get(name)) for name, value in parts.items())
    ]


def by_cursor(rows: list[Record], limit: int, cursor: str | None) -> tuple[list[Record], str | None]:
    """A page and the cursor of the next one; a cursor names the last id seen, so deletions do not shift pages."""
    start = _position_after(rows, _read_cursor(cursor)) if cursor else 0
    page = rows[start : start + limit]
    has_more = start + limit < len(rows)
    return page, _write_cursor(page[-1]["id"]) if has_more else None


def after_id(rows: list[Record], limit: int, starting_after: str | None) -> tuple[list[Record], bool]:
    """A page that starts behind the named row, and whether more follow."""
    start = 0
    if starting_after is not None:
        ids = [row["id"] for row in rows]
        if starting_after not in ids:
            raise Refused(400, "resource_missing", f"No such object: {starting_after}")
        start = ids.index(starting_after) + 1
    return rows[start : start + limit], start + limit < len(rows)


def by_number(rows: list[Record], page: int, per_page: int) -> list[Record]:
    """The page of that number, counted from 1."""
    return rows[(page - 1) * per_page : page * per_page]


def link_header(url: str, query: Mapping[str, Any], total: int) -> str:
    """`first`, `prev`, `next` and `last` of a numbered list (RFC 8288)."""
    page, per_page = query["page"], query["per_page"]
    last = max(1, -(-total // per_page))
    pages = {"first": 1, "prev": page - 1, "next": page + 1, "last": last}
    return ", ".join(
        f'<{url}?{urlencode({**query, "page": number})}>; rel="{rel}"'
        for rel, number in pages.items()
        if 1 <= number <= last
    )


def _position_after(rows: list[Record], last_id: str) -> int:
    number = _number(last_id)
    return next((at for at, row in enumerate(rows) if _number(row["id"]) > number), len(rows))


def _number(record_id: str) -> int:
    return int(record_id.rpartition("-")[2])


def _write_cursor(record_id: str) -> str:
    return base64.urlsafe_b64encode(f"after:{record_id}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        _number(text)
    except (binascii.Error, ValueError) as error:
        raise malformed("The cursor is not one that this service gave.") from error
    return text.removeprefix("after:")


def _folded(value: Any) -> str:
    return str(value).casefold()
