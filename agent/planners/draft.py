"""A plan being written: the steps so far, the records they give, and which parts of the goal they used. Immutable, so that
a reading which leads nowhere leaves nothing behind."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pydantic import JsonValue

from agent.plan import Step
from discovery.lower import Signature


class Misfit(Exception):
    """A reading that does not hold. `is_incomplete` when all that was said fits, and only something unsaid is missing."""

    def __init__(self, why: str, *, is_incomplete: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.is_incomplete = is_incomplete


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record that a step reads or makes, and the expression that reaches it."""

    resource: str
    system: str
    at: str
    #: `deal`, `find_contact.results[0]`
    fields: tuple[str, ...]
    #: the scalar fields it has, dotted
    is_new: bool = False
    is_said: bool = False
    #: the goal itself names it, by an id or another key

    @property
    def step(self) -> str:
        return re.split(r"[.\[ ]", self.at, maxsplit=1)[0]

    def has(self, field: str) -> bool:
        return field in self.fields

    def read(self, field: str) -> dict[str, JsonValue]:
        return {"$": f"{self.at}.{field}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    steps: tuple[Step, ...] = ()
    effects: frozenset[str] = frozenset()
    #: steps that change something; all others only read
    records: tuple[Record, ...] = ()
    #: in the order in which the goal came to them
    used: frozenset[tuple[int, int]] = frozenset()
    #: offsets of the goal's parts that some argument holds
    guard: str | None = None
    #: the condition of the sentence at hand

    def using(self, start: int, end: int) -> Draft:
        return replace(self, used=self.used | {(start, end)})

    def known(self, record: Record) -> Draft:
        """`record` as the one that was spoken of last."""
        others = tuple(one for one in self.records if one.at != record.at)
        return replace(self, records=(*others, record))

    def called(self, step: Step, signature: Signature, *, is_effect: bool) -> tuple[str, Draft]:
        """The draft with one more step, under a free name; the name of an equal read that is there already."""
        for other in self.steps:
            if not is_effect and (other.action, other.args) == (step.action, step.args):
                return other.id, self
        name = self._free(step.id)
        named = step.model_copy(
            update={
                "id": name,
                "when": self.guard,
                "expect": step.expect and re.sub(rf"\b{re.escape(step.id)}\b(?=[.\[)])", name, step.expect),
            }
        )
        effects = self.effects | {name} if is_effect else self.effects
        return name, replace(self, steps=(*self.steps, named), effects=effects)

    def _free(self, wished: str) -> str:
        taken = {step.id for step in self.steps}
        return next(name for name in (wished, *(f"{wished}_{n}" for n in range(2, 200))) if name not in taken)


def step_name(*parts: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", "_".join(parts).lower()).strip("_")[:36].rstrip("_")
    return name if name[:1].isalpha() else f"step_{name}"


def scalar_fields(signature: Signature) -> tuple[str, ...]:
    """The fields of the one record that the action answers with, or of each record that it lists."""
    prefix = "" if signature.items is None else f"{signature.items}[]."
    found = (field.path.removeprefix(prefix) for field in signature.result if field.path.startswith(prefix))
    return tuple(path for path in found if "[]" not in path)
