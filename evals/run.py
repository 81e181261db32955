"""`interlock evals`: run a suite, show what came out, and write its report."""

from __future__ import annotations

import asyncio
import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Annotated, cast

import typer

import evals.suites
from api.cli import output
from api.cli.output import AsJson
from evals import report
from evals.suite import Options, Suite

commands = typer.Typer(help="Measure Interlock and write reports.", no_args_is_help=True)

Choices = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A choice that the suite knows, such as planner=model."),
]
Folder = Annotated[Path, typer.Option("--output", help="Folder for the report.", file_okay=False)]


@commands.command("list")
def list_suites(as_json: AsJson = False) -> None:
    """Show the suites and what each measures."""
    told = [{"suite": name, "measures": _first_line(_load(name))} for name in names()]
    output.show(told, as_json, output.listing({"suite": "suite", "measures": "measures"}, told, empty="no suites"))


@commands.command("run")
def run_suite(
    suite: Annotated[str, typer.Argument(help="Name of the suite; `interlock evals list` shows them.")],
    choices: Choices = None,
    folder: Folder = report.FOLDER,
    as_json: AsJson = False,
) -> None:
    """Run a suite and write its report."""
    if suite not in names():
        raise typer.BadParameter(f"there is no suite {suite!r}; there are: {', '.join(names())}")
    said = output.console(stderr=True)
    options = Options(choices=_pairs(choices or []), tell=lambda text: said.print(output.plain(text, "dim")))
    result = asyncio.run(_load(suite).run(options))
    measured = report.document(suite, result)
    path = report.write(measured, folder)
    output.show(measured, as_json, lambda to: report.draw(measured, result.chart, to))
    said.print(output.plain(f"Report written to {path}"))


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(evals.suites.__path__))


def _load(name: str) -> Suite:
    return cast(Suite, import_module(f"evals.suites.{name}"))


def _first_line(suite: Suite) -> str:
    return (suite.__doc__ or "").strip().partition("\n")[0]


def _pairs(choices: list[str]) -> dict[str, str]:
    pairs = [choice.partition("=") for choice in choices]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise typer.BadParameter(f"--set takes NAME=VALUE, not {wrong[0]!r}")
    return {name: value for name, _, value in pairs}
