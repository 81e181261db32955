"""`interlock actions`: search what the systems can do, and look at one action."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from api.cli import meaning, output
from api.cli.access import connect
from api.cli.output import AsJson

commands = typer.Typer(help="What the systems can do.", no_args_is_help=True)

COLUMNS = {"action": "id", "class": "action_class", "accepted": "is_accepted", "summary": "summary"}


@commands.command("search")
def search(
    text: Annotated[str, typer.Argument(help='What it should do, such as "create an invoice".')],
    system: Annotated[str | None, typer.Option(help="Only this system.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    needs: Annotated[
        bool, typer.Option("--needs", help="Show which reads give what each one's arguments need.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find actions, the best match first."""
    if not text.strip():
        raise typer.BadParameter("say in a few words what the action should do", param_hint="text")
    with connect() as api:
        found = api.items("/v1/actions", q=text, system=system, limit=limit, needs=needs or None)
    columns = COLUMNS
    if needs:
        columns = {**COLUMNS, "needs": "needed"}
        for one in found:
            one["needed"] = sorted({f"{link['argument']} from {link['action']}" for link in one["needs"]})
    output.show(found, as_json, output.listing(columns, found, empty="No action matches; try other words."))


@commands.command("show")
def show(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="The action's id, such as crm.create_contact.")],
    schema: Annotated[
        bool,
        typer.Option(
            "--schema", help="Print the JSON Schemas of its arguments and result instead, and the one shown to models."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one action: what it means, what its arguments take and where they come from, and why that was proposed."""
    with connect() as api:
        if schema:
            return output.print_json(api.get(f"/v1/actions/{action}/schema"))
        found = api.get(f"/v1/actions/{action}")
    output.show(found, as_json, lambda to: _draw(to, found))


def _draw(to: Console, action: dict[str, Any]) -> None:
    shown = {"action": action["id"], "request": f"{action['method']} {action['path']}", "summary": action["summary"]}
    shown |= {"accepted": action["is_accepted"], "revision": action["revision"]}
    shown |= {"guard says": f"{action['approval']['verdict']}: {action['approval']['why']}"}
    output.fields(shown)(to)
    meaning.draw(to, action)
