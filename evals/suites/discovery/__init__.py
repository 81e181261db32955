"""Discovery over real documents: what becomes an action, what it costs, what search finds, what hostile input does.

The corpus is `../shared/specs`, which is no part of the project; without it the suite says so and fails. Choice:
`part=corpus|classes|search|traffic|wire|cost|hostile` runs that part alone, so that the report has its figures only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from evals.report import ROOT
from evals.suite import Options, Result
from evals.suites.discovery import classes, corpus, cost, hostile, readers, recall, speed, traffic
from evals.suites.discovery.findings import Bench, Findings
from tools import errors

CORPUS = ROOT.parent / "shared" / "specs"

Part = Callable[[Bench], Awaitable[Findings]]


async def run(options: Options) -> Result:
    """Raises `Invalid` for an unknown part, `Unknown` when the corpus is absent."""
    only = options.choices.get("part")
    if only is not None and only not in PARTS:
        raise errors.Invalid(f"the suite has no part {only!r}; there are: {', '.join(PARTS)}")
    bench = Bench(_present(CORPUS), options.tell)
    found = [await part(bench) for name, part in PARTS.items() if only in (None, name)]
    return Result(
        figures={name: value for one in found for name, value in one.figures.items()},
        rows=[row.as_json() for one in found for row in one.rows],
        chart={label: value for one in found for label, value in one.chart.items()},
    )


def _present(folder: Path) -> Path:
    if not folder.is_dir():
        raise errors.Unknown(f"{folder} is absent: the suite measures real API documents, which are not in the project")
    return folder


def _blocking(measure: Callable[[Bench], Findings]) -> Part:
    """A part that computes or waits for processes, so that it has a thread of its own."""

    async def part(bench: Bench) -> Findings:
        return await asyncio.to_thread(measure, bench)

    return part


async def _search(bench: Bench) -> Findings:
    found, took = await asyncio.to_thread(recall.measure, bench), await speed.measure(bench)
    return Findings(figures={**found.figures, **took.figures}, rows=found.rows + took.rows, chart=found.chart)


PARTS: dict[str, Part] = {
    "corpus": _blocking(corpus.measure),
    "classes": _blocking(classes.measure),
    "search": _search,
    "traffic": _blocking(traffic.measure),
    "wire": readers.measure,
    "cost": _blocking(cost.measure),
    "hostile": _blocking(hostile.measure),
}
#: in the order of the report
