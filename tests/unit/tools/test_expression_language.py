"""What expressions mean, and what the language leaves out."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import errors
from tools.expressions import parse, references_in, resolve
from tools.labels import Label, labelled

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
SCOPE = {
    "deal": labelled(
        {
            "id": "D-104",
            "amount": 18400.0,
            "stage": "won",
            "company": None,
            "odd key": 1,
            "lines": [{"sku": "A", "net": 0.1}, {"sku": "B", "net": 0.2}],
        },
        Label.TYPED,
        "step:deal",
    ),
    "rates": labelled({"EUR": 2, "USD": 3}, Label.ADMIN, "registry"),
    "note": labelled(" Hello ", Label.TEXT, "step:mail"),
}


def value(source: str) -> Any:
    return parse(source).evaluate(SCOPE, NOW, Label.USER).plain()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("deal.id", "D-104"),
        ('deal["odd key"]', 1),
        ("deal.lines[-1].sku", "B"),
        ('rates["EU" + "R"]', 2),
        ("deal.lines[len(deal.lines) - 1].sku", "B"),
        ("deal.owner if 'owner' in deal else note", " Hello "),
        ("deal.company is null", True),
        ("deal.company == None", True),
        ("1 < 2 <= 2 != 3", True),
        ("1 < 2 > 5", False),
        ("'ell' in note and not 'x' in note", True),
        ("2 in [1, 2]", True),
        ("0 or '' or 'last'", "last"),
        ("true and false", False),
        ("{'a': 1, 'b': [deal.id]}", {"a": 1, "b": ["D-104"]}),
        ("[line.net for line in deal.lines if line.sku != 'A']", [0.2]),
        ("sum(line.net for line in deal.lines)", 0.3),
        ("[1] + [2, 3]", [1, 2, 3]),
        ("f'{deal.id}: {deal.amount:,.2f} {true}'", "D-104: 18,400.00 true"),
        ("round(18400.00 * 100)", 1840000),
        ("round(1.005 * 100)", 100),
        ("round(2.675, 2)", 2.68),
        ("0.1 + 0.2", 0.3),
        ("round(number('1240.50') * 100)", 124050),
        ("number(' -7 ') + number(2)", -5),
        ("7 / 2", 3.5),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("7.5 // -2", -4.0),
        ("min(3, 1, 2) + max([1.5, 2.5])", 3.5),
        ("upper(strip(note)) + lower('X')", "HELLOx"),
        ("join(split('a b  c'), '-')", "a-b-c"),
        ("split('a,b', ',')[1]", "b"),
        ("len('abc') + len([1]) + len(deal)", 10),
        ("date('2026-01-31T23:00:00+02:00')", "2026-01-31"),
        ("date('2026-01-31') + days(30)", "2026-03-02"),
        ("date(now()) - days(31)", "2025-12-31"),
        ("now() + days(1)", "2026-02-01T09:30:00Z"),
        ("date('2026-03-01') - date('2026-02-01')", 28),
        ("now()", "2026-01-31T09:30:00Z"),
    ],
)
def test_an_expression_means_what_python_readers_expect(source: str, expected: Any) -> None:
    got = value(source)
    assert expected == got
    assert isinstance(got, type(expected))


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("deal.owner", "deal has no `owner`; there are: amount, company, id, lines, odd key, stage"),
        ("deal.company.id", "deal.company is null"),
        ("deal.lines[2]", "deal.lines has only 2 elements"),
        ("deal['lines'].sku", "deal[lines] is a list"),
        ("order.id", "there is no `order` here; there are: deal, note, rates"),
        ("note + 1", "between a text and a number"),
        ("note * 3", "between a text and a number"),
        ("true + 1", "between a boolean and a number"),
        ("1 < 'a'", "have no order"),
        ("1 / (2 - 2)", "division by zero"),
        ("9223372036854775807 + 1", "too big"),
        ("1e308 * 10", "too big"),
        ("-note", "a sign stands before a number"),
        ("f'{deal.company}'", "null cannot be written"),
        ("f'{deal.lines}'", "a list cannot be written"),
        ("date(note)", "YYYY-MM-DD"),
        ("date('2026-01-01') + 3", "between a text and a number"),
        ("date('9999-12-31') + days(1)", "years 1 to 9999"),
        ("[x for x in deal]", "goes over a list"),
        ("{1: 2}", "keys of an object are texts"),
        ("min([])", "empty list"),
        ("join(['a', 1], ',')", "needs a text"),
    ],
)
def test_an_expression_without_a_value_says_why_and_where(source: str, named: str) -> None:
    with pytest.raises(errors.ExpressionFailed) as caught:
        value(source)
    assert named in caught.value.message


def test_a_failure_never_repeats_the_value_that_caused_it() -> None:
    scope = {"mail": labelled({"body": "secret-4711"}, Label.TEXT)}
    for source in ("mail.body + 1", "mail.body.x", "mail[mail.body]", "date(mail.body)", "f'{mail.body:.2f}'"):
        with pytest.raises(errors.ExpressionFailed) as caught:
            parse(source).evaluate(scope, NOW, Label.USER)
        assert "4711" not in f"{caught.value.message}{caught.value.data}", source


@pytest.mark.parametrize(
    ("source", "column", "named"),
    [
        ("", 1, "not an expression"),
        ("deal.", None, "not an expression"),
        ("a; b", 2, "not an expression"),
        ("x = 1", 3, "not an expression"),
        ("'é' + 2 ** 3", 7, "of the operators there are only"),
        ("1 + (lambda: 2)", 6, "a lambda"),
        ("(x := 1)", 2, "`:=`"),
        ("a.lower()", 1, "write lower(value)"),
        ("eval('1')", 1, "no such function"),
        ("__import__('os')", 1, "no such function"),
        ("len(*a)", 5, "`*`"),
        ("round(1, digits=2)", 1, "named arguments"),
        ("len(1, 2)", 1, "takes 1 arguments"),
        ("a[1:2]", 3, "one index"),
        ("(1, 2)", 1, "write a list"),
        ("{1, 2}", 1, "a set"),
        ("{**a}", 1, "`**`"),
        ("{a: b for a in c}", 1, "DictComp"),
        ("[x for y in a for x in y]", 1, "one level"),
        ("[[x for x in y] for y in a]", 2, "one level"),
        ("[a for a, b in c]", 1, "one plain name"),
        ("a is b", 6, "only for null"),
        ("~a", 1, "`~`"),
        ("b'x'", 1, "only texts, numbers"),
        ("1j", 1, "only texts, numbers"),
        ("...", 1, "only texts, numbers"),
        ("1e999", 1, "only texts, numbers"),
        ("99999999999999999999", 1, "64 bits"),
        ("'\\ud800'", 1, "surrogate"),
        ("f'{a:{b}}'", None, "simple number formats"),
        ("f'{a:>9999999}'", None, "simple number formats"),
        ("f'{a!r}'", None, "simple number formats"),
    ],
)
def test_what_is_outside_the_language_is_refused_with_its_column(source: str, column: int | None, named: str) -> None:
    with pytest.raises(errors.ExpressionInvalid) as caught:
        parse(source)
    assert named in caught.value.message
    assert "Allowed are" in caught.value.message
    assert column in (None, caught.value.data["column"])


@pytest.mark.parametrize(
    ("source", "names", "paths"),
    [
        ("1 + len('x')", set(), set()),
        ("deal.company.id", {"deal"}, {"deal.company.id"}),
        ("found.data[0]['id']", {"found"}, {"found.data[].id"}),
        ("found['odd key']", {"found"}, {'found["odd key"]'}),
        ("rates[deal.currency].value", {"rates", "deal"}, {"rates", "deal.currency"}),
        ("[x.id for x in found.data if x.owner == me.id]", {"found", "me"},
         {"found.data", "found.data[].id", "found.data[].owner", "me.id"}),
        ("sum(x.net for x in lines)", {"lines"}, {"lines", "lines[].net"}),
        ("f'{a.b} {c}' if true else null", {"a", "c"}, {"a.b", "c"}),
    ],
)  # fmt: skip
def test_an_expression_tells_what_it_reads(source: str, names: set[str], paths: set[str]) -> None:
    expression = parse(source)
    assert (names, paths) == (set(expression.names), set(expression.references))


def test_arguments_are_resolved_wherever_an_expression_stands_in_them() -> None:
    arguments: Any = {"to": {"$": "deal.id"}, "lines": [{"net": {"$": "deal.lines[0].net"}}, 7], "note": None}
    made = resolve(arguments, SCOPE, NOW, Label.MODEL)
    assert {"to": "D-104", "lines": [{"net": 0.1}, 7], "note": None} == made.plain()
    assert {
        "/to": (Label.TYPED, {"step:deal"}),
        "/lines/0/net": (Label.TYPED, {"step:deal"}),
        "/lines/1": (Label.MODEL, {"plan"}),
        "/note": (Label.MODEL, {"plan"}),
    } == {pointer: (leaf.label, set(leaf.origins)) for pointer, leaf in made.leaves()}
    assert {"deal.id", "deal.lines[].net"} == references_in(arguments)


@pytest.mark.parametrize(
    ("arguments", "pointer", "error"),
    [
        ({"a/b": [{"$": "1 +"}]}, "/a~1b/0", errors.ExpressionInvalid),
        ({"a": {"$": 1}}, "/a", errors.ExpressionInvalid),
        ({"a": {"$": "1", "b": 2}}, "/a", errors.ExpressionInvalid),
        ({"a": {"$": "nobody.id"}}, "/a", errors.ExpressionFailed),
    ],
)
def test_an_argument_that_cannot_be_resolved_is_named_by_its_pointer(
    arguments: Any, pointer: str, error: type[errors.InterlockError]
) -> None:
    with pytest.raises(error) as caught:
        resolve(arguments, SCOPE, NOW, Label.MODEL)
    assert pointer == caught.value.data["pointer"]


TOKENS = [
    *("deal", "rates", "note", "x", ".", "id", "lines", "[", "]", "(", ")", "{", "}", ":", ",", "0", "1", "2.5", "'a'"),
    *("+", "-", "*", "/", "//", "%", "**", "<", "==", " in ", " not ", " and ", " or ", " if ", " else ", " for "),
    *(
        "len",
        "round",
        "number",
        "sum",
        "split",
        "join",
        "date",
        "days",
        "now",
        "f'",
        "'",
        '"',
        "\\",
        "\x00",
        "true",
        "null",
        "\n",
    ),
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=25).map("".join)))
def test_no_text_makes_parsing_or_evaluating_fail_otherwise(source: str) -> None:
    with contextlib.suppress(errors.ExpressionInvalid, errors.ExpressionFailed):
        parse(source).evaluate(SCOPE, NOW, Label.USER)


@given(st.integers(-(10**12), 10**12), st.integers(-(10**6), 10**6))
def test_whole_numbers_compute_as_in_python(left: int, right: int) -> None:
    expected = [left + right, left - right, left * right]
    assert expected == value(f"[{left} + {right}, {left} - {right}, {left} * {right}]")
    if right:
        assert [left // right, left % right] == value(f"[{left} // {right}, {left} % {right}]")


@given(st.decimals(0, 10**9, places=2))
def test_an_amount_in_major_units_becomes_exactly_its_cents(amount: Any) -> None:
    assert int(amount * 100) == value(f"round({float(amount)!r} * 100)")
