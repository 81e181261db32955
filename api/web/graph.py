"""Where the steps of a plan stand in its picture: columns by dependency, from left to right. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.stages import StepView

WIDTH, HEIGHT = 208, 58
#: of a step's box, in pixels
GAP_X, GAP_Y, MARGIN = 56, 18, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    step: StepView
    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[str, ...]
    #: SVG path data, from the right side of a box to the left side of the one that needs it


def draw(steps: Sequence[StepView]) -> Picture:
    """The picture of a plan. Steps in a column wait for nothing in it, so they may go at once."""
    columns = _columns(steps)
    rows: dict[int, int] = {}
    boxes = {}
    for step in steps:
        column = columns[step.id]
        row = rows[column] = rows.get(column, -1) + 1
        x = MARGIN + column * (WIDTH + GAP_X)
        boxes[step.id] = Box(step=step, x=x, y=MARGIN + row * (HEIGHT + GAP_Y))
    edges = tuple(_edge(boxes[before], boxes[step.id]) for step in steps for before in step.after)
    return Picture(
        width=max((box.x + WIDTH for box in boxes.values()), default=0) + MARGIN,
        height=max((box.y + HEIGHT for box in boxes.values()), default=0) + MARGIN,
        boxes=tuple(boxes.values()),
        edges=edges,
    )


def _columns(steps: Sequence[StepView]) -> Mapping[str, int]:
    """Step -> length of the longest chain before it."""
    before = {step.id: step.after for step in steps}
    columns: dict[str, int] = {}

    def column(name: str) -> int:
        if name not in columns:
            columns[name] = 0  # a circle would end here; review lets none through
            columns[name] = max((column(one) + 1 for one in before[name]), default=0)
        return columns[name]

    return {name: column(name) for name in before}


def _edge(start: Box, end: Box) -> str:
    x1, y1 = start.x + WIDTH, start.y + HEIGHT // 2
    x2, y2 = end.x - 7, end.y + HEIGHT // 2
    bend = max((x2 - x1) // 2, 20)
    return f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
