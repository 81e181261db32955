"""A plan being written: the steps so far, the records they give, and which parts of the goal they used.

Immutable, so that a reading which leads nowhere leaves nothing behind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from agent.plan import Step
from agent.planners.phrases import Phrase
from agent.planners.records import Record


class Misfit(Exception):
    """A reading that does not hold. `is_incomplete`: all that was said fits, and only something unsaid is missing."""

    def __init__(self, why: str, *, is_incomplete: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.is_incomplete = is_incomplete


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    steps: tuple[Step, ...] = ()
    effects: frozenset[str] = frozenset()
    #: steps that change something; all others only read
    records: tuple[Record, ...] = ()
    #: the latest last
    used: frozenset[tuple[int, int]] = frozenset()
    #: offsets of the goal's parts that some argument or condition holds
    placed: frozenset[tuple[int, int]] = frozenset()
    #: offsets of the phrases that are accounted for, with a value or without
    mentions: tuple[Phrase, ...] = ()
    #: what the remarks around the clause at hand speak of
    guard: str | None = None
    #: the condition of the sentence at hand

    def using(self, start: int, end: int) -> Draft:
        return replace(self, used=self.used | {(start, end)})

    def known(self, record: Record) -> Draft:
        """`record` as the one that was spoken of last."""
        others = tuple(one for one in self.records if not one.is_same(record))
        return replace(self, records=(*others, record))

    def called(self, step: Step, *, is_effect: bool) -> tuple[str, Draft]:
        """The draft with one more step, and the free name it got; for a read that is there already, that one."""
        for other in self.steps:
            if not is_effect and (other.action, other.args, other.when) == (step.action, step.args, self.guard):
                return other.id, self.expecting(other.id, _renamed(step.expect, step.id, other.id))
        name = self.free(step.id)
        expect = _renamed(step.expect, step.id, name)
        named = step.model_copy(update={"id": name, "when": self.guard, "expect": expect})
        effects = self.effects | {name} if is_effect else self.effects
        return name, replace(self, steps=(*self.steps, named), effects=effects)

    def expecting(self, name: str, expect: str | None) -> Draft:
        """The draft whose step `name` must also come up to `expect`."""
        steps = list[Step]()
        for step in self.steps:
            is_new = step.id == name and expect is not None and expect not in (step.expect or "")
            both = f"({step.expect}) and {expect}" if step.expect else expect
            steps.append(step.model_copy(update={"expect": both}) if is_new else step)
        return replace(self, steps=tuple(steps))

    def free(self, wished: str) -> str:
        """`wished`, or that with a number when a step is called so already."""
        taken = {step.id for step in self.steps}
        return next(name for name in (wished, *(f"{wished}_{n}" for n in range(2, 200))) if name not in taken)


def _renamed(expression: str | None, old: str, new: str) -> str | None:
    """The expression about the step `old` under its other name; texts in it that read the same stay."""
    return expression and re.sub(rf"\b{re.escape(old)}\b(?=[.\[)]| if )", new, expression)


def step_name(*parts: str) -> str:
    """An identifier for a step, made of words."""
    name = re.sub(r"[^a-z0-9]+", "_", "_".join(parts).lower()).strip("_")[:36].rstrip("_")
    return name if name[:1].isalpha() else f"step_{name}"
