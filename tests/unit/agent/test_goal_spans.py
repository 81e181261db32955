"""The typed parts of a goal's text."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.goal import SpanKind, date_value, minor_units, number_value, read_spans

K = SpanKind


def told(text: str) -> list[tuple[SpanKind, object, str | None]]:
    return [(span.kind, span.value, span.currency) for span in read_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to Ada.L@Example.COM.", [(K.EMAIL, "Ada.L@example.com", None)]),
        ("invoice 18,400 EUR", [(K.MONEY, 18400, "EUR")]),
        ("invoice €1,250.50", [(K.MONEY, 1250.5, "EUR")]),
        ("pay 1.234,56 euros", [(K.MONEY, 1234.56, "EUR")]),
        ("pay USD 20k", [(K.MONEY, 20000, "USD")]),
        ("pay 5 yen", [(K.MONEY, 5, "JPY")]),
        ("pay 18.400 EUR", [(K.MONEY, None, "EUR")]),
        ("pay 18,400 KWD", [(K.MONEY, None, "KWD")]),
        ("due 2026-03-01", [(K.DATE, "2026-03-01", None)]),
        ("at 2026-03-01T09:30:00Z", [(K.DATE, "2026-03-01T09:30:00Z", None)]),
        ("due 1 March 2026", [(K.DATE, "2026-03-01", None)]),
        ("due 1st of March 2026", [(K.DATE, "2026-03-01", None)]),
        ("due March 5, 2027", [(K.DATE, "2027-03-05", None)]),
        ("due 24.12.2026", [(K.DATE, "2026-12-24", None)]),
        ("due 13/02/2026", [(K.DATE, "2026-02-13", None)]),
        ("due 03/04/2026", [(K.DATE, None, None)]),
        ("due 1 March", [(K.DATE, None, None)]),
        ("due next Friday", [(K.DATE, None, None)]),
        ("due 2026-02-30", [(K.DATE, None, None)]),
        ("due tomorrow", [(K.DATE, "P1D", None)]),
        ("due in 30 days", [(K.DATE, "P30D", None)]),
        ("due in two weeks", [(K.DATE, "P2W", None)]),
        ("close D-104 and cus_9x", [(K.ID, "D-104", None), (K.ID, "cus_9x", None)]),
        ("void in_TmKxxLkazOKdz", [(K.ID, "in_TmKxxLkazOKdz", None)]),
        ("close #42", [(K.ID, "42", None)]),
        ("say 'it's done' now", [(K.QUOTED, "it's done", None)]),
        ("say “so be it”", [(K.QUOTED, "so be it", None)]),
        ('name it "Ada, D-104"', [(K.QUOTED, "Ada, D-104", None)]),
        ("open https://x.example/a?b=1.", [(K.URL, "https://x.example/a?b=1", None)]),
        ("call +49 30 1234567", [(K.PHONE, "+49 30 1234567", None)]),
        ("give 15 %", [(K.PERCENT, 15, None)]),
        ("order five or 12", [(K.NUMBER, 5, None), (K.NUMBER, 12, None)]),
        ("Add Ada Lovelace of O'Brien & Sons Ltd.", [(K.NAME, "Ada Lovelace of O'Brien & Sons Ltd", None)]),
        ("Add the Head of Sales", [(K.NAME, "Head of Sales", None)]),
        ("Create a contact: Ada Lovelace", [(K.NAME, "Ada Lovelace", None)]),
        ("close the ticket", []),
    ],
)
def test_each_kind_of_part_is_read(text: str, expected: list[tuple[SpanKind, object, str | None]]) -> None:
    assert expected == told(text)


@given(st.text(max_size=200))
@settings(max_examples=100)
def test_spans_lie_in_order_and_never_overlap(text: str) -> None:
    spans = read_spans(text)
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("P0D", date(2026, 1, 31)),
        ("P1D", date(2026, 2, 1)),
        ("P2W", date(2026, 2, 14)),
        ("P1M", date(2026, 2, 28)),
        ("P11M", date(2026, 12, 31)),
        ("P1Y", date(2027, 1, 31)),
        ("P-1D", date(2026, 1, 30)),
        ("2026-03-01", date(2026, 3, 1)),
        (None, None),
    ],
)
def test_a_relative_date_counts_from_today(value: str | None, expected: date | None) -> None:
    assert expected == date_value(value, date(2026, 1, 31))


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [(18400, "EUR", 1840000), (19.99, "EUR", 1999), (500, "JPY", 500), (1.234, "KWD", 1234), (0.005, "EUR", None),
     (0.5, "JPY", None)],
)  # fmt: skip
def test_minor_units_follow_the_currency(amount: float, currency: str, expected: int | None) -> None:
    assert expected == minor_units(amount, currency)


@given(st.integers(min_value=0, max_value=10**12))
@settings(max_examples=50)
def test_grouping_thousands_does_not_change_a_number(number: int) -> None:
    assert number == number_value(str(number)) == number_value(f"{number:,}")
