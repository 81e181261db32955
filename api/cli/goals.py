"""`interlock goal`: say what should be done, and watch it if you like."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import output, runs
from api.cli.access import connect
from api.cli.output import AsJson


def register(root: typer.Typer) -> None:
    root.command("goal")(submit)


def submit(
    text: Annotated[str, typer.Argument(help="The goal in plain language.")],
    wait: Annotated[bool, typer.Option("--wait", help="Watch the run until it is over.")] = False,
    purpose: Annotated[str, typer.Option(help="Why; kept in the trace.")] = "",
    as_json: AsJson = False,
) -> None:
    """Submit a goal. Its run is stored when this returns; with --wait the exit code says whether it was done."""
    with connect() as api:
        run = api.post("/v1/goals", {"text": text, "purpose": purpose})
        if wait:
            runs.follow(api, run["id"], as_json)
            return
    accepted = f"Run {run['id']} is accepted. Watch it with `interlock runs watch {run['id']}`."
    output.show(run, as_json, lambda to: to.print(output.plain(accepted)))
