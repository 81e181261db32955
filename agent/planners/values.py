"""A typed part of the goal as the JSON value that an argument takes, and the argument it fits when no word tells."""

from __future__ import annotations

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
