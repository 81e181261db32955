from __future__ import annotations

import pytest

from discovery import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("getSalesOrder", ["get", "sales", "order"]),
        ("HTTPServer", ["http", "server"]),
        ("time-off_requests", ["time", "off", "requests"]),
        ("", []),
    ],
)
def test_a_name_is_split_into_words(text: str, expected: list[str]) -> None:
    assert expected == words.split(text)


@pytest.mark.parametrize(
    ("plural", "expected"),
    [("companies", "company"), ("addresses", "address"), ("people", "person"), ("status", "status"), ("boxes", "box"),
     ("invoices", "invoice"), ("business", "business"), ("sms", "sms"), ("statuses", "status"),
     ("analysis", "analysis")],
)  # fmt: skip
def test_a_plural_becomes_its_singular(plural: str, expected: str) -> None:
    assert expected == words.singular(plural)


def test_a_segment_becomes_a_noun() -> None:
    assert ["sales_order", "company", ""] == [words.noun(one) for one in ("sales-orders", "Companies", "-")]
