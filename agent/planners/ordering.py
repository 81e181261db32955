"""The order of a plan's steps: all is looked up before anything is changed, and changes happen as they were said.

So a look-up that finds nothing, or too much, stops the run while nothing has happened yet. A look-up that needs the
result of a change comes after that change and before the next.
"""

from __future__ import annotations

from agent.plan import Step
from agent.planners.draft import Draft
from tools import expressions


def ordered(draft: Draft) -> tuple[Step, ...]:
    """The draft's steps, each named in `after` of what must follow it although no expression says so."""
    early = [step for step in draft.steps if step.id not in draft.effects and not _needs_effect(step, draft)]
    done: list[Step] = []
    for step in [*early, *(one for one in draft.steps if one not in early)]:
        before = [other.id for other in done if _must_wait(step, other, draft, early)]
        named = references(step)
        done.append(step.model_copy(update={"after": tuple(one for one in before if one not in named)}))
    return tuple(done)


def references(step: Step) -> frozenset[str]:
    """The steps that the step's expressions name, its own aside."""
    sources = [*(one for one in (step.when, step.for_each) if one), *_sources(step.args)]
    expected = expressions.parse(step.expect).names - {step.id} if step.expect else frozenset[str]()
    return frozenset(name for source in sources for name in expressions.parse(source).names) | expected


def _must_wait(step: Step, other: Step, draft: Draft, early: list[Step]) -> bool:
    if step in early:
        return False
    return other.id in draft.effects or other.id in {one.id for one in early}


def _needs_effect(step: Step, draft: Draft) -> bool:
    """Whether the step reads what a change gave, directly or through other reads."""
    by_name = {one.id: one for one in draft.steps}
    waiting, seen = [step.id], set[str]()
    while waiting:
        name = waiting.pop()
        for needed in references(by_name[name]) & set(by_name) - seen:
            if needed in draft.effects:
                return True
            seen.add(needed)
            waiting.append(needed)
    return False


def _sources(value: object) -> list[str]:
    if isinstance(value, dict):
        if set(value) == {"$"}:
            return [str(value["$"])]
        return [source for part in value.values() for source in _sources(part)]
    if isinstance(value, list):
        return [source for part in value for source in _sources(part)]
    return []
