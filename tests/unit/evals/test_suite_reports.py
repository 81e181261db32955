"""A report says what was measured, on which commit and machine, under the names that were promised."""

from __future__ import annotations

import io

from rich.console import Console

from evals import report
from evals.suite import Result

ROWS = [{"trial": "a", "is_right": True}]
RESULT = Result(figures={"right": 0.5}, rows=ROWS, chart={"one": 1.0, "half": 0.5, "no": 0})


def test_a_report_has_the_promised_keys() -> None:
    found = report.document("goals", RESULT)
    assert {"suite", "date", "commit", "machine", "figures", "rows"} == found.keys()
    assert ("goals", {"right": 0.5}, RESULT.rows) == (found["suite"], found["figures"], found["rows"])
    assert {"system", "python", "cpus", "memory_gib"} == found["machine"].keys()


def test_bars_share_one_scale_that_starts_at_zero() -> None:
    to = Console(file=io.StringIO(), width=100)
    to.print(report.bars(RESULT.chart))
    lengths = [line.count("█") for line in to.file.getvalue().splitlines()]
    assert [report.BAR_WIDTH, report.BAR_WIDTH // 2, 0] == lengths
