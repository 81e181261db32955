"""Which action an exchange is of, and its arguments and result as that action describes them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from discovery import shapes
from discovery.exchange import Exchange
from tools.action import Action, Argument, Place, Schema

TEMPLATE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    action: Action
    path_values: Mapping[str, str]


class Matcher:
    """Finds actions by method and path; of several templates the one with the most fixed text wins, as OpenAPI says
    (3.1 section 4.8.8.2: concrete before templated)."""

    def __init__(self, actions: Iterable[Action]) -> None:
        self._by_form: dict[tuple[str, int], list[tuple[re.Pattern[str], Action]]] = defaultdict(list)
        for action in sorted(actions, key=lambda one: (one.path.count("{"), one.path)):
            form = (action.method, action.path.count("/"))
            self._by_form[form].append((_pattern(action.path), action))

    def match(self, exchange: Exchange) -> Match | None:
        for pattern, action in self._by_form[exchange.method, exchange.path.count("/")]:
            if found := pattern.fullmatch(exchange.path):
                names = TEMPLATE.findall(action.path)
                return Match(action=action, path_values=dict(zip(names, found.groups(), strict=True)))
        return None

    def knows_path(self, exchange: Exchange) -> bool:
        """Whether some method of the exchange's path is described."""
        forms = (listed for (_, depth), listed in self._by_form.items() if depth == exchange.path.count("/"))
        return any(pattern.fullmatch(exchange.path) for listed in forms for pattern, _ in listed)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^{}]+\})", path)
    return re.compile("".join("([^/]+)" if TEMPLATE.fullmatch(part) else re.escape(part) for part in parts))


def arguments(match: Match, exchange: Exchange, defs: Mapping[str, Schema]) -> dict[str, Any]:
    """What the exchange gave for each argument of the action, and what it gave that the action does not know.

    Texts of paths, queries and headers become what the argument's schema wants, when they can be read so.
    """
    given: dict[str, Any] = {}
    headers = dict(exchange.request_headers)
    body = exchange.request_body
    for one in match.action.arguments:
        value: Any = None
        if one.place is Place.PATH:
            value = match.path_values.get(one.wire_name)
        elif one.place is Place.QUERY:
            value = [text for name, text in exchange.query if name == one.wire_name]
        elif one.place is Place.HEADER:
            value = headers.get(one.wire_name.lower())
        elif one.place is Place.BODY and body is not None:
            whole = match.action.body is not None and match.action.body.is_whole
            if whole or (isinstance(body, dict) and one.wire_name in body):
                given[one.name] = body if whole else body[one.wire_name]
            continue
        if value not in (None, []):
            given[one.name] = _read(value, one, defs)
    return given | _unknown(match.action, exchange)


def _unknown(action: Action, exchange: Exchange) -> dict[str, Any]:
    if not isinstance(exchange.request_body, dict) or (action.body is not None and action.body.is_whole):
        return {}
    known = {one.wire_name for one in action.arguments if one.place is Place.BODY}
    return {name: value for name, value in exchange.request_body.items() if name not in known}


def _read(value: str | list[str], argument: Argument, defs: Mapping[str, Schema]) -> Any:
    kinds = shapes.types(argument.json_schema, defs.get)
    if isinstance(value, list):
        if "array" not in kinds:
            return _scalar(value[0], kinds)
        items = shapes.plain(argument.json_schema, defs.get).get("items", {})
        of = shapes.types(items, defs.get) if isinstance(items, dict) else ()
        parts = value if len(value) > 1 or argument.explode is not False else value[0].split(",")
        return [_scalar(part, of) for part in parts]
    return _scalar(value, kinds)


def _scalar(text: str, kinds: tuple[str, ...]) -> Any:
    if "string" in kinds or not kinds:
        return text
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    try:
        return int(text) if "integer" in kinds else float(text) if "number" in kinds else text
    except ValueError:
        return text
