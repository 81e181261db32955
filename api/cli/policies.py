"""`interlock policies`: the rules that judge every call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli import entered, output
from api.cli.access import connect
from api.cli.output import AsJson

commands = typer.Typer(help="The rules that judge every call.", no_args_is_help=True)


@commands.command("show")
def show(as_json: AsJson = False) -> None:
    """Show the rules in force, as they were written."""
    with connect() as api:
        found = api.get("/v1/policies")
    output.show(found, as_json, lambda to: to.print(output.plain(found["source"])))


@commands.command("apply")
def apply(
    file: Annotated[Path, typer.Argument(help="YAML with rules; see docs/policies.md.", dir_okay=False)],
    as_json: AsJson = False,
) -> None:
    """Check the file and put its rules in force, as a new version."""
    source = entered.read_file(file).decode(errors="replace")
    with connect() as api:
        applied = api.put("/v1/policies", {"source": source})
    said = f"Policy version {applied['version']} is in force."
    output.show(applied, as_json, lambda to: to.print(output.plain(said)))
