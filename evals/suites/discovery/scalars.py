"""Texts, numbers and booleans that fit a flat schema: bounds, lengths, formats, patterns, listed values."""

from __future__ import annotations

import base64
import math
from random import Random

import orjson
from pydantic import JsonValue

from tools.action import Place, Schema

PLAIN = ("text", "b2", "other-text")
#: Texts with what the place may carry and must escape; a path and a header carry less (RFC 9110 section 5.5).
TEXTS: dict[Place, tuple[str, ...]] = {
    Place.PATH: ("text", "a b", "é:x'", "a.b,c;d=e@f&g+h"),
    Place.QUERY: ("text", "a b&c=d", "é+%/?#[]", "1,2|3;4\n"),
    Place.HEADER: ("text", "a b", 'x="y"; z', "1,2"),
    Place.COOKIE: ("text", "a b", "é;=,", "%"),
    Place.BODY: ("text", 'é "q" \\ \n', "a&b=c+d%25[e]", "𝄞 <x>\t"),
}
_DAY = "2024-02-29"
FORMATS: dict[str, tuple[str, ...]] = {
    "date": (_DAY, "1999-12-31"),
    "date-time": (f"{_DAY}T23:59:58Z", "2031-01-02T03:04:05.678+02:00"),
    "time": ("12:34:56Z", "23:59:59+01:00"),
    "duration": ("P1D", "PT3H20M"),
    "email": ("ada@example.com", "a.b+c@example.org"),
    "idn-email": ("ada@example.com",),
    "hostname": ("example.com",),
    "ipv4": ("192.0.2.7",),
    "ipv6": ("2001:db8::7",),
    "uri": ("https://example.com/a?b=c#d", "urn:example:x"),
    "url": ("https://example.com/a?b=c",),
    "uri-reference": ("/a/b?c=d",),
    "iri": ("https://example.com/é",),
    "iri-reference": ("/é",),
    "uri-template": ("https://example.com/{id}",),
    "uuid": ("123e4567-e89b-42d3-a456-426614174000",),
    "json-pointer": ("/a/0",),
    "relative-json-pointer": ("1/a",),
    "regex": ("^a+$",),
    "byte": ("AP8=", "aGVsbG8="),
    "decimal": ("12.50",),
}
_FILES = (b"%PDF-1.7\r\n\x00\xff", b"plain text")
_BOUND = 10_000


def types_of(flat: Schema) -> list[str]:
    """The types a value may have; guessed from the other keywords where the schema does not say."""
    kind = flat.get("type")
    if kind is not None:
        return [kind] if isinstance(kind, str) else list(kind)
    if "properties" in flat or isinstance(flat.get("additionalProperties"), dict) or "minProperties" in flat:
        return ["object"]
    if "items" in flat or "minItems" in flat or "prefixItems" in flat:
        return ["array"]
    if flat.keys() & {"minimum", "maximum", "multipleOf"}:
        return ["number"]
    return ["string"]


def listed(flat: Schema, chance: Random, *, is_first: bool) -> JsonValue:
    """One of the values that the schema lists; never null, which is decided elsewhere."""
    values = [flat["const"]] if "const" in flat else [one for one in flat["enum"] if one is not None]
    if not values:
        return None
    value: JsonValue = values[0] if is_first else chance.choice(values)
    return value


def scalar(kind: str, flat: Schema, chance: Random, texts: tuple[str, ...], *, is_bound: bool) -> JsonValue:
    """`is_bound` asks for a value at one of the schema's bounds."""
    match kind:
        case "boolean":
            return chance.random() < 0.5
        case "integer":
            return int(_number(flat, chance, 1, is_bound=is_bound))
        case "number":
            return _number(flat, chance, 0.5, is_bound=is_bound)
        case _:
            return _text(flat, chance, texts, is_bound=is_bound)


def unlike(values: list[JsonValue]) -> list[JsonValue]:
    """The values without those that are there already."""
    return list({orjson.dumps(value, option=orjson.OPT_SORT_KEYS): value for value in values}.values())


def _number(flat: Schema, chance: Random, grain: float, *, is_bound: bool) -> float:
    step = flat.get("multipleOf", grain)
    least, most = flat.get("minimum"), flat.get("maximum")
    if isinstance(above := flat.get("exclusiveMinimum"), int | float):
        least = above + step if least is None else max(least, above + step)
    if isinstance(below := flat.get("exclusiveMaximum"), int | float):
        most = below - step if most is None else min(most, below - step)
    low = least if least is not None else min(0, most if most is not None else 0)
    high = min(most if most is not None else low + _BOUND, low + 10 * _BOUND)
    first, last = math.ceil(low / step), math.floor(high / step)
    count = chance.choice([first, max(first, last)]) if is_bound else chance.randint(first, max(first, last))
    made = count * step
    return int(made) if grain == 1 or float(made).is_integer() else round(made, 9)


def _text(flat: Schema, chance: Random, texts: tuple[str, ...], *, is_bound: bool) -> str:
    least, most = flat.get("minLength", 0), flat.get("maxLength", 1_000)
    if isinstance(pattern := flat.get("pattern"), str):
        return _matching(pattern, chance, least, most)
    if flat.get("format") == "binary" or "contentMediaType" in flat:
        return file(chance)
    if flat.get("format") in FORMATS:
        return chance.choice(FORMATS[flat["format"]])
    made = chance.choice(texts)
    length = max(len(made), least, most if is_bound and most <= 64 else 0)
    return f"{made}{'x' * (length - len(made))}"[:most]


def file(chance: Random) -> str:
    return f"data:application/octet-stream;base64,{base64.b64encode(chance.choice(_FILES)).decode()}"


def _matching(pattern: str, chance: Random, least: int, most: int) -> str:
    import rstr  # a development dependency, so not at the top

    source = rstr.Rstr(chance)
    found = ""
    for _ in range(20):
        found = source.xeger(pattern)
        if least <= len(found) <= most:
            break
    return found
