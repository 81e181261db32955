"""`interlock runs`: what became of the goals, and why a run does not move."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from api.cli import output, story
from api.cli.access import connect
from api.cli.client import Api
from api.cli.output import AsJson, OnlyIds

commands = typer.Typer(help="Runs: the pursuit of one goal each.", no_args_is_help=True)

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]
COLUMNS = {"run": "id", "state": "state", "since": "created_at", "goal": "text", "reason": "reason"}


@commands.command("list")
def list_runs(
    state: Annotated[str | None, typer.Option(help="Only runs in this state, such as waiting.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    only_ids: OnlyIds = False,
    as_json: AsJson = False,
) -> None:
    """Show the latest runs, each with its reason in a sentence."""
    with connect() as api:
        found = api.items("/v1/runs", limit=limit, state=state)
    if only_ids:
        output.print_ids(found)
        return
    output.show(
        found, as_json, output.listing(COLUMNS, found, empty="No runs yet; submit a goal with `interlock goal`.")
    )


@commands.command("show")
def show(run: RunId, as_json: AsJson = False) -> None:
    """Show a run: where it stands and why, how far each step is, and its effects."""
    with connect() as api:
        found = api.get(f"/v1/runs/{run}")
        found["steps"] = api.items(f"/v1/runs/{run}/steps")
        found["effects"] = api.items(f"/v1/runs/{run}/effects")
    output.show(found, as_json, lambda to: _draw(to, found))


@commands.command("watch")
def watch(run: RunId, as_json: AsJson = False) -> None:
    """Follow a run until it is over; the exit code says whether it was done."""
    with connect() as api:
        follow(api, run, as_json)


@commands.command("cancel")
def cancel(
    run: RunId, reason: Annotated[str, typer.Option(help="Why; kept in the trace.")] = "", as_json: AsJson = False
) -> None:
    """Stop a run: nothing more is sent. What was sent stays on record."""
    with connect() as api:
        found = api.post(f"/v1/runs/{run}/cancel", {"reason": reason})
    output.show(found, as_json, lambda to: to.print(output.plain(f"Run {run} is cancelled.")))


@commands.command("trace")
def trace(run: RunId, as_json: AsJson = False) -> None:
    """Tell the whole story of a run: what was meant, decided, sent, and known, in order."""
    with connect() as api:
        found = api.get(f"/v1/runs/{run}/trace")
    output.show(found, as_json, lambda to: story.draw_trace(to, found))


def follow(api: Api, run: str, as_json: bool) -> None:
    """Tell the events until the run is over; leaves with code 1 when it was not done."""
    said = output.console(stderr=as_json)
    for event in story.progress(api, run):
        if sentence := story.sentence(event):
            said.print(output.plain(sentence))
    ended = api.get(f"/v1/runs/{run}")
    output.show(ended, as_json, lambda to: to.print(output.plain(f"{ended['state']}: {ended['reason']}")))
    if ended["state"] != "done":
        raise typer.Exit(1)


def _draw(to: Console, run: dict[str, Any]) -> None:
    shown = {"run": run["id"], "goal": run["text"], "by": run["submitter"], "state": run["state"]}
    output.fields(shown | {"because": run["reason"], "since": run["created_at"], "ended": run["ended_at"]})(to)
    story.draw_steps(to, run["steps"])
    story.draw_effects(to, run["effects"])
