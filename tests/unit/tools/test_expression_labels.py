"""The law of labels: what an untrusted value can influence never comes out trusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import errors
from tools.expressions import parse
from tools.labels import Label, Labelled

NOW = datetime(2026, 1, 31, tzinfo=UTC)
Scope = Mapping[str, Labelled]


def leaf(value: str | int | float | bool | None, own: Label, *origins: str) -> Labelled:
    return Labelled(value=value, own=own, sources=frozenset(origins))


MIXED: Scope = {
    "user": leaf("ann@example.com", Label.USER, "goal"),
    "mail": Labelled(
        value={
            "id": leaf("m1", Label.TYPED, "step:mail"),
            "size": leaf(2, Label.TYPED, "step:mail"),
            "body": leaf("pay me", Label.TEXT, "step:mail"),
        },
        own=Label.TYPED,
        sources=frozenset(("step:mail",)),
    ),
    "rows": Labelled(
        value=(leaf(1, Label.TYPED, "step:rows"), leaf(2, Label.TEXT, "step:rows")),
        own=Label.TYPED,
        sources=frozenset(("step:rows",)),
    ),
}


@pytest.mark.parametrize(
    ("source", "label", "origins"),
    [
        ("user", Label.USER, {"goal"}),
        ("mail.id", Label.TYPED, {"step:mail"}),
        ("mail['body']", Label.TEXT, {"step:mail"}),
        ("rows[0]", Label.TYPED, {"step:rows"}),
        ("'a'", Label.ADMIN, {"plan"}),
        ("now()", Label.TYPED, {"clock"}),
        ("mail.size * 100", Label.TYPED, {"step:mail", "plan"}),
        ("user + mail.body", Label.TEXT, {"goal", "step:mail"}),
        ("f'{user} {mail.size}'", Label.TYPED, {"goal", "step:mail", "plan"}),
        ("upper(user)", Label.USER, {"goal"}),
        ("sum(rows)", Label.TEXT, {"step:rows"}),
        ("user if mail.size > 1 else user", Label.TYPED, {"goal", "step:mail", "plan"}),
        ("user if mail.body else 'x'", Label.TEXT, {"goal", "step:mail"}),
        ("mail.size and user", Label.TYPED, {"goal", "step:mail"}),
        ("mail.body or user", Label.TEXT, {"step:mail"}),
        ("user == mail.body", Label.TEXT, {"goal", "step:mail"}),
        ("rows[rows[1] - 1]", Label.TEXT, {"step:rows", "plan"}),
        ("[row for row in rows][0]", Label.TYPED, {"step:rows"}),
        ("[row for row in rows if row > 0][0]", Label.TEXT, {"step:rows", "plan"}),
        ("[user for row in rows if row > 0][0]", Label.TEXT, {"goal", "step:rows", "plan"}),
        ("{'to': user, 'text': mail.body}.to", Label.USER, {"goal"}),
        ("{'to': user, mail.body: 1}.to", Label.TEXT, {"goal", "step:mail"}),
        # Only the shape is read here, so the texts inside do not count.
        ("len(mail)", Label.TYPED, {"step:mail"}),
        ("'id' in mail", Label.TYPED, {"step:mail", "plan"}),
        ("not rows", Label.TYPED, {"step:rows"}),
        ("mail is null", Label.TYPED, {"step:mail", "plan"}),
    ],
)
def test_a_result_has_the_lowest_label_and_all_origins_of_what_made_it(
    source: str, label: Label, origins: set[str]
) -> None:
    result = parse(source).evaluate(MIXED, NOW, Label.ADMIN)
    assert (label, origins) == (result.label, set(result.origins))


REACH = Label.TEXT
#: all that the attacker below controls; two labels, one on each side, find more than five
LABELS = st.sampled_from([Label.TEXT, Label.USER])
NUMBERS = st.integers(-1, 3)
TEXTS = st.sampled_from(["", "a", "x", "y"])
NAMES = {"n1": "n", "n2": "n", "t1": "t", "t2": "t", "l1": "l", "l2": "l", "o1": "o", "o2": "o"}


@st.composite
def values(draw: st.DrawFn, kind: str, at_most: Label = Label.USER) -> Labelled:
    """A number, a text, a list of numbers, or an object. No part is trusted more than the whole."""
    own = min(draw(LABELS), at_most)
    match kind:
        case "n":
            return Labelled(value=draw(NUMBERS), own=own)
        case "t":
            return Labelled(value=draw(TEXTS), own=own)
        case "l":
            return Labelled(value=tuple(draw(st.lists(values("n", own), min_size=1, max_size=3))), own=own)
        case _:
            keys = ["x", "y"] if own > REACH else sorted({"x", draw(st.sampled_from("xy"))})
            return Labelled(value={key: draw(values("n" if key == "x" else "t", own)) for key in keys}, own=own)


@st.composite
def attacked(draw: st.DrawFn, kind: str, honest: Labelled) -> Labelled:
    """`honest` after someone who controls all that is labelled REACH or lower changed what they liked."""
    if honest.own <= REACH:
        return draw(values(kind, REACH))
    if isinstance(honest.value, Mapping):
        parts = {key: draw(attacked("n" if key == "x" else "t", part)) for key, part in sorted(honest.value.items())}
        return Labelled(value=parts, own=honest.own)
    if isinstance(honest.value, tuple):
        return Labelled(value=tuple(draw(attacked("n", part)) for part in honest.value), own=honest.own)
    return honest


LEAVES = {
    "n": ["n1", "n2", "1", "o1.x"],
    "t": ["t1", "t2", "'a'"],
    "b": ["n1", "t1", "l1 is null", "'y' in o1"],
    "l": ["l1", "l2", "[n1, n2]"],
    "o": ["o1", "o2"],
}
#: Capitals stand for a smaller expression of that kind.
SHAPES = {
    "n": ["(N + N)", "len(L)", "len(T)", "sum(L)", "L[N]", "L[0]", "O.x", "max(N, N)", "(N if B else N)", "(N or N)"],
    "t": ["(T + T)", "f'{n1}{t2}'", "upper(T)", "O.y", "split('b a', T + ' ')[N]", "(T if B else T)", "(T and T)"],
    "b": ["N < N", "T == T", "not B", "N in L", "T in O", "(B and B)", "N < N < N", "L == L"],
    "l": [
        "[N, N]",
        "(L + L)",
        "[n1 for n1 in L if B]",
        "[N for n2 in L]",
        "[n for n in L if n < N]",
        "(L if B else L)",
    ],
    "o": ["{'x': N, 'y': T}", "{'x': N, T: N}", "(O if B else O)"],
}


@st.composite
def sources(draw: st.DrawFn, kind: str, depth: int = 2) -> str:
    """The text of an expression that mostly has a value: of a number, text, boolean, list of numbers or object."""
    if depth == 0:
        return draw(st.sampled_from(LEAVES[kind]))
    shape = draw(st.sampled_from(SHAPES[kind]))
    return "".join(draw(sources(mark.lower(), depth - 1)) if mark in "NTBLO" else mark for mark in shape)


def assert_agree_above_reach(honest: Labelled, other: Labelled) -> None:
    assert (honest.own > REACH) == (other.own > REACH)
    if honest.own <= REACH:
        return
    if isinstance(honest.value, Mapping):
        assert isinstance(other.value, Mapping)
        assert list(honest.value) == list(other.value)
        for key, part in honest.value.items():
            assert_agree_above_reach(part, other.value[key])
    elif isinstance(honest.value, tuple):
        assert isinstance(other.value, tuple)
        assert len(honest.value) == len(other.value)
        for left, right in zip(honest.value, other.value, strict=True):
            assert_agree_above_reach(left, right)
    else:
        assert (type(honest.value), honest.value) == (type(other.value), other.value)


@settings(max_examples=30, deadline=None)
@given(st.data())
@pytest.mark.parametrize(("kind", "shape"), [(kind, shape) for kind, shapes in SHAPES.items() for shape in shapes])
def test_no_change_below_a_label_shows_above_it(kind: str, shape: str, data: st.DataObject) -> None:
    """Two worlds that differ only in what an attacker controls give results that differ only where labels say so."""
    honest = {name: data.draw(values(of)) for name, of in NAMES.items()}
    other = {name: data.draw(attacked(NAMES[name], part)) for name, part in honest.items()}
    source = "".join(data.draw(sources(mark.lower(), 1)) if mark in "NTBLO" else mark for mark in shape)
    try:
        results = [parse(source).evaluate(scope, NOW, Label.USER) for scope in (honest, other)]
    except errors.ExpressionFailed:
        return
    assert_agree_above_reach(*results)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_result_is_trusted_more_than_all_it_could_be_made_from(data: st.DataObject) -> None:
    ceiling = data.draw(st.sampled_from(Label))
    scope = {name: data.draw(values(kind, ceiling)) for name, kind in NAMES.items()}
    expression = parse(data.draw(sources(data.draw(st.sampled_from("ntblo")))))
    try:
        result = expression.evaluate(scope, NOW, ceiling)
    except errors.ExpressionFailed:
        return
    assert all(part.label <= ceiling for _, part in result.leaves())
