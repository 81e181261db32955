"""No expression costs much, whatever it says and whatever it reads."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tools import errors
from tools.expressions import parse, resolve
from tools.labels import Label, labelled

NOW = datetime(2026, 1, 31, tzinfo=UTC)
LONG_TEXT = "x" * 90_000
SCOPE = {
    "rows": labelled(list(range(9_000)), Label.TYPED),
    "text": labelled(LONG_TEXT, Label.TEXT),
    "words": labelled(["y"] * 9_000, Label.TEXT),
}


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("x" * 4_001, "at most 4000 characters"),
        ("+".join(["1"] * 400), "nested at most 40"),
        ("[" + ",".join(["1"] * 600) + "]", "at most 500 parts"),
        ("-" * 3_000 + "1", "column 1"),
        ("not " * 900 + "1", "nested at most 40"),
        ("[" * 90 + "]" * 90, "nested at most 40"),
        ("9" * 3_999, "64 bits"),
    ],
)
def test_a_source_too_big_or_too_deep_is_refused(source: str, named: str) -> None:
    with pytest.raises(errors.ExpressionInvalid) as caught:
        parse(source)
    assert named in caught.value.message


@pytest.mark.parametrize(
    "source",
    [
        "text + text",
        "rows + rows",
        "join(words, text)",
        "[sum(rows + [1]) for row in rows]",
        "[row in rows for row in rows]",
        "['z' in text for row in rows]",
        "[f'{text}' for row in rows]",
        "[rows == rows for row in rows]",
        "split(text + text, 'x')",
        "[upper(text) for row in rows]",
        "[rows for row in rows]",
    ],
)
def test_an_evaluation_too_costly_ends_soon_and_says_so(source: str) -> None:
    expression = parse(source)
    began = time.process_time()
    with pytest.raises(errors.ExpressionFailed, match=r"too (big|much)"):
        expression.evaluate(SCOPE, NOW, Label.USER)
    assert time.process_time() - began < 3


def test_ordinary_work_over_a_full_page_stays_within_the_bounds() -> None:
    page: Any = [{f"field{index}": index for index in range(30)} for _ in range(500)]
    scope = {"found": labelled({"data": page}, Label.TYPED)}
    total = parse("sum(one.field3 for one in found.data if one.field1 == 1 and 'field2' in one)")
    assert 1500 == total.evaluate(scope, NOW, Label.USER).plain()
    assert 500 == parse("len(found.data)").evaluate(scope, NOW, Label.USER).plain()


def test_arguments_nested_too_deep_are_refused() -> None:
    deep: Any = 1
    for _ in range(60):
        deep = [deep]
    with pytest.raises(errors.ExpressionInvalid, match="nested at most 50 deep"):
        resolve(deep, {}, NOW, Label.MODEL)


def test_a_value_nested_too_deep_is_a_failed_expression() -> None:
    deep = labelled(1, Label.TEXT)
    for _ in range(3_000):
        deep = type(deep)(value=(deep,), own=Label.TEXT)
    with pytest.raises(errors.ExpressionFailed, match="nested too deep"):
        parse("[x, x] == [x]").evaluate({"x": deep}, NOW, Label.USER)
