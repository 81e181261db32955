"""Surfaces inferred from traffic alone, held against the exchanges that were kept back.

The figure is the share of the generated system that fits worst.
"""

from __future__ import annotations

from evals.suites.discovery.findings import Bench, Findings, Row, share
from evals.worlds import heldout

AIM = 0.99
OPERATIONS = 30
#: a system with fewer would be too easy


def measure(bench: Bench) -> Findings:
    rows = []
    for seed in heldout.SEEDS:
        bench.tell(f"traffic of generated system {seed}")
        rows.append(_row(seed, heldout.measure(seed)))
    return Findings(figures={"traffic_heldout_valid_share": min(row.value for row in rows)}, rows=rows)


def _row(seed: int, fit: heldout.Fit) -> Row:
    kinds = ", ".join(f"{kind} {part:.1%}" for kind, part in fit.refused_by_kind.items())
    return Row(
        part="traffic",
        trial=f"generated system {seed}",
        measure="held-out exchanges that fit",
        value=share(fit.valid_share, 1),
        against=AIM,
        is_right=fit.valid_share >= AIM and fit.operations >= OPERATIONS,
        says=f"{fit.inferred} operations inferred of {fit.operations}; mutated answers refused: {kinds}",
    )
