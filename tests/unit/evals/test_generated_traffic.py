"""The law of inference, on systems that nobody wrote: what was held out fits, and what was made wrong does not."""

from __future__ import annotations

import pytest

from evals.worlds import heldout
from evals.worlds.generated import GeneratedApi


@pytest.mark.parametrize("seed", heldout.SEEDS)
def test_what_was_held_out_fits_and_its_mutations_do_not(seed: int) -> None:
    fit = heldout.measure(seed)
    assert fit.operations >= 30
    assert fit.operations == fit.inferred
    assert fit.valid_share >= 0.99, fit.misfits
    assert {"enum", "required", "type"} == fit.refused_by_kind.keys()
    assert min(fit.refused_by_kind.values()) >= 0.95, fit.refused_by_kind


def test_a_seed_makes_the_same_system_and_another_seed_another() -> None:
    first, again, other = (GeneratedApi(seed).traffic(40) for seed in (5, 5, 6))
    assert first == again != other
