"""The fixed, pure functions of the expression language. Each takes plain JSON values and knows no labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from tools import errors
from tools.expressions import arithmetic


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    least: int
    most: int
    #: how many arguments it takes
    apply: Callable[[list[JsonValue], datetime], JsonValue]
    #: the arguments and the time recorded for the step -> the result; raises ExpressionFailed


def _length(args: list[JsonValue], now: datetime) -> JsonValue:
    (value,) = args
    if not isinstance(value, str | list | dict):
        raise errors.ExpressionFailed(f"len() counts a text, a list or an object; this is {arithmetic.kind(value)}")
    return len(value)


def _round(args: list[JsonValue], now: datetime) -> JsonValue:
    return arithmetic.rounded(args[0], _whole(args[1], "round()'s digits") if len(args) == 2 else None)


def _number(args: list[JsonValue], now: datetime) -> JsonValue:
    return args[0] if arithmetic.is_number(args[0]) else arithmetic.written(_text(args[0], "number()"))


def _sum(args: list[JsonValue], now: datetime) -> JsonValue:
    return arithmetic.total(_elements(args[0], "sum()"))


def _least(args: list[JsonValue], now: datetime) -> JsonValue:
    return _extreme(args, "min()", is_max=False)


def _greatest(args: list[JsonValue], now: datetime) -> JsonValue:
    return _extreme(args, "max()", is_max=True)


def _extreme(args: list[JsonValue], name: str, *, is_max: bool) -> JsonValue:
    values = _elements(args[0], name) if len(args) == 1 else args
    if not values:
        raise errors.ExpressionFailed(f"{name} of an empty list has no value")
    best = values[0]
    for value in values[1:]:
        if ordered(best, value) if is_max else ordered(value, best):
            best = value
    if len(values) == 1:
        ordered(best, best)
    return best


def ordered(left: JsonValue, right: JsonValue) -> bool:
    """left < right, for two numbers or two texts; everything else has no order."""
    if arithmetic.is_number(left) and arithmetic.is_number(right):
        return left < right  # type: ignore[operator]  # is_number narrows at run time only
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    raise errors.ExpressionFailed(
        f"{arithmetic.kind(left)} and {arithmetic.kind(right)} have no order; compare two numbers or two texts"
    )


def _upper(args: list[JsonValue], now: datetime) -> JsonValue:
    return arithmetic.bounded(_text(args[0], "upper()").upper())


def _lower(args: list[JsonValue], now: datetime) -> JsonValue:
    return arithmetic.bounded(_text(args[0], "lower()").lower())


def _strip(args: list[JsonValue], now: datetime) -> JsonValue:
    return _text(args[0], "strip()").strip()


def _split(args: list[JsonValue], now: datetime) -> JsonValue:
    text = _text(args[0], "split()")
    if len(args) == 1:
        return arithmetic.bounded(list[JsonValue](text.split()))
    separator = _text(args[1], "split()'s separator")
    if not separator:
        raise errors.ExpressionFailed("split() needs a separator that is not empty")
    return arithmetic.bounded(list[JsonValue](text.split(separator)))


def _join(args: list[JsonValue], now: datetime) -> JsonValue:
    """`join(list, separator)`; the other order is taken too, for it can mean nothing else."""
    parts, separator = (args[1], args[0]) if isinstance(args[0], str) else (args[0], args[1])
    texts = [_text(part, "join()'s elements") for part in _elements(parts, "join()")]
    glue = _text(separator, "join()'s separator")
    if sum(map(len, texts)) + len(glue) * len(texts) > arithmetic.MAX_TEXT * 2:
        raise errors.ExpressionFailed("the result of join() is too big")
    return arithmetic.bounded(glue.join(texts))


def _date(args: list[JsonValue], now: datetime) -> JsonValue:
    return arithmetic.as_date(_text(args[0], "date()")).isoformat()


def _days(args: list[JsonValue], now: datetime) -> JsonValue:
    return arithmetic.Days(_whole(args[0], "days()"))


def _now(args: list[JsonValue], now: datetime) -> JsonValue:
    return arithmetic.instant(now)


FUNCTIONS: Mapping[str, Function] = {
    "len": Function(least=1, most=1, apply=_length),
    "round": Function(least=1, most=2, apply=_round),
    "number": Function(least=1, most=1, apply=_number),
    "sum": Function(least=1, most=1, apply=_sum),
    "min": Function(least=1, most=20, apply=_least),
    "max": Function(least=1, most=20, apply=_greatest),
    "upper": Function(least=1, most=1, apply=_upper),
    "lower": Function(least=1, most=1, apply=_lower),
    "strip": Function(least=1, most=1, apply=_strip),
    "split": Function(least=1, most=2, apply=_split),
    "join": Function(least=2, most=2, apply=_join),
    "date": Function(least=1, most=1, apply=_date),
    "days": Function(least=1, most=1, apply=_days),
    "now": Function(least=0, most=0, apply=_now),
}


def _text(value: JsonValue, where: str) -> str:
    if not isinstance(value, str):
        raise errors.ExpressionFailed(f"{where} needs a text; this is {arithmetic.kind(value)}")
    return value


def _whole(value: JsonValue, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise errors.ExpressionFailed(f"{where} needs a whole number; this is {arithmetic.kind(value)}")
    return value


def _elements(value: JsonValue, where: str) -> list[JsonValue]:
    if not isinstance(value, list):
        raise errors.ExpressionFailed(f"{where} needs a list; this is {arithmetic.kind(value)}")
    return value
