"""Lists in pages. A cursor names the last item that was shown, so pages neither repeat nor skip as rows are added."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar, cast

import orjson
import sqlalchemy as sa
from fastapi import Query
from pydantic import BaseModel
from sqlalchemy.orm import InstrumentedAttribute, Mapped
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from tools import errors

MAX_LIMIT = 200

Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=500)]
Limit = Annotated[int, Query(description="Items on a page.", ge=1, le=MAX_LIMIT)]

Item = TypeVar("Item")
Row = TypeVar("Row")
Value = TypeVar("Value")


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next: str | None = None
    #: the cursor of the next page; null on the last one


async def newest_first(
    session: AsyncSession,
    query: SelectOfScalar[Row],
    *,
    by: tuple[Mapped[datetime], Mapped[str]],
    cursor: str | None,
    limit: int,
) -> tuple[list[Row], str | None]:
    """A page of `query`, and the cursor of the next. `by`: the rows' column of time, and of the id for equal times."""
    moment, name = by
    if cursor is not None:
        last_moment, last_name = _decoded(cursor)
        query = query.where(sa.or_(moment < last_moment, sa.and_(moment == last_moment, name < last_name)))
    found = list(await session.exec(query.order_by(moment.desc(), name.desc()).limit(limit + 1)))
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], _encoded(_value(last, moment), _value(last, name))


def by_id(found: Sequence[Item], key: Callable[[Item], str], limit: int) -> tuple[Sequence[Item], str | None]:
    """A page of what was `found` after the cursor, one more than `limit` where there is more; and the next cursor."""
    return found[:limit], key(found[limit - 1]) if len(found) > limit else None


def _value(row: object, column: Mapped[Value]) -> Value:
    # At run time a mapped class's column is an InstrumentedAttribute, which knows its name.
    found: Value = getattr(row, cast("InstrumentedAttribute[Value]", column).key)
    return found


def _encoded(moment: datetime, name: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([moment.isoformat(), name])).decode().rstrip("=")


def _decoded(cursor: str) -> tuple[datetime, str]:
    try:
        moment, name = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        read = datetime.fromisoformat(moment)
    except (binascii.Error, ValueError, TypeError):
        read, name = None, None
    if read is None or read.tzinfo is None or not isinstance(name, str):
        raise errors.Invalid("this cursor is not one of ours; start from the first page", pointer="cursor")
    return read, name
