"""How the command line speaks: tables and sentences for people, JSON for programs.

What is shown came from APIs and models, so it is never read as markup and its control characters are made visible.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text.")]

OnlyIds = Annotated[bool, typer.Option("--ids", help="Print only the ids, one a line, for scripts.")]

#: Columns where there is no terminal to ask; a narrower guess would break the tables in logs.
WIDTH_WITHOUT_TERMINAL = 120
STYLES = {
    word: style
    for style, words in {
        "green": "done approved used ok",
        "cyan": "accepted running",
        "yellow": "waiting parked in_doubt open",
        "red": "failed refused rejected expired fails",
        "dim": "cancelled skipped",
    }.items()
    for word in words.split()
}


def console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH_WITHOUT_TERMINAL
    return Console(file=stream, width=width, highlight=False)


def show(data: Any, as_json: bool, draw: Callable[[Console], None]) -> None:
    """Print `data` as JSON, or what `draw` makes of it."""
    if as_json:
        print_json(data)
    else:
        draw(console())


def print_ids(items: Sequence[Mapping[str, Any]]) -> None:
    sys.stdout.writelines(f"{item['id']}\n" for item in items)


def print_json(data: Any) -> None:
    sys.stdout.write(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n")


def plain(value: Any, style: str = "") -> Text:
    """`value` as text that a terminal takes as nothing but text, coloured when it is a state."""
    text = _as_text(value)
    return Text("".join(map(_visible, text)), style=style or STYLES.get(text, ""))


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str | None = None) -> Table:
    """A table without boxes; the last column takes the room that is left."""
    drawn = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold", show_edge=False)
    for at, column in enumerate(columns):
        drawn.add_column(column, overflow="fold", no_wrap=False, ratio=1 if at == len(columns) - 1 else None)
    for row in rows:
        drawn.add_row(*map(plain, row))
    return drawn


def listing(columns: Mapping[str, str], items: Sequence[Mapping[str, Any]], *, empty: str) -> Callable[[Console], None]:
    """Draws a list of records: `columns` maps headings to fields; `empty` is said when there are none."""

    def draw(to: Console) -> None:
        if not items:
            to.print(plain(empty))
            return
        to.print(table(list(columns), [[item.get(field) for field in columns.values()] for item in items]))

    return draw


def fields(record: Mapping[str, Any]) -> Callable[[Console], None]:
    """Draws one record, a field a line."""

    def draw(to: Console) -> None:
        grid = Table.grid(padding=(0, 2))
        for name, value in record.items():
            grid.add_row(Text(name, style="bold"), plain(value))
        to.print(grid)

    return draw


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Shows on a terminal, while the block runs, what takes its time and how long already; elsewhere nothing."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        progress.add_task(plain(what).markup, total=None)
        yield


def _as_text(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list() if all(isinstance(part, str) for part in value):
            return ", ".join(value) or "-"
        case list() | dict():
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return str(value)


def _visible(char: str) -> str:
    """Control and format characters (escape sequences, text direction) as their code; line breaks stay."""
    is_hidden = unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs") and char not in "\n\t"
    return f"\\u{ord(char):04x}" if is_hidden else char
