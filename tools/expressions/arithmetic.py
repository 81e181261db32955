"""Arithmetic over JSON numbers, texts, lists and dates: exact in decimal, bounded in size.

Floats are read as the decimals they are written as, so `18400.00 * 100` is 1840000 and `0.1 + 0.2` is 0.3.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TypeVar

from pydantic import JsonValue

from tools import errors
from tools.labels import Labelled

MAX_INT = 2**63 - 1
#: beyond 64 bits other systems' JSON readers lose digits
MAX_TEXT = 100_000
#: characters of a text that an expression makes
MAX_ITEMS = 10_000
#: elements of a list that an expression makes

_Sized = TypeVar("_Sized", str, list[JsonValue], tuple[Labelled, ...])
_WRITTEN = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,12})?")
_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])


class Days(int):
    """A number of days: what `days(n)` gives, told apart from a plain number so that only it is added to a date."""


def binary(operator: str, left: JsonValue, right: JsonValue) -> JsonValue:
    """`left operator right`. Raises ExpressionFailed when there is no such operation or the result is too big."""
    if is_number(left) and is_number(right):
        return _numbers(operator, left, right)
    if isinstance(left, str) and isinstance(right, str):
        if operator == "+":
            return bounded(left + right)
        if operator == "-":
            return Days((as_date(left) - as_date(right)).days)
    if isinstance(left, str) and isinstance(right, Days) and operator in "+-":
        return shift(left, right if operator == "+" else -right)
    if isinstance(left, list) and isinstance(right, list) and operator == "+":
        return bounded(left + right)
    raise errors.ExpressionFailed(f"`{operator}` does not work between {kind(left)} and {kind(right)}")


def rounded(value: JsonValue, digits: int | None) -> int | float:
    """Half to even, as Python rounds, but on the decimal the number is written as."""
    exact = _decimal(value)
    if digits is None:
        return fits(exact.to_integral_value(ROUND_HALF_EVEN), is_whole=True)
    if not 0 <= digits <= 12:
        raise errors.ExpressionFailed("round() keeps 0 to 12 digits")
    if exact.adjusted() > 20:
        return fits(exact, is_whole=isinstance(value, int))
    return fits(exact.quantize(Decimal(1).scaleb(-digits), context=_EXACT), is_whole=isinstance(value, int))


def total(values: list[JsonValue]) -> int | float:
    exact = Decimal(0)
    for value in values:
        exact = _EXACT.add(exact, _decimal(value))
    return fits(exact, is_whole=all(isinstance(value, int) for value in values))


def written(text: str) -> int | float:
    """The number that a text writes as JSON does (RFC 8259 section 6), as many APIs write decimals."""
    if _WRITTEN.fullmatch(text.strip()) is None:
        raise errors.ExpressionFailed("number() reads a plain decimal such as `1240.50`; this text is none")
    return fits(Decimal(text.strip()), is_whole="." not in text)


def formatted(value: JsonValue, spec: str) -> str:
    """A number written by a format spec such as `.2f` or `,`."""
    if not is_number(value):
        raise errors.ExpressionFailed(f"the format `{spec}` is for a number; this is {kind(value)}")
    return format(int(value) if isinstance(value, int) and spec.endswith("d") else _decimal(value), spec)


def as_date(text: str) -> date:
    """The date an ISO 8601 date or date-time names, in its own zone."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise errors.ExpressionFailed("a date is written YYYY-MM-DD; this text is none") from None


def shift(text: str, days: int) -> str:
    """An ISO date or date-time, `days` later; a date-time keeps its time and zone."""
    if len(text) != 10 and "T" not in text:
        raise errors.ExpressionFailed("days are added to a date written YYYY-MM-DD or to now()")
    try:
        moved = datetime.fromisoformat(text) + timedelta(days=days)
    except ValueError:
        raise errors.ExpressionFailed("days are added to a date written YYYY-MM-DD or to now()") from None
    except OverflowError:
        raise errors.ExpressionFailed("the date would leave the calendar (years 1 to 9999)") from None
    return moved.date().isoformat() if len(text) == 10 else instant(moved)


def instant(moment: datetime) -> str:
    """RFC 3339, with `Z` for UTC."""
    return moment.isoformat().replace("+00:00", "Z")


def is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def kind(value: object) -> str:
    """The value's JSON type, for messages: never the value."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"


def bounded(value: _Sized) -> _Sized:
    """`value`, unless it is longer than an expression may make one."""
    limit, unit = (MAX_TEXT, "characters") if isinstance(value, str) else (MAX_ITEMS, "elements")
    if len(value) > limit:
        raise errors.ExpressionFailed(f"the result is too big: more than {limit} {unit}")
    return value


def fits(exact: Decimal, *, is_whole: bool) -> int | float:
    """The JSON number for `exact`: an int when `is_whole`, else a float. Raises when JSON or 64 bits cannot say it."""
    if is_whole:
        if abs(exact) > MAX_INT:
            raise errors.ExpressionFailed("the number is too big: more than 64 bits")
        return int(exact)
    number = float(exact)
    if not math.isfinite(number):
        raise errors.ExpressionFailed("the number is too big for JSON")
    return number


def _numbers(operator: str, left: JsonValue, right: JsonValue) -> int | float:
    first, second = _decimal(left), _decimal(right)
    whole = isinstance(left, int) and isinstance(right, int)
    if operator in ("/", "//", "%") and second == 0:
        raise errors.ExpressionFailed("division by zero")
    try:
        match operator:
            case "+":
                return fits(_EXACT.add(first, second), is_whole=whole)
            case "-":
                return fits(_EXACT.subtract(first, second), is_whole=whole)
            case "*":
                return fits(_EXACT.multiply(first, second), is_whole=whole)
            case "/":
                return fits(_EXACT.divide(first, second), is_whole=False)
            case "//":
                return fits(_floor_divide(first, second), is_whole=whole)
            case _:
                return fits(
                    _EXACT.subtract(first, _EXACT.multiply(second, _floor_divide(first, second))), is_whole=whole
                )
    except (InvalidOperation, Overflow):
        raise errors.ExpressionFailed("the numbers are too far apart or too big to compute with exactly") from None


def _floor_divide(first: Decimal, second: Decimal) -> Decimal:
    # Decimal's own // truncates towards zero; Python's, and so ours, goes down.
    quotient = _EXACT.divide_int(first, second)
    is_exact = _EXACT.remainder(first, second) == 0
    return quotient if is_exact or (first < 0) == (second < 0) else _EXACT.subtract(quotient, Decimal(1))


def _decimal(value: JsonValue) -> Decimal:
    if not is_number(value):
        raise errors.ExpressionFailed(f"a number is needed here; this is {kind(value)}")
    if isinstance(value, int) and value.bit_length() > 64:
        raise errors.ExpressionFailed("a number here is too big: more than 64 bits")
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise errors.ExpressionFailed("a number here is not finite")
    return exact
