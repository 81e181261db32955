"""What discovery proposes of each operation, held against the labels: classes, targets, relations.

The rows of the test half are counts; nothing of that half is told by name. The one aim is that no effect is called a
read; the shares have none.
"""

from __future__ import annotations

from collections.abc import Iterator

from evals.suites.discovery import judging
from evals.suites.discovery.findings import Bench, Findings, Row, share
from evals.suites.discovery.judging import Share
from evals.suites.discovery.labels import Half, Label, load_labels

HALVES: tuple[Half, ...] = ("dev", "test")
SHOWN = 3
#: misses of the dev half that are told


def measure(bench: Bench) -> Findings:
    rows, called_read = [], 0
    for half in HALVES:
        found = list(_half(bench, half, load_labels(half)))
        rows += found
        called_read += int(sum(row.value for row in found if row.measure == "writes called read"))
    bench.tell(f"{called_read} labelled writes are called reads")
    return Findings(figures={"writes_called_read": called_read}, rows=rows)


def _half(bench: Bench, half: Half, labels: list[Label]) -> Iterator[Row]:
    judged = judging.judge_classes(labels, bench.surfaces)
    names = judged.writes_called_read if half == "dev" else ()
    called_read = judged.writes_called_read
    yield _row(half, "all classes", "writes called read", len(called_read), 0, not called_read, "; ".join(names))
    yield _row(half, "unknown", "proposed", judged.unknown, len(labels), None, "denied until an admin decides")
    yield _row(half, "quarantined", "labelled operations that are no actions", len(judged.lost), len(labels), None, "")
    for name in judged.precision:
        yield _of(half, name.value, "precision", judged.precision[name])
        yield _of(half, name.value, "recall", judged.recall[name])
    targets = judging.judge_targets(labels, bench.surfaces)
    yield _of(half, "targets", "precision", targets.precision, targets.wrong)
    yield _of(half, "targets", "recall", targets.recall)
    relations = judging.judge_relations(labels, bench.surfaces)
    yield _of(half, "pagination", "found", relations.pagination, relations.wrong)
    yield _of(half, "read-back", "found", relations.read_back)
    yield _of(half, "inverse", "found", relations.inverse)


def _of(half: Half, name: str, measure: str, found: Share, misses: tuple[str, ...] = ()) -> Row:
    told = "; ".join(misses[:SHOWN]) if half == "dev" else ""
    says = f"{found.right} of {found.of}" + (f", such as: {told}" if told else "")
    return Row(
        part="classes",
        trial=f"{half}: {name}",
        measure=measure,
        value=share(found.right, found.of) if found.of else 1.0,
        is_right=None,
        says=says,
    )


def _row(half: Half, name: str, measure: str, value: int, against: int, is_right: bool | None, says: str) -> Row:
    return Row(
        part="classes",
        trial=f"{half}: {name}",
        measure=measure,
        value=value,
        against=against,
        is_right=is_right,
        says=says,
    )
