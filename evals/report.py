"""Reports of suites: what was measured, on which commit and machine, as one JSON file a suite."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from api.cli import output
from evals.suite import Result

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "evals" / "reports"
BAR_WIDTH = 40
#: characters
GIB = 1024**3


def document(suite: str, result: Result) -> dict[str, Any]:
    """The whole report as JSON."""
    return {
        "suite": suite,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "figures": dict(result.figures),
        "rows": result.rows,
    }


def write(report: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report['suite']}.json"
    path.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return path


def draw(report: Mapping[str, Any], chart: Mapping[str, float], to: Console) -> None:
    rows: list[dict[str, Any]] = report["rows"]
    if rows:
        to.print(output.table(list(rows[0]), [list(row.values()) for row in rows], title=f"{report['suite']}: trials"))
        to.print()
    if chart:
        to.print(bars(chart))
        to.print()
    to.print(output.table(["figure", "value"], list(report["figures"].items()), title=f"{report['suite']}: figures"))


def bars(values: Mapping[str, float]) -> Group:
    """A bar a value, all on one scale that starts at zero."""
    longest = max(map(abs, values.values()), default=0) or 1
    grid = Table.grid(padding=(0, 1))
    for label, value in values.items():
        bar = "█" * max(round(abs(value) / longest * BAR_WIDTH), 1 if value else 0)
        grid.add_row(output.plain(label), Text(bar, style="cyan"), Text(f"{value:g}"))
    return Group(grid)


def commit() -> str:
    """The commit of the tree, with `+changes` when the tree is not what was committed; "unknown" outside of one."""
    try:
        head = _git("rev-parse", "HEAD")
        return f"{head}+changes" if _git("status", "--porcelain", "--", ":!evals/reports") else head
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def machine() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB, 1),
    }


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
