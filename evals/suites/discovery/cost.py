"""What discovery costs over the plain parse of the same bytes, beside FastMCP, each trial in a process of its own.

- Parse: `orjson.loads` of the bytes, or `yaml.load` with PyYAML's loader in C. FastMCP: `from_openapi` of the document
  parsed before; its parse is not counted. Ours: from the bytes to the catalogue's rows as JSON, in the process that
  reads documents and in the one that asked. Reading the file, imports and starting processes are counted for none.
- CPU is user and system time with that of ended children. Trials are interleaved; the figures are of medians of five.
- Memory is the most held at one moment: by the parsing process with nothing but Python, orjson or PyYAML in it, and by
  ours with all of its libraries and its reading process. Nothing is subtracted. `rss_over_parse` is GitHub's, the
  largest document: of a small one this compares libraries.
- `yaml_cpu_over_parse` is that of the YAML document with the worst. `schema_bytes_over_source` is over all documents.
- Work that is put off until it is needed is told in rows of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import orjson

from evals import apart
from evals.apart import Ended
from evals.suites.discovery.findings import Bench, Findings, Row
from tools.action import Surface

TRIALS = 5
LIMIT_S = 180.0
SIDES = ("parse", "discover", "fastmcp")
GITHUB, STRIPE = "github_api.json", "stripe.json"
YAML = ("asana.yaml", "xero_accounting.yaml", "twilio_messaging_yaml.yaml")
CPU_AIMS = {GITHUB: 5.0, STRIPE: 10.0} | dict.fromkeys(YAML, 1.3)
MEMORY_AIM, BYTES_AIM = 1.3, 1.2
LATER = {
    "discover_first": ("first document", "with the start of the reading process"),
    "signatures": ("signatures", "of all actions, made when first shown"),
    "validators": ("validators", "of all actions' arguments, compiled when first called"),
    "index": ("index", "over the document's actions, built at the first search"),
    "fastmcp_listed": ("FastMCP's listing", "of its tools, made when first asked for"),
}
#: piece of work -> what it gives, and when it is due


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Medians of the trials of one side over one document."""

    cpu_s: float
    seconds: float
    peak_bytes: float
    problem: str
    #: of the first trial that did not end well


def measure(bench: Bench) -> Findings:
    spent = {document: _spent(bench, document) for document in CPU_AIMS}
    over = {document: cpu_over(sides["discover"], sides["parse"]) for document, sides in spent.items()}
    fastmcp = {document: cpu_over(sides["fastmcp"], sides["parse"]) for document, sides in spent.items()}
    memory = {document: sides["discover"].peak_bytes / sides["parse"].peak_bytes for document, sides in spent.items()}
    rows = [row for document, sides in spent.items() for row in _rows(document, sides)]
    rows += [row for document in CPU_AIMS for row in _later(bench, document, spent[document]["parse"])]
    kept = _kept(bench)
    figures = {
        "github_cpu_over_parse": round(over[GITHUB], 2),
        "stripe_cpu_over_parse": round(over[STRIPE], 2),
        "yaml_cpu_over_parse": round(max(over[name] for name in YAML), 2),
        "rss_over_parse": round(memory[GITHUB], 2),
        "schema_bytes_over_source": kept[0].value,
        "fastmcp_github_cpu_over_parse": round(fastmcp[GITHUB], 2),
    }
    chart = {}
    for document in (GITHUB, STRIPE):
        chart[f"{document}: CPU over parse"] = round(over[document], 1)
        chart[f"{document}: CPU over parse, FastMCP"] = round(fastmcp[document], 1)
    return Findings(figures=figures, rows=[*rows, *kept], chart=chart)


def _spent(bench: Bench, document: str) -> dict[str, Spent]:
    trials: dict[str, list[Ended]] = {side: [] for side in SIDES}
    for _ in range(TRIALS):
        for side in SIDES:
            if not any(one.problem for one in trials[side]):
                trials[side].append(apart.run(side, bench.corpus / document, limit_s=LIMIT_S))
    found = {side: medians(ended) for side, ended in trials.items()}
    bench.tell(f"{document}: " + ", ".join(f"{side} {one.cpu_s:.3f} s" for side, one in found.items()))
    return found


def medians(ended: list[Ended]) -> Spent:
    return Spent(
        cpu_s=median(one.cpu_s for one in ended),
        seconds=median(one.seconds for one in ended),
        peak_bytes=median(one.peak_bytes for one in ended),
        problem=ended[-1].problem,
    )


def cpu_over(spent: Spent, parse: Spent) -> float:
    """Infinite when it did not end well."""
    return float("inf") if spent.problem or parse.problem else spent.cpu_s / parse.cpu_s


def _rows(document: str, sides: dict[str, Spent]) -> Iterator[Row]:
    parse, ours, theirs = (sides[side] for side in SIDES)
    aim = CPU_AIMS[document]
    yield _row(document, "CPU over parse", ours, cpu_over(ours, parse), aim, f"the parse takes {parse.cpu_s:.3f} s")
    yield _row(document, "FastMCP: CPU over parse", theirs, cpu_over(theirs, parse), None, "beside ours")
    held = f"the parse holds {parse.peak_bytes / 2**20:.0f} MB"
    yield _row(document, "memory over parse", ours, ours.peak_bytes / parse.peak_bytes, MEMORY_AIM, held)


def _row(document: str, measure: str, spent: Spent, value: float, aim: float | None, says: str) -> Row:
    return Row(
        part="cost",
        trial=document,
        measure=measure,
        value=round(value, 2),
        against=aim,
        seconds=round(spent.cpu_s, 3),
        megabytes=round(spent.peak_bytes / 2**20, 1),
        is_right=None if aim is None else not spent.problem and value <= aim,
        says=spent.problem or f"{says}; median of {TRIALS}",
    )


def _later(bench: Bench, document: str, parse: Spent) -> Iterator[Row]:
    for piece, (name, due) in LATER.items():
        ended = apart.run(piece, bench.corpus / document, limit_s=LIMIT_S)
        spent = medians([ended])
        yield Row(
            part="cost",
            trial=document,
            measure=f"CPU over parse: {name}",
            value=round(cpu_over(spent, parse), 2),
            seconds=round(ended.cpu_s, 3),
            megabytes=round(ended.peak_bytes / 2**20, 1),
            is_right=None,
            says=ended.problem or f"{due}; once",
        )


def _kept(bench: Bench) -> list[Row]:
    """Schemas over source: of all documents together, then of the one with the worst."""
    sizes = {name: (schema_bytes(one), _source(bench, name)) for name, one in bench.surfaces.items() if one.actions}
    kept, source = map(sum, zip(*sizes.values(), strict=True))
    worst = max(sizes, key=lambda name: sizes[name][0] / sizes[name][1])
    return [_bytes("all documents", kept, source), _bytes(worst, *sizes[worst], says="the worst: ")]


def _source(bench: Bench, name: str) -> int:
    return (bench.corpus / name).stat().st_size


def schema_bytes(surface: Surface) -> int:
    """Bytes of all schemas that are kept of a surface, as compact JSON."""
    own = [
        [*(argument.json_schema for argument in action.arguments), action.result_schema, *action.errors.values()]
        for action in surface.actions
    ]
    return sum(len(orjson.dumps(schema)) for schemas in own for schema in schemas) + len(orjson.dumps(surface.defs))


def _bytes(trial: str, kept: int, source: int, says: str = "") -> Row:
    return Row(
        part="cost",
        trial=trial,
        measure="bytes of schemas over source",
        value=round(kept / source, 3),
        against=BYTES_AIM,
        is_right=kept <= BYTES_AIM * source,
        says=f"{says}{kept:,} of {source:,} bytes",
    )
