"""Parameters on the wire: the styles of OpenAPI 3.1, section 4.8.12.4, which are those of RFC 6570.

What a reader could not tell apart from another value is refused: a comma inside a list in a header, where nothing is
encoded; a space inside a space-delimited list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pydantic import JsonValue

from tools.action import Argument
from tools.wire.values import Members, check_written, is_json, json_bytes, members, percent, refuse, text

_RESERVED_IN_PATH = "/:@!$&'()*+,;="
_RESERVED_IN_QUERY = ":/?@!$'()*,"
#: RFC 3986 reserved characters that `allowReserved` leaves as they are; in a query `& = + ; # [ ]` would change its
#: meaning, and `%` would make another value of it, so these stay encoded
_DELIMITERS = {"spaceDelimited": (" ", "%20"), "pipeDelimited": ("|", "%7C")}

Pair = tuple[str, str]
#: encoded name, encoded value
_Encode = Callable[[str], str]


def path(argument: Argument, value: JsonValue) -> str:
    """The text that stands for `{name}` in a path template."""
    keep = _RESERVED_IN_PATH if argument.allow_reserved else ""
    if argument.content_type is not None:
        return percent(_content(argument, value), argument.name, keep=keep)
    parts = members(value, argument.name)
    explode = bool(argument.explode)
    encode = _encoder(argument, keep)
    member = _encoder(argument, keep.replace(",", "").replace("=", "").replace(";", ""))
    match argument.style:
        case "label" if explode:
            return "." + _joined(parts, ".", explode, encode, _forbidding(argument, ".", member))
        case "label":
            return "." + _joined(parts, ",", explode, encode, member)
        case "matrix":
            # Even alone, a value with `;` in it would read as two parameters.
            alone = _encoder(argument, keep.replace(";", ""))
            return _matrix(parts, _name(argument), explode, alone, member)
        case _:
            return _joined(parts, ",", explode, encode, member)


def header(argument: Argument, value: JsonValue) -> str:
    if argument.content_type is not None:
        return _content(argument, value)
    explode = bool(argument.explode)
    member = _forbidding(argument, ",=" if explode and isinstance(value, dict) else ",", str)
    return _joined(members(value, argument.name), ",", explode, str, member)


def pairs(argument: Argument, value: JsonValue) -> Iterator[Pair]:
    """The pairs of a query parameter, a cookie or a property of a form body; style `form` when it names none.

    None for an empty list or object (RFC 6570 section 2.3: undefined); inside another value it is refused, because the
    reader would not see that it was given.
    """
    name, keep = _name(argument), _RESERVED_IN_QUERY if argument.allow_reserved else ""
    encode = _encoder(argument, keep)
    if argument.content_type is not None:
        yield name, encode(_content(argument, value))
        return
    style = argument.style or "form"
    if style == "deepObject":
        yield from _bracketed(argument, name, value, encode)
        return
    parts = members(value, argument.name)
    if isinstance(parts, str):
        yield name, encode(parts)
    elif style == "form" if argument.explode is None else argument.explode:
        for part in parts:
            yield (name, encode(part)) if isinstance(part, str) else (encode(part[0]), encode(part[1]))
    elif parts and style in _DELIMITERS:
        raw, separator = _DELIMITERS[style]
        yield name, _joined(parts, separator, False, encode, _forbidding(argument, raw, encode))
    elif parts:
        yield name, _joined(parts, ",", False, encode, _encoder(argument, keep.replace(",", "")))


def all_pairs(
    given: Sequence[tuple[Argument, JsonValue]], pairs_of: Callable[[Argument, JsonValue], Iterator[Pair]] = pairs
) -> list[Pair]:
    """The pairs of several arguments that share one place, null left out.

    Raises RequestUnsafe when nothing stands for an argument that is required.
    """
    found: list[Pair] = []
    for argument, value in given:
        made = list(pairs_of(argument, value)) if value is not None else []
        check_written(argument, bool(made))
        # The keys of an exploded object become names of their own; they must not pass for another argument.
        others = {_name(other) for other, _ in given if other is not argument}
        if any(name in others for name, _ in made):
            refuse(argument.name, "a key in it is the name of another argument")
        found += made
    return found


def _bracketed(argument: Argument, name: str, value: JsonValue, encode: _Encode) -> Iterator[Pair]:
    """`items[0][price]=x`. OpenAPI leaves nesting below deepObject open; this is what Stripe, Rails and qs read."""
    if isinstance(value, dict | list):
        for key, part in _named(argument, value):
            if part == [] or part == {}:
                refuse(argument.name, "nothing is written for an empty list or object inside another; leave it out")
            if part is not None or isinstance(value, list):
                yield from _bracketed(argument, f"{name}%5B{percent(key, argument.name)}%5D", part, encode)
    else:
        yield name, encode(text(value, argument.name))


def _named(argument: Argument, value: dict[str, JsonValue] | list[JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """The parts under the keys that stand between brackets."""
    if isinstance(value, list):
        yield from ((str(index), part) for index, part in enumerate(value))
        return
    for key, part in value.items():
        if not key or "[" in key or "]" in key:
            refuse(argument.name, "a key in it is empty or has brackets, which mean nesting here")
        yield key, part


def _joined(parts: Members, separator: str, explode: bool, alone: _Encode, member: _Encode) -> str:
    """The members with `separator` between them. A scalar needs no telling apart, so it has its own encoder."""
    if isinstance(parts, str):
        return alone(parts)
    between = "=" if explode else separator
    return separator.join(
        member(part) if isinstance(part, str) else f"{member(part[0])}{between}{member(part[1])}" for part in parts
    )


def _matrix(parts: Members, name: str, explode: bool, encode: _Encode, member: _Encode) -> str:
    if isinstance(parts, str):
        return f";{name}={encode(parts)}" if parts else f";{name}"
    if not explode:
        return f";{name}={_joined(parts, ',', False, encode, member)}" if parts else ""
    named = ((name, part) if isinstance(part, str) else (member(part[0]), part[1]) for part in parts)
    return "".join(f";{key}={member(part)}" for key, part in named)


def _content(argument: Argument, value: JsonValue) -> str:
    """A parameter described by a media type (section 4.8.12.2.2)."""
    if is_json(argument.content_type or ""):
        return json_bytes(value, argument.name).decode()
    return text(value, argument.name)


def _name(argument: Argument) -> str:
    return percent(argument.wire_name, argument.name)


def _encoder(argument: Argument, keep: str) -> _Encode:
    return lambda value: percent(value, argument.name, keep=keep)


def _forbidding(argument: Argument, separators: str, encode: _Encode) -> _Encode:
    """`encode` for places where the separators cannot be encoded away."""

    def encoded(value: str) -> str:
        if value != value.strip() or any(separator in value for separator in separators):
            refuse(argument.name, "a member begins or ends with a blank, or has the list's own separator in it")
        return encode(value)

    return encoded
