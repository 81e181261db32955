"""`interlock connections`: one account's access to a system. Secrets are asked for, or read from a file or variable."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import typer
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from api.cli import entered, output
from api.cli.access import connect
from api.cli.output import AsJson
from tools import credentials

commands = typer.Typer(help="Access to the systems.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection's id.")]
COLUMNS = {
    "connection": "id", "system": "system", "name": "name", "kind": "auth_kind", "shown": "public",
    "scopes": "scopes", "enabled": "is_enabled",
}  # fmt: skip
KINDS: dict[str, type[BaseModel]] = {
    model.model_fields["kind"].default: model for model in get_args(get_args(credentials.CredentialSpec)[0])
}


@commands.command("add")
def add(
    system: Annotated[str, typer.Argument(help="Slug of the system.")],
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")],
    name: Annotated[str, typer.Option(help="Name of the connection within the system.")] = "main",
    public: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A field that is no secret, such as token_url."),
    ] = None,
    secrets: Annotated[
        list[str] | None,
        typer.Option(
            "--secret", metavar="FIELD=SOURCE", help="Where a secret is: @FILE or env:VARIABLE. Else it is asked for."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add a connection; its secret is sealed at once and never shown again."""
    if kind not in KINDS:
        raise typer.BadParameter(f"is not one of {', '.join(KINDS)}", param_hint="--kind")
    given = entered.pairs(public or [], "--set")
    credential = _credential(kind, given, entered.pairs(secrets or [], "--secret"))
    with connect() as api:
        added = api.post("/v1/connections", {"system": system, "name": name, "credential": credential})
    output.show(added, as_json, output.fields({heading: added.get(field) for heading, field in COLUMNS.items()}))


@commands.command("list")
def list_connections(as_json: AsJson = False) -> None:
    """Show the connections; never their secrets."""
    with connect() as api:
        found = api.items("/v1/connections")
    output.show(found, as_json, output.listing(COLUMNS, found, empty="No connections yet."))


@commands.command("disable")
def disable(connection: Name, as_json: AsJson = False) -> None:
    """Pull the kill switch: nothing more is sent with it."""
    _switch(connection, False, as_json)


@commands.command("enable")
def enable(connection: Name, as_json: AsJson = False) -> None:
    """Let calls go out with it again."""
    _switch(connection, True, as_json)


def _switch(connection: str, is_enabled: bool, as_json: bool) -> None:
    with connect() as api:
        changed = api.patch(f"/v1/connections/{connection}", {"is_enabled": is_enabled})
    said = f"Connection {connection} is {'enabled' if is_enabled else 'disabled'}."
    output.show(changed, as_json, lambda to: to.print(output.plain(said)))


def _credential(kind: str, given: dict[str, str], sources: dict[str, str]) -> dict[str, Any]:
    """The credential: `given` fields, and secrets from their sources or a prompt. Usage errors name the field."""
    known = {name: field for name, field in KINDS[kind].model_fields.items() if name != "kind"}
    secret = {name for name, field in known.items() if field.annotation is SecretStr}
    if unknown := (given.keys() - (known.keys() - secret)) | (sources.keys() - secret):
        raise typer.BadParameter(f"{kind} does not take {', '.join(sorted(unknown))} there; {_takes(known, secret)}")
    missing = [name for name, field in known.items() if field.is_required() and name not in secret | given.keys()]
    if missing:
        raise typer.BadParameter(f"{kind} needs {', '.join(missing)}; {_takes(known, secret)}", param_hint="--set")
    values = {name: text.split() if "tuple" in str(known[name].annotation) else text for name, text in given.items()}
    asked = {name: entered.secret(name, sources.get(name), known[name].is_required()) for name in sorted(secret)}
    return {"kind": kind, **values, **asked}


def _takes(known: dict[str, FieldInfo], secret: set[str]) -> str:
    return (
        f"--set takes {', '.join(known.keys() - secret) or 'nothing'}, --secret takes {', '.join(secret) or 'nothing'}"
    )
