"""What one leg of a run works with and what it knows. Nothing here outlives the leg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from agent.interpret import Progress, Unit
from agent.plan import Defect, Proposal
from agent.planner import Planner
from agent.tables import Run
from discovery.lower import Signature
from tools import db
from tools.action import AcceptedAction, ActionId
from tools.call import StepPath
from tools.clock import Clock, Ids
from tools.guard.gate import Guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the nodes work with; built once, by the composition root."""

    database: db.Database
    guard: Guard
    planner: Planner
    clock: Clock
    ids: Ids
    shortlist_tokens: int = 200_000
    #: how much the planner is shown; a model costs by the token, the embedded planner does not
    proposals: int = 3
    #: how often a planner may try to mend a plan that review sent back
    timer_waits: int = 8
    #: how often a step may wait for a system that does not answer before it fails


class LegInput(TypedDict):
    run: str
    leg: int
    worker: str


class Leg(LegInput, total=False):
    """The state of the graph; `load` builds it from rows."""

    row: Run
    text: str
    #: the goal in the person's words
    progress: Progress | None
    version: int
    actions: dict[ActionId, AcceptedAction]
    connections: dict[str, str]
    #: system -> connection id
    systems: dict[str, str]
    signatures: tuple[Signature, ...]
    proposal: Proposal | None
    defects: tuple[Defect, ...]
    tries: int
    units: list[Unit]
    ended: str
    #: why the leg is over: `rest` or `over`


class ActInput(TypedDict):
    whole: Leg
    unit: Unit


def step_path(version: int, step: str) -> StepPath:
    """Where a step stands in its run, for rows and effects: a step of another plan version is another step."""
    return StepPath(f"{version}/{step}")
