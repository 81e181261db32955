"""The protocol every planner follows, and all that a planner may see."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from agent.goal import Span
from agent.plan import Defect, Plan, Proposal
from discovery.lower import Signature


class PlannerView(BaseModel):
    """Signatures, typed facts and defects: never free text from a response."""

    model_config = ConfigDict(frozen=True)

    goal: str
    spans: tuple[Span, ...] = ()
    #: the typed parts of the goal, found by `agent.goal.read_spans`
    today: date
    signatures: tuple[Signature, ...] = ()
    #: the shortlist: every action the plan may use
    systems: dict[str, str] = {}
    #: slug -> title of the registered systems, so that a clause can name one
    facts: dict[str, str | int | float | bool | None] = {}
    #: typed leaves of earlier results when replanning: `deal.company_id` -> value
    rejected: Plan | None = None
    #: the plan the defects are about
    defects: tuple[Defect, ...] = ()


class Planner(Protocol):
    name: str
    #: `embedded` or `model`: the author recorded with every plan version

    async def propose(self, view: PlannerView) -> Proposal:
        """A plan, a question, or a reasoned refusal. Raises `PlannerFailed` when there is no usable answer."""
        ...
