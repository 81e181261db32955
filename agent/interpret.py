"""What a plan says to do next, and with which labelled arguments. Pure: it knows the plan and what is over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import JsonValue

from agent.goal import Span, SpanKind, date_value, minor_units
from agent.plan import Plan, Step, dependencies
from agent.tables import StepState
from tools import errors, expressions
from tools.action import Action, Argument
from tools.labels import Label, Labelled, labelled

MAX_ITERATIONS = 1000

EMBEDDED = "embedded"
#: the author whose literals are this code's own reading, not a model's


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """A step iteration that is over, and its result."""

    state: StepState
    result: Labelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One thing to do now: a step, or one iteration of it."""

    step: Step
    iteration: int
    item: Labelled | None = None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The plan, the goal it serves, and everything that is over by (step id, iteration)."""

    plan: Plan
    author: str
    goal: str
    spans: tuple[Span, ...]
    now: datetime
    over: Mapping[tuple[str, int], Over]

    @cached_property
    def needs(self) -> dict[str, frozenset[str]]:
        """For each step, the steps that must be over before it."""
        return dependencies(self.plan)

    def scope(self, step: Step) -> dict[str, Labelled]:
        """The results that the step's expressions may name: those it depends on."""
        found = {other.id: self.result(other) for other in self.plan.steps if other.id in self.needs[step.id]}
        return {name: value for name, value in found.items() if value is not None}

    def result(self, step: Step) -> Labelled | None:
        """The step's result, or None while it is not over. A loop's result is the list of its results."""
        if step.for_each is None:
            done = self.over.get((step.id, 0))
            return None if done is None else done.result
        first = self.over.get((step.id, 0))
        if first is not None and first.state is StepState.SKIPPED and _is_for_all(step):
            return first.result
        if (items := self.items(step)) is None:
            return None
        parts = [self.over.get((step.id, index)) for index in range(len(items))]
        if any(part is None for part in parts):
            return None
        return Labelled(value=tuple(part.result for part in parts if part), own=Label.TYPED)

    def items(self, step: Step) -> list[Labelled] | None:
        """What a loop runs over; None while what it depends on is not over, or when the loop is not wanted at all."""
        assert step.for_each is not None
        if not self.is_free(step) or (_is_for_all(step) and not is_wanted(self, Unit(step=step, iteration=0))):
            return None
        given = _evaluate(self, step, step.for_each)
        if not isinstance(given.value, tuple):
            raise errors.ExpressionFailed(f"for_each of {step.id} is not a list")
        if len(given.value) > MAX_ITERATIONS:
            raise errors.ExpressionFailed(f"for_each of {step.id} has more than {MAX_ITERATIONS} elements")
        return list(given.value)

    def is_free(self, step: Step) -> bool:
        """Whether everything the step depends on is over."""
        return all(self.result(other) is not None for other in self.plan.steps if other.id in self.needs[step.id])

    def failed(self) -> list[tuple[str, int]]:
        return [place for place, done in self.over.items() if done.state is StepState.FAILED]


def ready(progress: Progress) -> list[Unit]:
    """Every unit whose dependencies are over and which is not over itself; nothing once a step has failed."""
    if progress.failed():
        return []
    return [unit for step in progress.plan.steps for unit in _units(progress, step)]


def is_finished(progress: Progress) -> bool:
    return all(progress.result(step) is not None for step in progress.plan.steps)


def is_wanted(progress: Progress, unit: Unit) -> bool:
    """Whether the step's `when` holds."""
    return unit.step.when is None or bool(_evaluate(progress, unit.step, unit.step.when, item=unit.item).plain())


def is_as_expected(progress: Progress, unit: Unit, result: Labelled) -> bool:
    """Whether the step's `expect` holds of its own result."""
    if unit.step.expect is None:
        return True
    return bool(_evaluate(progress, unit.step, unit.step.expect, item=unit.item, extra={unit.step.id: result}).plain())


def bind(progress: Progress, unit: Unit, action: Action | None = None) -> Labelled:
    """The step's arguments, computed and labelled.

    A literal that the goal's own text holds is `user`. Any other is what the plan's author made up: `model`, or `typed`
    when the author is the embedded planner, which is part of this code. An optional argument that takes no null is left
    out when its expression comes to null: a record without a VAT number is copied without one.
    """
    scope = _scope(progress, unit.step, unit.item)
    bound: dict[str, Labelled] = {}
    for name, value in unit.step.args.items():
        argument = action.argument(name) if action else None
        unit_of_money = argument.unit if argument else None
        given = _bind_value(progress, value, scope, unit_of_money)
        if argument is None or not _is_left_out(argument, value, given):
            bound[name] = given
    return Labelled(value=bound, own=Label.USER)


def literal_label(value: JsonValue, progress: Progress, unit_of_money: str | None = None) -> Label:
    """How far a literal of the plan may be trusted: `user` when the person wrote it."""
    own = _author_label(progress.author)
    if value is None or isinstance(value, bool):
        return max(own, Label.TYPED)
    if isinstance(value, str):
        return Label.USER if _is_said(value, progress) else own
    if isinstance(value, int | float):
        return Label.USER if any(_is_number(value, span, unit_of_money) for span in progress.spans) else own
    return own


def _units(progress: Progress, step: Step) -> list[Unit]:
    if progress.result(step) is not None or not progress.is_free(step):
        return []
    if step.for_each is None:
        return [Unit(step=step, iteration=0)]
    if _is_for_all(step) and not is_wanted(progress, whole := Unit(step=step, iteration=0)):
        return [whole]
    items = progress.items(step) or []
    return [
        Unit(step=step, iteration=index, item=item)
        for index, item in enumerate(items)
        if (step.id, index) not in progress.over
    ]


def _evaluate(
    progress: Progress,
    step: Step,
    source: str,
    *,
    item: Labelled | None = None,
    extra: Mapping[str, Labelled] | None = None,
) -> Labelled:
    scope = _scope(progress, step, item) | dict(extra or {})
    return expressions.parse(source).evaluate(scope, progress.now, _author_label(progress.author))


def _is_for_all(step: Step) -> bool:
    """Whether a loop's `when` is about the loop, not about each `item`: then it is judged before the list is seen."""
    return step.when is not None and "item" not in expressions.parse(step.when).names


def _scope(progress: Progress, step: Step, item: Labelled | None) -> dict[str, Labelled]:
    scope = progress.scope(step)
    return scope if item is None else scope | {"item": item}


def _author_label(author: str) -> Label:
    return Label.TYPED if author == EMBEDDED else Label.MODEL


def _is_left_out(argument: Argument, source: JsonValue, given: Labelled) -> bool:
    is_computed = isinstance(source, dict) and set(source) == {"$"}
    types = argument.json_schema.get("type", "null")
    return is_computed and given.value is None and not argument.required and "null" not in types


def _bind_value(
    progress: Progress, value: JsonValue, scope: Mapping[str, Labelled], unit_of_money: str | None
) -> Labelled:
    if isinstance(value, dict) and set(value) == {"$"}:
        return expressions.resolve(value, scope, progress.now, _author_label(progress.author))
    if isinstance(value, dict):
        parts: Any = {name: _bind_value(progress, part, scope, unit_of_money) for name, part in value.items()}
        return Labelled(value=parts, own=Label.USER)
    if isinstance(value, list):
        listed = tuple(_bind_value(progress, part, scope, unit_of_money) for part in value)
        return Labelled(value=listed, own=Label.USER)
    label = literal_label(value, progress, unit_of_money)
    return labelled(value, label, "goal" if label is Label.USER else "plan")


def _is_said(value: str, progress: Progress) -> bool:
    for span in progress.spans:
        if value in (span.value, span.text) or value.upper() == span.currency:
            return True
        day = date_value(span.value, progress.now.date()) if span.kind is SpanKind.DATE else None
        if day is not None and value == day.isoformat():
            return True
    # As whole words, so that a short value is not "said" by being inside a longer word.
    words = re.escape(value.strip())
    return bool(words) and re.search(rf"(?<!\w){words}(?!\w)", progress.goal, re.IGNORECASE) is not None


def _is_number(value: int | float, span: Span, unit_of_money: str | None) -> bool:
    if not isinstance(span.value, int | float) or isinstance(span.value, bool):
        return False
    if span.kind is SpanKind.MONEY and unit_of_money == "minor":
        return value == minor_units(span.value, span.currency or "EUR")
    return value == span.value
