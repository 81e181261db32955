"""`interlock systems`: register an application by its document, look at its surface, accept its actions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from api.cli import client, entered, output
from api.cli.access import connect
from api.cli.output import AsJson

commands = typer.Typer(help="Registered applications and their surfaces.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(metavar="SYSTEM", help="Short name, such as crm.")]
COLUMNS = {"system": "slug", "title": "title", "base URL": "base_url", "owner": "owner"}


@commands.command("add")
def add(
    slug: Slug,
    spec: Annotated[str, typer.Option(help="The OpenAPI document: a file, or an http(s) URL.")],
    base_url: Annotated[str, typer.Option(help="Where the system is; the document's own servers are not believed.")],
    title: Annotated[str, typer.Option(help="Name for people.")] = "",
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Permit loopback and private addresses for this system.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Register a system and discover its actions; they stay denied until `systems accept`."""
    document = client.download(spec) if "://" in spec else entered.read_file(Path(spec))
    body = {"slug": slug, "title": title, "base_url": base_url, "allow_private": allow_private}
    with connect() as api:
        system = api.post("/v1/systems", body | {"document": document.decode(errors="replace")})
    output.show(system, as_json, lambda to: _draw_surface(to, slug, system["surface"]))


@commands.command("list")
def list_systems(as_json: AsJson = False) -> None:
    """Show the registered systems."""
    with connect() as api:
        found = api.items("/v1/systems")
    output.show(
        found, as_json, output.listing(COLUMNS, found, empty="No systems yet; add one with `interlock systems add`.")
    )


@commands.command("show")
def show(slug: Slug, as_json: AsJson = False) -> None:
    """Show a system, its actions, and the operations that could not be used."""
    with connect() as api:
        system = api.get(f"/v1/systems/{slug}")
        system["actions"] = api.items("/v1/actions", system=slug)
    output.show(system, as_json, lambda to: _draw_system(to, system))


@commands.command("accept")
def accept(
    slug: Slug,
    actions: Annotated[
        list[str] | None, typer.Argument(help="Action ids; all with a known class when left out.")
    ] = None,
    overrides: Annotated[
        str | None, typer.Option(help='JSON or @FILE: {"crm.send_email": {"action_class": "message"}}.')
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let the actions be called, within what the policies allow."""
    body = {"actions": actions or None, "overrides": entered.json_object(overrides, "--overrides") if overrides else {}}
    with connect() as api:
        answer = api.post(f"/v1/systems/{slug}/accept", body)
    count = len(answer["accepted"])
    output.show(answer, as_json, lambda to: to.print(output.plain(f"{count} actions of {slug} are accepted.")))


def _draw_surface(to: Console, slug: str, surface: dict[str, Any]) -> None:
    to.print(output.plain(f"{slug}: {surface['actions']} actions found in {surface['title']} ({surface['dialect']})."))
    _draw_quarantine(to, surface["quarantine"])
    to.print(
        output.plain(f"Look at them with `interlock systems show {slug}`, then `interlock systems accept {slug}`.")
    )


def _draw_system(to: Console, system: dict[str, Any]) -> None:
    output.fields({name: system[field] for name, field in COLUMNS.items()})(to)
    to.print()
    rows = [[one["id"], one["action_class"], one["is_accepted"], one["summary"]] for one in system["actions"]]
    to.print(output.table(["action", "class", "accepted", "summary"], rows))
    if system["surface"]:
        _draw_quarantine(to, system["surface"]["quarantine"])


def _draw_quarantine(to: Console, entries: list[dict[str, Any]]) -> None:
    if entries:
        to.print()
        rows = [[one["method"], one["path"], one["reason"], one["pointer"]] for one in entries]
        to.print(output.table(["method", "path", "not usable because", "where"], rows))
