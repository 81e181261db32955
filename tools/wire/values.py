"""JSON values as texts on the wire: how a number, a boolean or a text is written, and what is never written."""

from __future__ import annotations

import math
import unicodedata
from decimal import Decimal
from typing import NoReturn
from urllib.parse import quote

import orjson
from pydantic import JsonValue

from tools import errors
from tools.action import Argument

Scalar = str | int | float | bool
Members = list[str] | list[tuple[str, str]] | str
#: a text, the texts of a list, or the named texts of an object

MAX_NESTING = 50


def refuse(argument: str, why: str) -> NoReturn:
    """Raises RequestUnsafe for `argument`. `why` says what is wrong and never repeats the value."""
    raise errors.RequestUnsafe(f"argument {argument}: {why}", argument=argument)


def check_written(argument: Argument, is_written: bool) -> None:
    """Raises RequestUnsafe when nothing on the wire would stand for an argument that is required."""
    if argument.required and not is_written:
        refuse(argument.name, "it is required, and nothing is written for null or for an empty list or object here")


def text(value: JsonValue, argument: str) -> str:
    """A scalar as it is written outside JSON: `true`, `12`, `18400.5`, a text as it is."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _decimal(value, argument)
        case str():
            return value
        case None:
            refuse(argument, "null has no written form here; leave it out")
        case _:
            refuse(argument, "a list or an object inside another has no written form here")


def members(value: JsonValue, argument: str) -> Members:
    """The texts of a value that is flat: a scalar, a list of scalars, an object of scalars (null members left out)."""
    if isinstance(value, dict):
        return [(name, text(part, argument)) for name, part in value.items() if part is not None]
    if isinstance(value, list):
        return [text(part, argument) for part in value]
    return text(value, argument)


def percent(value: str, argument: str, *, keep: str = "") -> str:
    """UTF-8 percent-encoding (RFC 3986 section 2.1) of all but the unreserved characters and those in `keep`."""
    try:
        return quote(value, safe=keep)
    except UnicodeEncodeError:
        refuse(argument, "half a surrogate pair is not a character; remove it")


def has_control(value: str) -> bool:
    """Whether there are control characters (Unicode category Cc: C0, DEL and C1) in it."""
    return any(unicodedata.category(character) == "Cc" for character in value)


def json_bytes(value: JsonValue, argument: str) -> bytes:
    """JSON with sorted keys, so equal values have equal bytes. Refuses what JSON cannot say."""
    if not is_sayable(value):
        refuse(argument, "a number in it is not finite, or it is nested too deep")
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        refuse(argument, "JSON cannot say it: a number over 64 bits, or half a surrogate pair in a text")


def is_sayable(value: JsonValue) -> bool:
    # orjson writes NaN as null without a word, so it is looked for here.
    level = [value]
    for _ in range(MAX_NESTING):
        if any(isinstance(part, float) and not math.isfinite(part) for part in level):
            return False
        level = [child for part in level for child in _children(part)]
        if not level:
            return True
    return False


def _children(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _decimal(value: float, argument: str) -> str:
    if not math.isfinite(value):
        refuse(argument, "the number is not finite")
    # No exponent and no `.0`: servers that read integers and decimals by hand know neither.
    written = format(Decimal(repr(value)), "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON by RFC 6839 section 3.1: `application/json`, `…+json`."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence in ("application/json", "text/json") or essence.endswith("+json")
