"""`interlock keys`: API keys with roles."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import output
from api.cli.access import connect
from api.cli.output import AsJson

commands = typer.Typer(help="API keys.", no_args_is_help=True)


@commands.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Who it is for; decisions are recorded under this name.")],
    role: Annotated[list[str], typer.Option(help="submitter, approver, auditor or admin; may be given again.")],
    as_json: AsJson = False,
) -> None:
    """Make a key and print it: this once, for only its hash is kept."""
    with connect() as api:
        made = api.post("/v1/keys", {"name": name, "roles": role})
    output.show(made, as_json, output.fields({"name": made["name"], "roles": made["roles"], "key": made["key"]}))
