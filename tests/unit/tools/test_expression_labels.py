"""The law of labels: what an untrusted value can influence never comes out trusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, settings
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


LABELS = st.sampled_from(list(Label))
NUMBERS = st.integers(-3, 5)
TEXTS = st.sampled_from(["", "a", "b", "x", "y", "2026-01-01"])


def scalars(kind: str, at_most: Label) -> st.SearchStrategy[Labelled]:
    return st.builds(
        lambda value, own: Labelled(value=value, own=min(own, at_most)), NUMBERS if kind == "n" else TEXTS, LABELS
    )


@st.composite
def containers(draw: st.DrawFn, kind: str, at_most: Label) -> Labelled:
    """A list of numbers, or an object whose keys x and y may be missing. No part is trusted more than the whole."""
    own = min(draw(LABELS), at_most)
    if kind == "l":
        return Labelled(value=tuple(draw(st.lists(scalars("n", own), max_size=3))), own=own)
    keys = draw(st.sets(st.sampled_from("xy")))
    return Labelled(value={key: draw(scalars("n" if key == "x" else "t", own)) for key in sorted(keys)}, own=own)


def values(kind: str, at_most: Label) -> st.SearchStrategy[Labelled]:
    return scalars(kind, at_most) if kind in "nt" else containers(kind, at_most)


NAMES = {"n1": "n", "n2": "n", "t1": "t", "t2": "t", "l1": "l", "l2": "l", "o1": "o", "o2": "o"}


@st.composite
def attacked(draw: st.DrawFn, kind: str, honest: Labelled, reach: Label) -> Labelled:
    """`honest` after someone who controls all that is labelled `reach` or lower changed what they liked."""
    if honest.own <= reach:
        return draw(values(kind, reach))
    if isinstance(honest.value, Mapping):
        parts = {
            key: draw(attacked("n" if key == "x" else "t", part, reach)) for key, part in sorted(honest.value.items())
        }
        return Labelled(value=parts, own=honest.own)
    if isinstance(honest.value, tuple):
        return Labelled(value=tuple(draw(attacked("n", part, reach)) for part in honest.value), own=honest.own)
    return honest


@st.composite
def sources(draw: st.DrawFn, kind: str, depth: int = 3) -> str:
    """The text of an expression that mostly has a value: of a number, text, boolean, list of numbers or object."""

    def inner(of: str) -> str:
        return draw(sources(of, depth - 1))

    leaves = {
        "n": ["n1", "n2", "1", "o1.x", "l1[0]", "o2['x']"],
        "t": ["t1", "t2", "'a'", "o1.y"],
        "b": ["true", "'x' in o1", "l1 is null"],
        "l": ["l1", "l2", "[]"],
        "o": ["o1", "o2"],
    }[kind]
    if depth == 0:
        return draw(st.sampled_from(leaves))
    shapes = {
        "n": ["({n} + {n})", "({n} * {n})", "len({l})", "len({t})", "sum({l})", "{l}[{n}]", "{o}.x", "max({n}, {n})"],
        "t": ["({t} + {t})", "f'{{n1}}{{t2}}'", "upper({t})", "{o}.y", "split({t} + 'b a')[{n}]"],
        "b": ["{n} < {n}", "{t} == {t}", "not {b}", "{n} in {l}", "{t} in {o}", "({b} and {b})", "{n} < {n} < {n}"],
        "l": ["[{n}, {n}]", "({l} + {l})", "[n1 for n1 in {l} if {b}]", "[{n} for n2 in {l}]", "[n for n in {l} if n < 2]"],
        "o": ["{{'x': {n}, 'y': {t}}}", "{{'x': {n}, {t}: {n}}}"],
    }[kind]  # fmt: skip
    common = ["({%s} if {b} else {%s})" % (kind, kind), "({%s} or {%s})" % (kind, kind)]  # noqa: UP031 braces
    template = draw(st.sampled_from([*leaves, *shapes, *common]))
    if template in leaves:
        return template
    while any(mark in template for mark in ("{n}", "{t}", "{b}", "{l}", "{o}")):
        at, mark = min((template.find(mark), mark) for mark in ("{n}", "{t}", "{b}", "{l}", "{o}") if mark in template)
        filled = inner(mark[1]).replace("{", "\0").replace("}", "\1")
        template = template[:at] + filled + template[at + 3 :]
    return template.replace("{{", "{").replace("}}", "}").replace("\0", "{").replace("\1", "}")


def assert_agree_above(reach: Label, honest: Labelled, other: Labelled) -> None:
    assert (honest.own > reach) == (other.own > reach)
    if honest.own <= reach:
        return
    if isinstance(honest.value, Mapping):
        assert isinstance(other.value, Mapping)
        assert list(honest.value) == list(other.value)
        for key, part in honest.value.items():
            assert_agree_above(reach, part, other.value[key])
    elif isinstance(honest.value, tuple):
        assert isinstance(other.value, tuple)
        assert len(honest.value) == len(other.value)
        for left, right in zip(honest.value, other.value, strict=True):
            assert_agree_above(reach, left, right)
    else:
        assert (type(honest.value), honest.value) == (type(other.value), other.value)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_change_below_a_label_shows_above_it(data: st.DataObject) -> None:
    """Two worlds that differ only in what an attacker controls give results that differ only where labels say so."""
    reach = data.draw(st.sampled_from([Label.MODEL, Label.TEXT, Label.TYPED, Label.ADMIN]))
    honest = {name: data.draw(values(kind, Label.USER)) for name, kind in NAMES.items()}
    other = {name: data.draw(attacked(NAMES[name], part, reach)) for name, part in honest.items()}
    expression = parse(data.draw(sources(data.draw(st.sampled_from("ntblo")))))
    constants = data.draw(LABELS)
    try:
        results = [expression.evaluate(scope, NOW, constants) for scope in (honest, other)]
    except errors.ExpressionFailed:
        assume(False)
    assert_agree_above(reach, *results)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_result_is_trusted_more_than_all_it_could_be_made_from(data: st.DataObject) -> None:
    ceiling = data.draw(LABELS)
    scope = {name: data.draw(values(kind, ceiling)) for name, kind in NAMES.items()}
    expression = parse(data.draw(sources(data.draw(st.sampled_from("ntblo")))))
    try:
        result = expression.evaluate(scope, NOW, ceiling)
    except errors.ExpressionFailed:
        return
    assert all(part.label <= ceiling for _, part in result.leaves())
