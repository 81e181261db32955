"""A run drawn for people: its plan, its progress as it happens, its effects and the reasons, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from api.cli import output
from api.cli.client import Api

TERMINAL = frozenset({"done", "refused", "failed", "cancelled"})
#: What a label says of where a value comes from, in the words of the approval page.
ORIGINS = {
    "user": "said by the requester",
    "admin": "set by an admin",
    "typed": "looked up: a typed field of a record",
    "text": "free text of a system",
    "model": "put in by the planner",
}
#: Whoever else acts in a run is named beside what they did.
THE_SERVICE = frozenset({"agent", "guard"})
#: A part of the plan's arguments longer than this is cut, with a mark.
SHOWN = 60


def draw_plan(to: Console, plan: Mapping[str, Any]) -> None:
    """A row a step: what it calls, with what, and which part of the goal it serves."""
    rows = [[step["id"], step.get("action") or step["kind"], _arguments(step["args"]), step["purpose"]]
            for step in plan["steps"]]  # fmt: skip
    to.print(output.table(["step", "does", "with", "because the goal says"], rows, title="Plan"))


def draw_steps(to: Console, steps: Sequence[Mapping[str, Any]]) -> None:
    """A row a step: how far it is, and why it does not move or failed."""
    if steps:
        rows = [[one["id"], one["action"] or one["kind"], one["stage"], one["why"] or one["purpose"]] for one in steps]
        to.print()
        to.print(output.table(["step", "does", "stage", "why"], rows, title="Steps"))


def progress(api: Api, run: str) -> Iterator[dict[str, Any]]:
    """The run's decisions as they happen, until it is over."""
    last = None
    while True:
        for event in api.events(f"/v1/runs/{run}/stream", after=last):
            last = event["id"]
            yield event["data"]
        # A stream also ends when it grew old or the service stops; then it goes on where it was.
        if api.get(f"/v1/runs/{run}")["state"] in TERMINAL:
            return


def sentence(decision: Mapping[str, Any]) -> str | None:
    """What a decision means to a person; None for what only an auditor wants to see."""
    body, actor = decision["body"], decision["actor"]
    step = _name(body.get("step") or "")
    match decision["kind"]:
        case "plan.reviewed":
            return f"plan version {body['version']} by the {body['author']} planner passed its review"
        case "approval.opened":
            return f"{step}: asks {'two people' if body['count'] > 1 else 'a person'}: {body['why']}"
        case "approval.approve" | "approval.approved":
            return f"{step}: approved by {actor}"
        case "approval.rejected" | "approval.expired" | "approval.superseded":
            return f"{step}: {decision['kind'].partition('.')[2]} by {actor}"
        case "effect.sending":
            return f"{step}: sending {body['action']}"
        case "effect.in_doubt" | "effect.parked":
            return f"{step}: {body['state']}: {body['cause']}"
        case "step.done" | "step.skipped" | "step.failed":
            return f"{step}: {body['state']}"
        case "wait.opened" if body["kind"] != "approval":
            return f"waits: {body['why']}"
        case "run.cancelled":
            return f"cancelled by {actor}"
    return None


def draw_trace(to: Console, trace: Mapping[str, Any]) -> None:
    """The whole story: plan, effects, approvals, and the chain of decisions."""
    run, plan = trace["run"], trace["plan"]
    shown = {"run": run["id"], "goal": trace["goal"]["text"], "state": run["state"], "because": run["reason"]}
    output.fields(shown)(to)
    if plan is not None:
        to.print()
        draw_plan(to, plan["body"])
    draw_effects(to, trace["effects"])
    draw_approvals(to, trace["approvals"])
    draw_decisions(to, trace["decisions"])


def draw_decisions(to: Console, decisions: Sequence[Mapping[str, Any]]) -> None:
    """The run's hash chain, a row a record."""
    rows = []
    for one in decisions:
        step = _name(one["body"].get("step") or "")
        rows.append([one["seq"], one["at"][11:23], f"{one['kind']} {step}".rstrip(), _why(one["actor"], one["body"])])
    to.print()
    to.print(output.table(["#", "at", "decision", "why"], rows, title="Decisions"))


def draw_effects(to: Console, effects: Sequence[Mapping[str, Any]]) -> None:
    if effects:
        rows = [[_name(one["step"]), one["action"], one["state"], one["status"], one["how"], len(one["attempts"])]
                for one in effects]  # fmt: skip
        to.print()
        to.print(output.table(["step", "effect", "state", "HTTP", "known by", "attempts"], rows, title="Effects"))


def draw_approvals(to: Console, approvals: Sequence[Mapping[str, Any]]) -> None:
    if approvals:
        rows = [
            [_name(one["step"]), one["action"], one["state"], _who(one["decisions"]), one["why"]] for one in approvals
        ]
        to.print()
        to.print(output.table(["step", "asked about", "state", "decided by", "because"], rows, title="Approvals"))


def draw_request(to: Console, approval: Mapping[str, Any]) -> None:
    """The exact request that an approval is about, from the bytes it binds."""
    request = approval["bound"]["request"]
    grid = Table.grid(padding=(0, 2))
    for name, value in [
        ("request", f"{request['method']} {request['url']}"),
        ("because", approval["why"]),
        ("rule", approval["rule"]),
        ("asked by", approval["requester"]),
        (
            "needs",
            f"{approval['count']} x {approval['role']}" + (", not who asked" if approval["not_requester"] else ""),
        ),
        ("until", approval["expires_at"][:16].replace("T", " ") + " UTC"),
    ]:
        grid.add_row(output.plain(name, "bold"), output.plain(value))
    to.print(grid)
    rows = [[name, value, _origins(approval["labels"], name)] for name, value in approval["arguments"].items()]
    to.print(output.table(["argument", "value", "comes from"], rows))


def _name(path: str) -> str:
    """The step's id, without the plan version that its path begins with."""
    return path.rpartition("/")[2]


def _origins(labels: Mapping[str, str], argument: str) -> str:
    """Where the argument's parts come from; `labels` is keyed by JSON pointer (RFC 6901)."""
    start = "/" + argument.replace("~", "~0").replace("/", "~1")
    found = {word for pointer, word in labels.items() if pointer == start or pointer.startswith(f"{start}/")}
    return ", ".join(ORIGINS.get(word, word) for word in sorted(found))


def _who(decisions: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{one['actor']} ({one['choice']})" for one in decisions) or "-"


def _arguments(args: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in args.items()) or "-"


def _value(value: Any) -> str:
    text = value["$"] if isinstance(value, dict) and value.keys() == {"$"} else orjson.dumps(value).decode()
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _why(actor: str, body: Mapping[str, Any]) -> str:
    """What a reader of the trace looks for first: the rule and its reason, else what came of it, and who it was."""
    told = next((str(body[name]) for name in ("why", "cause", "reason", "problem", "how") if body.get(name)), "")
    told = f"{body['rule']}: {told}" if "rule" in body else told
    return told if actor in THE_SERVICE else f"by {actor}" + (f": {told}" if told else "")
