"""`interlock demo`: the main job from nothing: systems, discovery, goal, plan, approval, effects, proof."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console

from api.cli import output, story
from api.cli.output import AsJson
from evals import proof
from evals.server import ServerFailed
from evals.stage import PEOPLE, Stage
from evals.worlds.child import ChildFailed

GOAL = (
    "When deal D-104 is won, create its company as a customer in billing and draft an invoice there over 18,400 EUR, "
    "create the company as a customer in the ERP too with payment terms net 30, and e-mail "
    'david.okafor@meridian.example with subject "D-104 is invoiced" and body "Kestrel Foods is set up and invoiced."'
)
#: What the goal above must have changed, and nothing else: system -> operations in its ledger.
EXPECTED = {"erp": ["POST /customers"], "billing": ["POST /customers", "POST /invoices"], "crm": ["POST /emails"]}
#: Who decides in the demo, in this order: never `sam`, who asks.
APPROVERS = ("ann", "ben")


@dataclass(slots=True, kw_only=True)
class Performance:
    """One run of the demo: what is shown, who decides, and how long it took."""

    stage: Stage
    to: Console
    is_decided_for: bool
    #: `--yes`: nobody is asked
    person_s: float = 0.0
    #: seconds that a person took to decide
    began: float = field(default_factory=time.monotonic)

    def run(self, goal: str) -> dict[str, Any]:
        """Submit the goal, tell what happens, and give the finished run's trace."""
        sam = self.stage.people["sam"]
        self.began = time.monotonic()
        run = sam.post("/v1/goals", {"text": goal, "purpose": "the demo"})
        self.say(f"sam's goal is run {run['id']}")
        for decision in story.progress(sam, run["id"]):
            self._tell(run["id"], decision)
        trace: dict[str, Any] = self.stage.admin.get(f"/v1/runs/{run['id']}/trace")
        return trace

    @property
    def run_s(self) -> float:
        """Seconds since the goal was submitted, without the person's part."""
        return time.monotonic() - self.began - self.person_s

    def say(self, text: str, style: str = "") -> None:
        self.to.print(output.plain(f"{time.monotonic() - self.began:6.2f} s  {text}", style))

    def _tell(self, run: str, decision: dict[str, Any]) -> None:
        if sentence := story.sentence(decision):
            self.say(sentence)
        if decision["kind"] == "plan.reviewed":
            self.to.print()
            story.draw_plan(self.to, self.stage.admin.get(f"/v1/runs/{run}/trace")["plan"]["body"])
            self.to.print()
        if decision["kind"] == "approval.opened":
            self._decide(decision["body"]["approval"])

    def _decide(self, approval_id: str) -> None:
        """Show the exact request and have it decided by as many people as it needs."""
        path = f"/v1/approvals/{approval_id}"
        approval = self.stage.people["ann"].get(path)
        self.to.print()
        story.draw_request(self.to, approval)
        self.to.print()
        for name in APPROVERS[: approval["count"]]:
            choice = "approve" if self._says_yes(name) else "reject"
            _, etag = self.stage.people[name].seen(path)
            word = {"choice": choice, "reason": "decided in the demo"}
            self.stage.people[name].post(f"{path}/decision", word, if_match=etag)
            if choice == "reject":
                return

    def _says_yes(self, name: str) -> bool:
        if self.is_decided_for:
            self.say(f"{name} approves (--yes)")
            return True
        asked = time.monotonic()
        answer = typer.confirm(f"Do you, as {name}, approve exactly this request?", default=True)
        self.person_s += time.monotonic() - asked
        return answer


def demo(
    once: Annotated[bool, typer.Option("--once", help="End everything when the goal is done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="A second principal approves; nobody is asked.")] = False,
    goal: Annotated[str, typer.Option(help="Another goal over the demo enterprise.")] = GOAL,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="A new folder to keep the data in; else it goes when the demo ends.", file_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Start a demo enterprise and Interlock, carry out a goal over them, and prove what happened."""
    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to ask for the approval; add --yes", param_hint="--yes")
    began = time.monotonic()
    to = output.console(stderr=as_json)
    with _folder(data_dir) as folder, _ended_by_signals(), _stage(folder, to) as stage:
        marks = proof.marks(stage.enterprise)
        performance = Performance(stage=stage, to=to, is_decided_for=yes)
        trace = performance.run(goal)
        run_s, total_s = performance.run_s, time.monotonic() - began
        story.draw_effects(to, trace["effects"])
        story.draw_decisions(to, trace["decisions"])
        proven = proof.collect(stage, marks, EXPECTED if goal == GOAL else None)
        proof.draw(to, proven)
        is_right = trace["run"]["state"] == "done" and proven["is_right"]
        verdict = {"run": trace["run"], "proof": proven, "run_s": round(run_s, 2), "total_s": round(total_s, 2)}
        _conclude(to, trace["run"], proven, verdict)
        if as_json:
            output.print_json(verdict | {"is_right": is_right})
        if not once:
            _leave_open(stage, to)
    if not is_right:
        raise typer.Exit(1)


def _conclude(to: Console, run: dict[str, Any], proven: dict[str, Any], verdict: dict[str, Any]) -> None:
    changes = sum(map(len, proven["changes"].values()))
    came = f"{changes} changes in {sum(map(bool, proven['changes'].values()))} systems"
    said = came if run["state"] == "done" else run["reason"]
    to.print(output.plain(f"\n{run['state'].capitalize()}: {said}", output.STYLES[run["state"]]))
    if not proven["is_right"]:
        to.print(output.plain("What the systems hold is not what the goal should have changed.", "red"))
    took = f"The run took {verdict['run_s']:.1f} s without the person's part"
    to.print(output.plain(f"{took}; from the command to here {verdict['total_s']:.1f} s."))


@contextmanager
def _stage(folder: Path, to: Console) -> Iterator[Stage]:
    with to.status("Starting the demo enterprise and Interlock ..."):
        try:
            stage = Stage.start(folder, tell=lambda text: to.print(output.plain(text)))
        except (ChildFailed, ServerFailed) as failed:
            to.print(output.plain(str(failed), "red"))
            raise typer.Exit(1) from None
    with stage:
        yield stage


@contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    """The chosen folder, which must be new; else one that goes away again."""
    if chosen is None:
        made = Path(tempfile.mkdtemp(prefix="interlock-demo-"))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return
    if chosen.exists() and any(chosen.iterdir()):
        raise typer.BadParameter(f"{chosen} is not empty; give a new folder", param_hint="--data-dir")
    yield chosen


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does: in order."""

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave_open(stage: Stage, to: Console) -> None:
    """Say where everything is, and keep it running until Ctrl-C."""
    to.print(output.plain(f"\nEverything still runs. The pages are at {stage.server.url}/; log in with a key:", "bold"))
    people = [[name, ", ".join(PEOPLE[name]), key] for name, key in stage.keys.items()]
    to.print(output.table(["who", "may", "key"], people))
    to.print(output.plain("\nFor `interlock` in another terminal, as the admin:"))
    keys = " ".join(f"{name.upper()}_KEY={key}" for name, key in stage.keys.items())
    # Not as a table: it is to be copied, so it must not be broken into lines.
    told = f"export INTERLOCK_URL={stage.server.url} INTERLOCK_DATA_DIR={stage.server.folder} {keys}"
    to.print(output.plain(told), soft_wrap=True)
    try:
        # Inside, for whoever reads this line may end it before the next one runs.
        to.print(output.plain("\nCtrl-C ends it."))
        signal.pause()
    except KeyboardInterrupt:
        to.print(output.plain("\nEnding everything ..."))
