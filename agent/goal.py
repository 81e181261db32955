"""A goal and its typed parts: the e-mails, amounts, dates, ids, quotes, names and numbers that stand in its text.

Reading is by fixed patterns, the most telling first; what one pattern has taken no later one takes again. A reading
that has two meanings (`01/02/2026`, `next Friday`, `18.400 EUR`) keeps its span but gets the value None, so that a
planner can refuse it by name instead of guessing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, JsonValue


class SpanKind(StrEnum):
    EMAIL = "email"
    MONEY = "money"
    DATE = "date"
    ID = "id"
    QUOTED = "quoted"
    NUMBER = "number"
    URL = "url"
    PHONE = "phone"
    PERCENT = "percent"
    NAME = "name"


class Span(BaseModel):
    """A typed part of the goal's text."""

    model_config = ConfigDict(frozen=True)

    kind: SpanKind
    start: int
    end: int
    #: offsets in the goal's text, end exclusive
    text: str
    value: JsonValue
    #: canonical reading: e-mail lower-cased domain, ISO date, number; of money the amount in major units.
    #: A relative date is an ISO 8601 duration from today (`P30D`, `P1M`). None when the text has two readings.
    currency: str | None = None
    #: ISO 4217, of money


#: ISO 4217 codes with the number of digits of their minor unit. Only codes listed here are read as money, so that a
#: three-letter word beside a number does not become an amount.
CURRENCY_DIGITS: dict[str, int] = {
    **dict.fromkeys(
        ("AED ARS AUD BGN BRL CAD CHF CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR KES MAD MXN MYR NGN NOK NZD "
         "PEN PHP PKR PLN QAR RON RSD SAR SEK SGD THB TRY TWD UAH USD ZAR").split(), 2),
    **dict.fromkeys("CLP ISK JPY KRW PYG UGX VND XAF XOF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}  # fmt: skip
_CURRENCY_WORDS = {
    "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD",
    "pound": "GBP", "pounds": "GBP", "yen": "JPY",
}  # fmt: skip
_MONTHS = ("january february march april may june july august september october november december").split()
_NUMBER_WORDS = dict(
    zip("two three four five six seven eight nine ten eleven twelve".split(), range(2, 13), strict=True)
)
_DAYS_PER = {"day": "D", "week": "W", "month": "M", "year": "Y"}

_NUMBER = r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)|(?<![\w.,])\d+(?:[.,]\d+)*(?!\w)"
_AMOUNT = r"\d+(?:[.,]\d+)*"
_CODES = "|".join(CURRENCY_DIGITS)
_MONTH_NAMES = "|".join(f"{name}|{name[:3]}" for name in _MONTHS)
_MONTH = rf"(?P<month>{_MONTH_NAMES})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:\s+(?P<year>\d{4}))?"
_WEEKDAY = r"(?:(?:next|this|last)\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_PROPER = r"[A-Z][^\W_]*(?:['’&-][^\W_]+)*"
_LINK = r"(?:of|de|van|von|der|den|du|la|le|di|&|bin)"


def number_value(text: str) -> int | float | None:
    """The number that `text` writes; None when its separators have two readings (`18.400`, `1.2.3`).

    A comma before exactly three digits groups thousands, before one or two it is a decimal comma.
    """
    if re.fullmatch(r"\d+", text):
        return int(text)
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text):
        plain = text.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3}){2,}(,\d+)?|\d{1,3}\.\d{3},\d+", text):
        plain = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d{1,2}", text):
        plain = text.replace(",", ".")
    elif re.fullmatch(r"\d+\.\d+", text) and not re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text):
        plain = text
    else:
        return None
    value = Decimal(plain)
    return int(value) if value == value.to_integral_value() else float(value)


def minor_units(amount: int | float, currency: str) -> int | None:
    """`amount` in the currency's smallest unit; None when it has more decimals than the currency."""
    scaled = Decimal(str(amount)) * 10 ** CURRENCY_DIGITS[currency]
    return int(scaled) if scaled == scaled.to_integral_value() else None


def read_spans(text: str) -> tuple[Span, ...]:
    """The typed parts of `text` in order; no two overlap."""
    taken: list[Span] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            span = read(match)
            if span is not None and all(span.end <= other.start or other.end <= span.start for other in taken):
                taken.append(span)
    taken.extend(_names(text, taken))
    return tuple(sorted(taken, key=lambda span: span.start))


def date_value(value: JsonValue, today: date) -> date | None:
    """The calendar day that a DATE span's value means, counted from `today` when it is relative."""
    if not isinstance(value, str):
        return None
    relative = re.fullmatch(r"P(-?\d+)([DWMY])", value)
    if relative is None:
        return date.fromisoformat(value[:10])
    count, unit = int(relative[1]), relative[2]
    if unit in "DW":
        return date.fromordinal(today.toordinal() + count * (7 if unit == "W" else 1))
    months = today.month - 1 + count * (12 if unit == "Y" else 1)
    year, month = today.year + months // 12, months % 12 + 1
    for day in range(today.day, 27, -1):  # 31 January and one month is the last day of February
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return date(year, month, min(today.day, 28))


def _span(kind: SpanKind, match: re.Match[str], value: JsonValue, currency: str | None = None) -> Span:
    return Span(kind=kind, start=match.start(), end=match.end(), text=match[0], value=value, currency=currency)


def _plain(kind: SpanKind) -> Callable[[re.Match[str]], Span]:
    return lambda match: _span(kind, match, match[0])


def _email(match: re.Match[str]) -> Span:
    local, _, domain = match[0].rpartition("@")
    return _span(SpanKind.EMAIL, match, f"{local}@{domain.lower()}")


def _quoted(match: re.Match[str]) -> Span:
    return _span(SpanKind.QUOTED, match, next(group for group in match.groups() if group is not None))


def _money(match: re.Match[str]) -> Span:
    sign = (match["before"] or match["after"]).strip()
    currency = _CURRENCY_WORDS.get(sign.lower(), sign.upper())
    value = number_value(match["amount"])
    if CURRENCY_DIGITS[currency] == 3 and re.search(r"[.,]\d{3}$", match["amount"]):
        value = None  # 18,400 KWD: eighteen thousand, or eighteen dinars and 400 fils
    if match["scale"] and value is not None:
        value = round(value * {"k": 1_000, "m": 1_000_000}[match["scale"].lower()], 2)
    return _span(SpanKind.MONEY, match, value, currency)


def _number(match: re.Match[str]) -> Span:
    word = _NUMBER_WORDS.get(match[0].lower())
    return _span(SpanKind.NUMBER, match, word if word is not None else number_value(match[0]))


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _iso_date(match: re.Match[str]) -> Span:
    day = _day(*(int(part) for part in match[0][:10].split("-")))
    return _span(SpanKind.DATE, match, day and day + match[0][10:])


def _named_date(match: re.Match[str]) -> Span:
    month = next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(match["month"].lower()[:3]))
    value = _day(int(match["year"]), month, int(match["day"])) if match["year"] else None
    return _span(SpanKind.DATE, match, value)


def _numeric_date(match: re.Match[str]) -> Span:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == "." or first > 12:
        return _span(SpanKind.DATE, match, _day(year, second, first))
    return _span(SpanKind.DATE, match, _day(year, first, second) if second > 12 or first == second else None)


def _relative_date(match: re.Match[str]) -> Span:
    word = match[0].lower()
    named = {"today": "P0D", "tomorrow": "P1D", "yesterday": "P-1D"}.get(word)
    if named is None and match["count"]:
        spelled = _NUMBER_WORDS.get(match["count"].lower())
        count = int(match["count"]) if match["count"].isdigit() else spelled or 1
        named = f"P{count}{_DAYS_PER[match['unit'].lower()]}"
    return _span(SpanKind.DATE, match, named)


def _first_of_range(match: re.Match[str]) -> Span:
    """`3` of `3 to 14 August 2026`, `28 July` of `28 July to 3 August 2026`."""
    name = (match["own"] or match["month"]).lower()[:3]
    month = next(place for place, other in enumerate(_MONTHS, 1) if other.startswith(name))
    return _span(SpanKind.DATE, match, _day(int(match["year"]), month, int(match["first"])))


_COUNT = r"(?P<count>\d+|an?|" + "|".join(_NUMBER_WORDS) + r")\s+(?P<unit>day|week|month|year)s?"
_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Span | None]], ...] = (
    (
        re.compile(r"""(?<![\w])(?:"([^"]+)"|“([^”]+)”|«([^»]+)»|`([^`]+)`|‘([^’]+)’|'((?:[^']|(?<=\w)'(?=\w))+)'(?!\w))"""),
        _quoted,
    ),
    (re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)]"), _plain(SpanKind.URL)),
    (re.compile(r"[\w.+'-]*\w@\w[\w-]*(?:\.[\w-]*\w)+"), _email),
    (re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?(?![\w-])"), _iso_date),
    (re.compile(rf"(?<![\w./-])(?P<first>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+(?P<own>{_MONTH_NAMES})\.?)?"
                rf"(?=\s*(?:to|until|till|through|-|–)\s*{_DAY}\s+{_MONTH}\s+(?P<year>\d{{4}})\b)", re.I),
     _first_of_range),
    (re.compile(rf"(?<![A-Za-z]-)\b{_DAY}(?:\s+of)?\s+{_MONTH}\b,?{_YEAR}\b", re.I), _named_date),
    (re.compile(rf"\b{_MONTH}\s+{_DAY}\b,?{_YEAR}\b", re.I), _named_date),
    (re.compile(r"(?<![\w./])(\d{1,2})([./])(\d{1,2})[./](\d{4})(?![\w/])"), _numeric_date),
    (re.compile(rf"\b(?:in\s+{_COUNT}(?:\s+time)?|today|tomorrow|yesterday|{_WEEKDAY})\b", re.I), _relative_date),
    (re.compile(rf"\b{_COUNT}\s+from\s+(?:now|today)\b", re.I), _relative_date),
    (
        re.compile(
            rf"(?<![\w.,])(?:(?P<before>[€$£¥]|(?:{_CODES})\b)\s?(?P<amount>{_AMOUNT})(?P<scale>[kKmM]\b)?(?!\w)(?P<after>)"
            r")"
        ),
        _money,
    ),
    (
        re.compile(
            rf"(?<![\w.,])(?P<before>)(?P<amount>{_AMOUNT})\s?(?P<scale>[kKmM](?=\s))?\s?"
            rf"(?P<after>[€$£¥]|(?:{_CODES}|euros?|dollars?|pounds?|yen)\b)"
        ),
        _money,
    ),
    (re.compile(r"(?P<value>\d+(?:\.\d+)?)\s?(?:%|percent\b|per cent\b)"),
     lambda match: _span(SpanKind.PERCENT, match, number_value(match["value"]))),
    (re.compile(r"(?<![\w+])\+\d[\d ()/-]{5,}\d(?!\w)"), _plain(SpanKind.PHONE)),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), _plain(SpanKind.ID)),
    (re.compile(r"(?<![\w-])[a-z]{2,6}_(?=[a-z]*[A-Z])[A-Za-z0-9]{6,}(?![\w-])"), _plain(SpanKind.ID)),
    (re.compile(r"(?<![\w-])(?=[\w-]*\d)[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)+(?![\w-])"), _plain(SpanKind.ID)),
    (re.compile(r"(?<![\w-])(?:[A-Z]{1,6}\d{2,}|[A-Z]{2,6}\d+)(?![\w-])"), _plain(SpanKind.ID)),
    (re.compile(r"(?<![\w-])\d+(?:-\d+)+(?![\w-])"), _plain(SpanKind.ID)),
    (re.compile(r"(?<!\w)#(\d+)\b"), lambda match: _span(SpanKind.ID, match, match[1])),
    (re.compile(_NUMBER + r"|\b(?:" + "|".join(_NUMBER_WORDS) + r")\b", re.I), _number),
)  # fmt: skip


def _names(text: str, taken: Iterable[Span]) -> Iterable[Span]:
    """Runs of capitalised words outside the other spans. The word that opens a sentence is not part of one, but what
    follows a colon may be a name (`a contact: Ada Lovelace`)."""
    blanked = list(text)
    for span in taken:
        blanked[span.start : span.end] = "\0" * (span.end - span.start)
    pattern = re.compile(rf"{_PROPER}(?:\s+(?:{_LINK}\s+)?{_PROPER})*")
    for match in pattern.finditer("".join(blanked)):
        start, end = match.span()
        opening = re.search(r"(?:^|[.!?:;\n]\s*|^\W+)$", text[:start])
        if opening and not (opening[0].startswith(":") and " " in match[0]):
            first = re.match(r"\S+\s*", match[0])
            start += first.end() if first else 0
        if start < end:
            yield Span(kind=SpanKind.NAME, start=start, end=end, text=text[start:end], value=text[start:end])
