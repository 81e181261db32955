"""`interlock audit`: take the hash-chained log out, and verify it.

What knows the database is imported inside: it takes a second to load, which no other command should cost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from api.cli import entered, output
from api.cli.access import connect
from api.cli.client import Problem
from api.cli.output import AsJson
from api.settings import Settings

if TYPE_CHECKING:
    from tools.guard.audit import Verification
    from tools.tables import Decision

REGISTRY = "registry"
commands = typer.Typer(help="The hash-chained log of every decision.", no_args_is_help=True)


@commands.command("verify")
def verify(
    file: Annotated[
        Path | None, typer.Option(help="An export to verify; without it, the database at hand.", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every link of the log, without the service: code 1 and the first bad record when one does not hold."""
    from tools.guard import audit

    found = audit.check(_read(file)) if file else asyncio.run(_verify_database(Settings()))
    said = f"{found.records} records in {found.chains} chains: " + (
        f"BROKEN at {found.bad}" if found.bad else "all hold"
    )
    output.show(asdict(found), as_json, lambda to: to.print(output.plain(said, "red" if found.bad else "green")))
    if found.bad:
        raise typer.Exit(1)


@commands.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="Where to write it: one JSON record a line.", dir_okay=False)],
    chain: Annotated[str | None, typer.Option(help="One chain: a run's id, or registry. All when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the log to a file that `audit verify --file` reads on any machine."""
    with connect() as api:
        chains = [chain] if chain else [REGISTRY, *(run["id"] for run in api.items("/v1/runs"))]
        lines = b"".join(api.raw(f"/v1/audit/chains/{name}/export") for name in chains)
    entered.write_file(file, lines)
    told = {"file": str(file), "chains": len(chains), "records": lines.count(b"\n")}
    said = f"{told['records']} records of {told['chains']} chains written to {file}."
    output.show(told, as_json, lambda to: to.print(output.plain(said)))


async def _verify_database(settings: Settings) -> Verification:
    from tools import db
    from tools.guard import audit

    database = db.Database(settings.database_url)
    try:
        async with database.read() as session:
            return await audit.verify(session)
    finally:
        await database.close()


def _read(file: Path) -> Iterator[Decision]:
    from tools.tables import Decision

    for number, line in enumerate(entered.read_file(file).splitlines(), 1):
        try:
            fields = orjson.loads(line)
            yield Decision(**fields | {"at": datetime.fromisoformat(fields["at"])})
        except (ValueError, TypeError, KeyError):
            detail = f"line {number} of {file} is not a record of the log"
            raise Problem({"title": "not an export", "detail": detail}) from None
