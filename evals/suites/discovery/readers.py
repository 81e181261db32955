"""What second readers of the standard say of the requests that are written: the part of the suite around `wire`."""

from __future__ import annotations

from collections import Counter

from evals.suites.discovery import wire
from evals.suites.discovery.findings import Bench, Findings, Row, share
from evals.suites.discovery.refusals import Cause
from evals.suites.discovery.wire import DocumentJudgement, WireJudgement

AIM = 0.99


async def measure(bench: Bench) -> Findings:
    judged = await wire.judge_wire(bench.corpus, bench.tell)
    rows = [_document(one) for one in judged.documents] + _refusals(judged)
    return Findings(figures={"wire_accepted_share": share(judged.accepted, judged.of)}, rows=rows)


def _document(one: DocumentJudgement) -> Row:
    return Row(
        part="wire",
        trial=one.document,
        measure="requests that both readers accept",
        value=share(one.accepted, one.of),
        against=AIM,
        seconds=one.took_s,
        is_right=one.accepted >= AIM * one.of and one.controls_refused == one.controls,
        says=f"{one.accepted:,} of {one.of:,} for {one.actions:,} actions; of {one.controls:,} requests that are wrong "
        f"on purpose {one.controls_refused:,} were refused",
    )


def _refusals(judged: WireJudgement) -> list[Row]:
    """A row for each explanation in each document."""
    told = Counter((one.document, one.reader, one.cause, one.explanation) for one in judged.refusals)
    return [
        Row(
            part="wire",
            trial=document,
            measure=f"refusals by {reader}",
            value=count,
            is_right=cause in (Cause.DOCUMENT, Cause.READER),
            says=f"{cause.value}: {explanation}",
        )
        for (document, reader, cause, explanation), count in told.most_common()
    ]
