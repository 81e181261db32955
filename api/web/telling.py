"""A run's records as sentences for its timeline. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.tables import RunState
from api.routes.runs import RunView


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    seq: int
    at: str
    kind: str
    actor: str
    what: str
    step: str
    tone: str
    #: good, bad, ask or plain: how it is coloured


TONES = {
    "run.done": "good", "step.done": "good", "effect.done": "good", "approval.approved": "good", "guard.allow": "plain",
    "run.failed": "bad", "run.refused": "bad", "run.cancelled": "bad", "step.failed": "bad", "effect.refused": "bad",
    "effect.parked": "bad", "guard.deny": "bad", "approval.rejected": "bad", "approval.expired": "bad",
    "effect.in_doubt": "ask", "approval.opened": "ask", "guard.ask": "ask", "wait.opened": "ask",
}  # fmt: skip


def story(records: Sequence[Mapping[str, Any]]) -> list[Told]:
    """The records in order, each as one sentence."""
    return [
        Told(
            seq=record["seq"],
            at=record["at"],
            kind=record["kind"],
            actor=record["actor"],
            what=sentence(record["kind"], record["body"]),
            step=str(record["body"].get("step") or "").partition("/")[2],
            tone=TONES.get(record["kind"], "plain"),
        )
        for record in records
    ]


def sentence(kind: str, body: Mapping[str, Any]) -> str:
    """What a record says, in words."""
    match kind:
        case "run.accepted":
            return "The goal was accepted."
        case "leg.began":
            return f"A worker took the run up (leg {body.get('leg')})."
        case "plan.reviewed":
            return f"Plan version {body.get('version')} by the {body.get('author')} planner passed its review."
        case "guard.allow":
            return f"Allowed by {body.get('rule')}: {body.get('why')}"
        case "guard.ask":
            return f"Needs approval by {body.get('rule')}: {body.get('why')}"
        case "guard.deny":
            return f"Denied by {body.get('rule')}: {body.get('why') or '; '.join(map(str, body.get('problems') or ()))}"
        case "approval.opened":
            people = "a person" if body.get("count") == 1 else f"{body.get('count')} people"
            return f"Asked {people}: {body.get('why')}"
        case "wait.opened":
            return f"Waits: {body.get('why')}"
        case "wait.closed":
            return f"Waits no more: {str(body.get('how')).replace('_', ' ')}."
        case "effect.sending":
            return f"Sends {body.get('action')} (attempt {body.get('attempt')})."
        case "run.done" | "run.failed" | "run.refused":
            return f"The run is {kind.partition('.')[2]}: {body.get('summary')}"
        case "run.cancelled":
            return f"The run was cancelled: {body.get('reason') or 'no reason given'}"
    return _plainly(kind, body)


def reason(run: RunView) -> str:
    """Why the run is where it is. A planner may call a plan by its goal's own words; twice they tell nothing."""
    is_repeated = run.state is RunState.DONE and run.reason == run.text
    return "The goal is reached." if is_repeated else run.reason


def _plainly(kind: str, body: Mapping[str, Any]) -> str:
    noun, _, what = kind.partition(".")
    reason = body.get("cause") or body.get("reason") or _why(body.get("problem"))
    status = f" ({body['status']})" if body.get("status") else ""
    return f"{noun.capitalize()} {what.replace('_', ' ')}{status}" + (f": {reason}" if reason else ".")


def _why(problem: Any) -> str:
    return str(problem.get("why", "")) if isinstance(problem, Mapping) else str(problem or "")
