"""An action and its arguments as a request.

The URL is the admin's base URL and the document's path template with typed values in it. It is checked once more at the
end, because percent-encoding does not stop `..`, and many clients and proxies resolve it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from pydantic import JsonValue

from tools import errors
from tools.action import Action, Argument, Place
from tools.wire import bodies, styles
from tools.wire.request import Request, checked_header
from tools.wire.values import check_written, has_control, is_json, percent, refuse

MAX_URL = 16_000
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_SEPARATORS = frozenset("/\\%?#")
_LITERAL = "/:@!$&'()*+,;=%"
#: what a document's path may have besides unreserved characters (RFC 3986 section 3.3), escapes included


def render(action: Action, arguments: Mapping[str, JsonValue], base_url: str) -> Request:
    """The request that `arguments`, already valid by the action's schema, stand for.

    The same arguments give the same bytes. Raises RequestUnsafe, naming the argument and never its value.
    """
    unknown = next((name for name in arguments if action.argument(name) is None), None)
    if unknown is not None:
        raise errors.RequestUnsafe(f"{action.id} has no argument {unknown[:64]!r}", argument=unknown[:64])
    given = [(one, arguments[one.name]) for one in action.arguments if one.name in arguments]
    url = _base(base_url) + _path(action, given, base_url) + _query(given)
    if len(url) > MAX_URL:
        raise errors.RequestUnsafe(f"the URL of {action.id} is longer than {MAX_URL} characters; shorten its arguments")
    body = bodies.render(action.body, _at(Place.BODY, given)) if action.body else None
    return Request(
        method=action.method.upper(),
        url=url,
        headers=tuple(_headers(action, given)),
        body=body[0] if body else None,
        content_type=body[1] if body else None,
    )


_Given = list[tuple[Argument, JsonValue]]


def _at(place: Place, given: _Given) -> _Given:
    return [(argument, value) for argument, value in given if argument.place is place]


def _base(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
    except ValueError:
        raise errors.RequestUnsafe("the System's base URL is not of the form https://host/path") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise errors.RequestUnsafe("the System's base URL is not of the form https://host/path")
    if "?" in base_url or "#" in base_url or has_control(base_url) or not base_url.isascii() or " " in base_url:
        raise errors.RequestUnsafe("the System's base URL may have no query, fragment, blank or control character")
    return base_url.rstrip("/")


def _path(action: Action, given: _Given, base_url: str) -> str:
    template = action.path if action.path.startswith("/") else f"/{action.path}"
    if has_control(template) or set(template) & set("?#\\"):
        raise errors.RequestUnsafe(f"the path template of {action.id} has a query, a fragment or a control character")
    values = {argument.wire_name: (argument, value) for argument, value in _at(Place.PATH, given)}
    names = _PARAMETER.findall(template)
    for name in names:
        if name not in values:
            refuse(name, "the path needs it")
    literals = [percent(part, "path", keep=_LITERAL) for part in _PARAMETER.split(template)[::2]]
    texts = [_path_value(*values[name]) for name in names]
    path = "".join(part for pair in zip(literals, [*texts, ""], strict=True) for part in pair)
    _check_path(action, path, literals, [values[name][0] for name in names], urlsplit(base_url).path.rstrip("/"))
    return path


def _path_value(argument: Argument, value: JsonValue) -> str:
    for part in _texts(value):
        if has_control(part):
            refuse(argument.name, "a path cannot hold control characters")
        if not argument.allow_reserved and _SEPARATORS & set(part):
            refuse(argument.name, "a value in a path cannot hold any of / \\ % ? #")
        # An empty value turns `DELETE /contacts/{id}` into `DELETE /contacts/`.
        if not part:
            refuse(argument.name, "a value in a path cannot be empty")
    encoded = styles.path(argument, value)
    if encoded in ("", "."):
        refuse(argument.name, "a value in a path cannot be empty")
    return encoded


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _texts(part)


def _check_path(action: Action, path: str, literals: list[str], filled: list[Argument], base_path: str) -> None:
    """That the finished path is the template with something in its places, and that no reader can climb out of it."""
    named = ", ".join(argument.name for argument in filled) or "none"
    if any(_climbs(segment) for segment in (base_path + path).split("/")):
        raise errors.RequestUnsafe(f"a segment of the path reads as `.` or `..` (arguments: {named})", argument=named)
    pattern = re.escape(literals[0])
    for argument, literal in zip(filled, literals[1:], strict=True):
        pattern += ("[^?#]+" if argument.allow_reserved else "[^/?#]+") + re.escape(literal)
    if not re.fullmatch(pattern, path):
        raise errors.RequestUnsafe(f"the path is not of the form {action.path} (arguments: {named})", argument=named)


def _climbs(segment: str) -> bool:
    """Whether any reader may take it for a dot segment: decoded once or often, cut at `;`, or split at `\\`."""
    for _ in range(5):
        pieces = re.split(r"[/\\]", segment)
        if any(piece.partition(";")[0].strip() in (".", "..") for piece in pieces):
            return True
        decoded = unquote(segment)
        if decoded == segment:
            return False
        segment = decoded
    return True


def _query(given: _Given) -> str:
    pairs = styles.all_pairs(_at(Place.QUERY, given))
    return "?" + "&".join(f"{name}={value}" for name, value in pairs) if pairs else ""


def _headers(action: Action, given: _Given) -> Iterator[tuple[str, str]]:
    yield "Accept", _accepted(action.accepts)
    for argument, value in _at(Place.HEADER, given):
        is_written = value is not None and value != [] and value != {}
        check_written(argument, is_written)
        if is_written:
            yield checked_header(argument.name, argument.wire_name, styles.header(argument, value))
    cookies = [f"{name}={text}" for name, text in styles.all_pairs(_at(Place.COOKIE, given))]
    if cookies:
        yield "Cookie", "; ".join(cookies)


def _accepted(media_types: tuple[str, ...]) -> str:
    """What we ask for: JSON where the action documents it, else whatever it documents."""
    known = [one for one in dict.fromkeys(media_types) if one and bodies.is_header_safe(one)]
    return ", ".join([one for one in known if is_json(one)] or known) or "application/json"
