"""How well the catalogue's search finds what people ask for, beside plain BM25 over the same texts.

The figures are over both halves of the labelled queries, the rows tell them apart; those of the test half are counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from evals.suites.discovery import judging
from evals.suites.discovery.findings import Bench, Findings, Row, share
from evals.suites.discovery.judging import SearchJudgement
from evals.suites.discovery.labels import Half, load_queries

HALVES: tuple[Half, ...] = ("dev", "test")


def measure(bench: Bench) -> Findings:
    bench.tell("searching the corpus")
    listed = judging.signatures(bench.surfaces)
    ours, plain = (_judged(bench, one) for one in (judging.catalog_search(listed), judging.plain_search(listed)))
    rows = [row for half in HALVES for row in _rows(half, ours[half], plain[half])]
    chart = {}
    for row in rows:
        chart[f"{row.trial}: {row.measure}"] = row.value
        chart[f"{row.trial}: {row.measure}, plain BM25"] = row.against or 0.0
    figures = {"recall_at_20": _at_20(ours), "bm25_recall_at_20": _at_20(plain)}
    return Findings(figures=figures, rows=rows, chart=chart)


def _judged(bench: Bench, search: judging.Search) -> dict[Half, SearchJudgement]:
    return {half: judging.judge_search(load_queries(half), bench.surfaces, search) for half in HALVES}


def _at_20(judged: dict[Half, SearchJudgement]) -> float:
    return share(sum(one.at_20.right for one in judged.values()), sum(one.at_20.of for one in judged.values()))


def _rows(half: Half, ours: SearchJudgement, plain: SearchJudgement) -> Iterator[Row]:
    for name, found, beside in (("recall@10", ours.at_10, plain.at_10), ("recall@20", ours.at_20, plain.at_20)):
        yield Row(
            part="search",
            trial=f"{half} queries",
            measure=name,
            value=share(found.right, found.of),
            against=share(beside.right, beside.of),
            is_right=found.right > beside.right,
            says=f"{found.right} of {found.of}; plain BM25 {beside.right}",
        )
