"""Canonical JSON: equal values have equal bytes, different ones do not, and what JSON cannot say is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import errors
from tools.call import Position, RunId, StepPath, canonical, digest

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_it_reads_back_as_the_same_value(value: Any) -> None:
    assert value == json.loads(canonical(value))


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 9), min_size=2))
def test_the_order_of_names_does_not_matter(value: dict[str, int]) -> None:
    assert canonical(value) == canonical(dict(reversed(value.items())))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**64, "\ud800", {"deep": [float("nan")]}])
def test_what_json_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises(errors.Invalid):
        digest(value)


def test_an_effect_id_depends_on_run_step_and_iteration_alone() -> None:
    one = Position(run=RunId("run_1"), step=StepPath("1/a"))
    others = {
        Position(run=RunId("run_2"), step=StepPath("1/a")).effect_id,
        Position(run=RunId("run_1"), step=StepPath("2/a")).effect_id,
        Position(run=RunId("run_1"), step=StepPath("1/a"), iteration=1).effect_id,
        one.effect_id,
    }
    assert (4, one.effect_id) == (len(others), Position(run=RunId("run_1"), step=StepPath("1/a")).effect_id)
