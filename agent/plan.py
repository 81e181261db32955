"""Plans are data: typed steps that pursue a goal, in JSON, with expressions and no code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tools import expressions
from tools.action import ActionId
from tools.expressions import references

StepName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
#: an identifier, because expressions name the step's result by it


class PlanPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(PlanPart):
    """One step. Its result is known to later expressions under its id.

    `args` values are JSON; a value (or a value inside a list or an object) of the form `{"$": "<expression>"}` is
    computed when the step runs. An expression that names a step makes that step a dependency.
    """

    id: StepName
    kind: Literal["call", "extract", "ask", "wait", "let"] = "call"
    action: ActionId | None = None
    #: for `call`
    args: dict[str, JsonValue] = Field(default_factory=dict)
    #: `call`: the action's arguments · `let`: {"value": …} · `ask`: {"question": …, "schema": …} ·
    #: `wait`: {"seconds": …} or {"until": …} · `extract`: {"text": …, "schema": …}
    when: str | None = None
    #: an expression; the step (or the one iteration) is skipped, with result null, when it is false
    for_each: str | None = None
    #: an expression giving a list; the step runs once per element, known as `item` to `args`, `when` and `expect`, and
    #: its result is the list of results
    after: tuple[StepName, ...] = ()
    #: steps that must be done first although no expression names them
    purpose: str = ""
    #: one sentence for the trace: which part of the goal this serves
    expect: str | None = None
    #: an expression checked after the step (each iteration) with its own result in scope; false fails the step


class Plan(PlanPart):
    steps: tuple[Step, ...] = Field(min_length=1, max_length=100)
    summary: str = ""

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.id == name), None)


class Question(PlanPart):
    """The planner needs a fact only a person has."""

    text: str
    why: str = ""


class CannotDo(PlanPart):
    """The planner refuses rather than guesses."""

    why: str
    clause: str = ""
    #: the part of the goal that was not understood, word for word
    nearest: tuple[ActionId, ...] = ()
    #: the actions that came closest
    mend: str = ""
    #: what the person can do about it


Proposal = Plan | Question | CannotDo


class Defect(PlanPart):
    """Why a plan did not pass review."""

    step: str = ""
    problem: str
    mend: str = ""


def conditions(step: Step) -> Iterator[tuple[str, str]]:
    """The step's own expressions by field: `for_each`, `when`, `expect`. Those inside `args` are not among them."""
    for field, source in (("for_each", step.for_each), ("when", step.when), ("expect", step.expect)):
        if source is not None:
            yield field, source


def dependencies(plan: Plan) -> dict[str, frozenset[str]]:
    """For each step, the steps that must be over before it: those in `after`, and those its expressions name.

    Raises `ExpressionInvalid` for an expression that cannot be read. A reviewed plan has none, and no circle.
    """
    known = {step.id for step in plan.steps}
    return {step.id: (_named(step) & known) - {step.id} for step in plan.steps}


def _named(step: Step) -> frozenset[str]:
    named = frozenset(step.after)
    for source in [source for _, source in conditions(step)]:
        named |= expressions.parse(source).names
    return named | references.roots(expressions.references_in(step.args))
