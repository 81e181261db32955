"""The `interlock` command: its parts put together, and every failure told in a sentence with its mend.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
"""

from __future__ import annotations

import sys
from importlib.metadata import entry_points, version
from typing import Annotated, Any

import orjson
import typer

from api.cli import (
    actions,
    approvals,
    audit,
    connections,
    doctor,
    goals,
    keys,
    observe,
    output,
    policies,
    processes,
    runs,
    systems,
)
from api.cli.client import Problem
from tools import errors

#: Packages above this one add their commands under this entry-point group; nothing here may import them.
GROUP = "interlock.commands"


def main(arguments: list[str] | None = None) -> None:
    given = sys.argv[1:] if arguments is None else arguments
    try:
        build()(given, prog_name="interlock")
    except Problem as problem:
        _fail(problem.document, "--json" in given)
    except errors.InterlockError as error:
        _fail({"title": type(error).__name__, "detail": error.message, **error.data}, "--json" in given)


def build() -> typer.Typer:
    root = typer.Typer(
        help="Plain-language integration goals, carried out over discovered APIs, guarded and recorded.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    root.callback()(_root)
    for add in (processes, goals, observe, doctor):
        add.register(root)
    for part in (systems, connections, actions, runs, approvals, policies, audit, keys):
        root.add_typer(part.commands, name=part.__name__.rpartition(".")[2])
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        _add(root, entry.name, entry.load())
    return root


def _add(root: typer.Typer, name: str, command: Any) -> None:
    """A Typer becomes a group of commands, a function one command."""
    if isinstance(command, typer.Typer):
        root.add_typer(command, name=name)
    else:
        root.command(name)(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"interlock {version('interlock')}")
        raise typer.Exit


def _root(
    show_version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


def _fail(problem: dict[str, Any], as_json: bool) -> None:
    if as_json:
        sys.stderr.write(orjson.dumps(problem, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        to = output.console(stderr=True)
        to.print(output.plain(f"Error: {problem.get('detail') or problem.get('title')}", "red"))
        for place in _places(problem):
            to.print(output.plain(f"  {place.get('pointer', '')} {place.get('problem', place)}"))
        if mend := problem.get("mend"):
            to.print(output.plain(f"Mend: {mend}"))
    sys.exit(1)


def _places(problem: dict[str, Any]) -> list[dict[str, Any]]:
    """What is wrong place by place, unless it is a single place and the detail has said it."""
    places = problem.get("problems") or []
    is_said = len(places) == 1 and str(places[0].get("problem")) in str(problem.get("detail"))
    return [] if is_said else places
