"""`interlock observe`: let a system's recorded traffic speak, or see what it said."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from api.cli import entered, output
from api.cli.access import connect
from api.cli.client import Api
from api.cli.output import AsJson

COLUMNS = {"where": "action", "what": "kind", "place": "pointer", "seen": "value", "times": "count",
           "first": "first_at", "last": "last_at", "connection": "connection"}  # fmt: skip
NOTHING = "Nothing yet: no traffic differs from the document."


def register(root: typer.Typer) -> None:
    root.command("observe")(observe)


def observe(
    slug: Annotated[str, typer.Argument(metavar="SYSTEM", help="Short name, such as crm.")],
    recording: Annotated[
        Path | None, typer.Argument(metavar="FILE.har", help="HAR 1.2; left out, what was seen so far is shown.")
    ] = None,
    origin: Annotated[
        str | None, typer.Option(help="Where the traffic went, when not to the system's base URL.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="Register the system at this URL first; its actions come from the traffic.")
    ] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="With --base-url: permit loopback and private addresses.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Learn from a HAR file what a system can do, or how it differs from its document. Secrets are left out."""
    with connect() as api:
        if recording is None:
            seen = api.items(f"/v1/systems/{slug}/observations")
            output.show(seen, as_json, output.listing(COLUMNS, seen, empty=NOTHING))
            return
        content = entered.read_file(recording)
        if base_url is not None:
            api.post("/v1/systems", {"slug": slug, "base_url": base_url, "allow_private": allow_private})
        told = _send(api, slug, content, origin)
    output.show(told, as_json, lambda to: _draw(to, slug, told))


def _send(api: Api, slug: str, content: bytes, origin: str | None) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    shown = output.console(stderr=True)
    with Progress(*columns, console=shown, disable=not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task("Sending", total=len(content))

        def tell(sent: int) -> None:
            what = "Sending" if sent < len(content) else "Redacting and inferring"
            progress.update(task, completed=sent, description=what)

        told: dict[str, Any] = api.upload(f"/v1/systems/{slug}/observations", content, tell, origin=origin)
    return told


def _draw(to: Console, slug: str, told: dict[str, Any]) -> None:
    to.print(output.plain(f"{told['exchanges']} exchanges with {slug}, {told['new']} of them new."))
    for why, count in told["passed_over"].items():
        to.print(output.plain(f"  {count} others: {why}"))
    if not told["exchanges"] and not told["passed_over"]:
        to.print(output.plain("The file holds no traffic at all; record while something calls the system."))
    elif not told["exchanges"] and told["hosts"]:
        to.print(output.plain(f"The file holds traffic of {', '.join(told['hosts'])}; name one with --origin."))
    if told["revision"] is not None:
        to.print(output.plain(f"{told['actions']} actions were inferred (revision {told['revision']})."))
        mend = f"Look at them with `interlock systems show {slug}`, then `interlock systems accept {slug}`."
        to.print(output.plain(mend))
    elif told["facts"]:
        to.print(output.plain(f"{told['facts']} things differ from the document: `interlock observe {slug}`."))
