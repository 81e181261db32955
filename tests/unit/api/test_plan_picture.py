"""The picture of a plan: every step has its own place, to the right of all that it needs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from api.stages import Stage, StepView
from api.web.graph import HEIGHT, WIDTH, draw


def step(name: str, *after: str) -> StepView:
    return StepView(
        id=name,
        kind="call",
        action=None,
        purpose="",
        stage=Stage.PLANNED,
        why="",
        after=after,
        over=0,
        began_at=None,
        ended_at=None,
    )


@st.composite
def plans(draw_: st.DrawFn) -> list[StepView]:
    steps: list[StepView] = []
    for number in range(draw_(st.integers(0, 12))):
        before = draw_(st.sets(st.sampled_from([one.id for one in steps]), max_size=3)) if steps else set()
        steps.append(step(f"s{number}", *sorted(before)))
    return draw_(st.permutations(steps))


@settings(max_examples=60)
@given(plans())
def test_steps_neither_overlap_nor_stand_before_what_they_need(steps: list[StepView]) -> None:
    picture = draw(steps)
    places = {box.step.id: box for box in picture.boxes}
    assert [one.id for one in steps] == list(places)
    assert len(steps) == len({(box.x, box.y) for box in picture.boxes})
    for box in picture.boxes:
        assert all(places[before].x + WIDTH < box.x for before in box.step.after)
        assert box.x + WIDTH < picture.width
        assert box.y + HEIGHT < picture.height
    assert sum(len(one.after) for one in steps) == len(picture.edges)


def test_steps_that_may_go_at_once_stand_in_one_column() -> None:
    first, second, last = draw([step("a"), step("b"), step("c", "a", "b")]).boxes
    assert first.x == second.x < last.x
    assert first.y == last.y < second.y
