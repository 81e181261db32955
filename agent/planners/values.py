"""A typed part of the goal as the JSON value that an argument takes, and the argument it fits when no word tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import JsonValue

from agent.goal import CURRENCY_DIGITS, Span, SpanKind, date_value, minor_units
from agent.planners import names
from agent.planners.book import in_words
from agent.planners.draft import Misfit
from discovery.lower import ArgumentSignature

_TITLES = frozenset({"subject", "title", "summary", "name", "headline"})
_BODIES = frozenset({"body", "description", "text", "message", "content", "comment", "note", "detail"})
_AMOUNTS = frozenset({"amount", "price", "value", "total", "salary", "cost", "budget", "limit", "fee", "revenue"})
_COUNTS = frozenset({"quantity", "count", "stock", "number", "seat", "qty"})
_SHARES = frozenset({"percent", "percentage", "rate", "discount", "probability", "share"})
_FIRST = frozenset({"start", "first", "from", "begin", "since"})
_LAST = frozenset({"end", "last", "to", "until", "till", "due", "close"})
_DATES = _FIRST | _LAST | frozenset({"date", "day", "on", "at"})
_KEYS = ("username", "login", "sku", "code", "slug", "key", "reference", "number", "domain")


def fit_value(span: Span, argument: ArgumentSignature, today: date) -> JsonValue:
    """`span` as a value of `argument`. Raises Misfit when it does not fit its type or has two readings."""
    if span.value is None:
        raise Misfit(f"{span.text!r} can be read in more than one way; write it out, a date as 2026-03-01")
    if argument.enum:
        return _enum(span, argument)
    kinds = set(argument.type.split("|"))
    if kinds & {"array"} and not argument.fields and not kinds & {"string"}:
        return [str(span.value)]
    if span.kind is SpanKind.DATE:
        return _date(span, argument, kinds, today)
    if span.kind is SpanKind.MONEY:
        return _money(span, argument, kinds)
    if span.kind in (SpanKind.NUMBER, SpanKind.PERCENT):
        return _number(span, argument, kinds)
    if argument.format == "email" and span.kind is not SpanKind.EMAIL:
        raise Misfit(f"{argument.name} takes an e-mail address, which {span.text!r} is not")
    if argument.format in ("date", "date-time", "uri"):
        if argument.format == "uri" and span.kind is SpanKind.URL:
            return span.value
        raise Misfit(f"{argument.name} takes a {argument.format}, which {span.text!r} is not")
    if kinds & {"string", "any"}:
        return span.text if span.kind is SpanKind.NAME else str(span.value)
    if "integer" in kinds and str(span.value).isdigit():
        return int(str(span.value))
    raise Misfit(f"{argument.name} takes {argument.type}, which {span.text!r} is not")


def currency_value(code: str, argument: ArgumentSignature) -> JsonValue:
    """The ISO 4217 code in the letters that the argument uses."""
    for value in argument.enum:
        if str(value).upper() == code:
            return value
    if argument.enum:
        raise Misfit(f"{argument.name} does not take {code}")
    shown = str(argument.example or argument.default or "")
    is_lower = shown.islower() if shown else "lower" in argument.description.lower()
    return code.lower() if is_lower else code


@dataclass(frozen=True, slots=True)
class Taste:
    """How well a bare value suits an argument, 0 to 4, going by its kind, its preposition and the argument's name."""

    span: Span
    prep: str
    is_change: bool
    #: of a record that exists
    said: frozenset[str]
    #: the clause's words

    def of(self, argument: ArgumentSignature) -> int:
        said = set(names.spoken(argument.name))
        if argument.enum:
            return 4 if any(in_words(str(value)) == in_words(str(self.span.value)) for value in argument.enum) else 0
        if self.is_change and self.span.kind not in (SpanKind.PHONE, SpanKind.URL):
            return self._renamed(argument, said)
        match self.span.kind:
            case SpanKind.EMAIL:
                return self._email(argument, said)
            case SpanKind.MONEY:
                return 3 if said & _AMOUNTS and argument.type != "array" else 0
            case SpanKind.DATE:
                return self._date(argument, said)
            case SpanKind.NUMBER:
                return 2 if said & _COUNTS and argument.type in ("integer", "number") else 0
            case SpanKind.PERCENT:
                return 3 if said & _SHARES else 0
            case SpanKind.PHONE:
                return 3 if said & {"phone", "telephone", "mobile"} else 0
            case SpanKind.URL:
                return 3 if said & {"url", "website", "link", "uri"} else 0
            case SpanKind.QUOTED:
                return self._text(argument, said)
            case SpanKind.NAME if self.prep == "as" and not self.span.text.islower():
                return self._text(argument, said)
            case _:
                return 0

    def _renamed(self, argument: ArgumentSignature, said: set[str]) -> int:
        """Only a verb that says what is changed lets a bare text change it."""
        if self.span.kind not in (SpanKind.QUOTED, SpanKind.NAME) or argument.type != "string" or argument.format:
            return 0
        if "rename" in self.said:
            return 3 if argument.name in ("name", "display_name", "title", "subject") else 0
        return 3 if "promote" in self.said and said == {"job", "title"} else 0

    def _email(self, argument: ArgumentSignature, said: set[str]) -> int:
        if said & {"to", "recipient"} and argument.type != "array":
            return 3
        if not names.is_email(argument.name, argument.format):
            return 0
        wanted = {"for": "requester", "by": "requester", "to": "assignee", "from": "requester"}.get(self.prep)
        if wanted in said:
            return 4
        return 3 if said in ({"email"}, {"work", "email"}, {"email", "address"}) and self.prep != "to" else 1

    def _date(self, argument: ArgumentSignature, said: set[str]) -> int:
        if argument.format not in ("date", "date-time") and not said & {"date", "day", "due"}:
            return 0
        if said & {"created", "updated"}:
            return 0
        if self.prep in ("from",):
            return 4 if said & _FIRST else 0
        if self.prep in ("to", "until", "till", "through", "by"):
            return 4 if said & _LAST else 0
        return 2 if said & _DATES else 1

    def _text(self, argument: ArgumentSignature, said: set[str]) -> int:
        if argument.format or argument.type not in ("string", "any"):
            return 0
        if said & {"job", "role", "position"}:
            return 3 if self.prep == "as" else 0
        if self.prep == "as":
            return 0
        return 3 if said & _TITLES else 2 if said & _BODIES else 0


def naming_arguments(span: Span, arguments: tuple[ArgumentSignature, ...]) -> dict[str, str]:
    """The arguments that say what a new record is called: first and last name, a user name, a title."""
    free = {argument.name: argument for argument in arguments if not argument.enum and not argument.format}
    text = str(span.value)
    if span.kind is SpanKind.NAME and text.islower():
        found = next((name for name in (*_KEYS, "name") if name in free), None)
        return {found: text} if found else {}
    if span.kind in (SpanKind.NAME, SpanKind.QUOTED):
        for first, last in (("first_name", "last_name"), ("given_name", "family_name")):
            if first in free and last in free:
                parts = text.split(" ")
                return {first: parts[0], last: parts[1]} if len(parts) == 2 else {}
        order = ("full_name", "display_name", "name", "title", "subject", "description")
        found = next((name for name in order if name in free), None)
        return {found: text} if found else {}
    if span.kind is SpanKind.ID:
        found = next((name for name in _KEYS if name in free), None)
        return {found: text} if found else {}
    return {}


def is_title(name: str) -> bool:
    return bool(set(names.spoken(name)) & _TITLES)


def is_body(name: str) -> bool:
    return bool(set(names.spoken(name)) & _BODIES)


def is_amount(name: str) -> bool:
    return bool(set(names.spoken(name)) & _AMOUNTS)


def _enum(span: Span, argument: ArgumentSignature) -> JsonValue:
    for value in argument.enum:
        if in_words(str(value)) in (in_words(str(span.value)), in_words(span.text)):
            return value
    raise Misfit(f"{argument.name} takes one of {', '.join(map(str, argument.enum))}, not {span.text!r}")


def _date(span: Span, argument: ArgumentSignature, kinds: set[str], today: date) -> JsonValue:
    day = date_value(span.value, today)
    if day is None or not kinds & {"string", "any"}:
        raise Misfit(f"{argument.name} does not take the date {span.text!r}")
    if argument.format == "date-time":
        return span.value if "T" in str(span.value)[1:] else f"{day.isoformat()}T00:00:00Z"
    if argument.format in (None, "date"):
        return day.isoformat()
    raise Misfit(f"{argument.name} takes a {argument.format}, which {span.text!r} is not")


def _money(span: Span, argument: ArgumentSignature, kinds: set[str]) -> JsonValue:
    assert span.currency is not None
    assert isinstance(span.value, int | float)
    minor = minor_units(span.value, span.currency)
    if minor is None:
        raise Misfit(f"{span.currency} has no amounts as fine as {span.text!r}")
    if argument.unit == "minor":
        return minor
    if "number" in kinds or ("integer" in kinds and isinstance(span.value, int)):
        return span.value
    if "string" in kinds and is_amount(argument.name):
        return f"{span.value:.{CURRENCY_DIGITS[span.currency]}f}"
    raise Misfit(f"{argument.name} takes no amount of money")


def _number(span: Span, argument: ArgumentSignature, kinds: set[str]) -> JsonValue:
    assert isinstance(span.value, int | float)
    if argument.unit == "minor":
        raise Misfit(f"{argument.name} is an amount of money; say its currency")
    if "number" in kinds or ("integer" in kinds and isinstance(span.value, int)):
        return span.value
    if kinds & {"string", "any"} and not argument.format:
        if is_amount(argument.name):
            raise Misfit(f"{argument.name} is an amount of money; say its currency")
        return span.text
    raise Misfit(f"{argument.name} takes {argument.type}, which {span.text!r} is not")
