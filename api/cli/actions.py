"""`interlock actions`: search what the systems can do, and look at one action."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from api.cli import output
from api.cli.access import connect
from api.cli.output import AsJson

commands = typer.Typer(help="What the systems can do.", no_args_is_help=True)

COLUMNS = {"action": "id", "class": "action_class", "accepted": "is_accepted", "summary": "summary"}


@commands.command("search")
def search(
    text: Annotated[str, typer.Argument(help='What it should do, such as "create an invoice".')],
    system: Annotated[str | None, typer.Option(help="Only this system.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    as_json: AsJson = False,
) -> None:
    """Find actions, the best match first."""
    with connect() as api:
        found = api.items("/v1/actions", q=text, system=system, limit=limit)
    output.show(found, as_json, output.listing(COLUMNS, found, empty="No action matches; try other words."))


@commands.command("show")
def show(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="The action's id, such as crm.create_contact.")],
    as_json: AsJson = False,
) -> None:
    """Show one action: its arguments, its class, how an effect in doubt is settled, and why that was proposed."""
    with connect() as api:
        found = api.get(f"/v1/actions/{action}")
    output.show(found, as_json, lambda to: _draw(to, found))


def _draw(to: Console, action: dict[str, Any]) -> None:
    shown = {"action": action["id"], "request": f"{action['method']} {action['path']}", "class": action["action_class"]}
    shown |= {"accepted": action["is_accepted"], "in doubt": action["resolver"]["kind"], "scopes": action["scopes"]}
    shown |= {"guard says": f"{action['approval']['verdict']}: {action['approval']['why']}"}
    output.fields(shown | {"summary": action["summary"]})(to)
    to.print()
    rows = [
        [one["name"], one["place"], one["required"], one["is_target"], _type(one["json_schema"]), one["description"]]
        for one in action["arguments"]
    ]
    to.print(output.table(["argument", "place", "required", "target", "type", "meaning"], rows))
    if action["evidence"]:
        to.print()
        to.print(output.table(["proposed", "because"], [[one["field"], one["why"]] for one in action["evidence"]]))


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return str(schema.get("format") or schema.get("type") or schema.get("$ref", "any"))
