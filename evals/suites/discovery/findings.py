"""What the parts of the discovery suite share: the bench they work at, and the one shape of all that they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from evals.suites.discovery import judging
from tools.action import Surface


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One trial of any part."""

    part: str
    trial: str
    #: document, class, half, seed, or hostile input
    measure: str
    value: float
    against: float | None = None
    #: what the value is held against, as `says` or `measure` tells: a total, a budget, or what somebody else reaches
    seconds: float | None = None
    megabytes: float | None = None
    #: 2**20 bytes
    is_right: bool | None
    #: None for what has no aim, such as what somebody else reaches
    says: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What one part found. The figures of all parts have different names."""

    figures: Mapping[str, float] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    chart: Mapping[str, float] = field(default_factory=dict)


class Bench:
    """The corpus and a voice. What several parts need is made once."""

    def __init__(self, corpus: Path, tell: Callable[[str], None]) -> None:
        self.corpus = corpus
        self.tell = tell

    @cached_property
    def surfaces(self) -> dict[str, Surface]:
        """The surface of each document of the corpus that is one, by file name."""
        self.tell("reading the corpus")
        return judging.read_corpus(self.corpus)


def share(part: float, whole: float) -> float:
    """Four places, cut off rather than rounded: a share that misses its aim by a hair must not read as reached."""
    return int(part / whole * 10_000) / 10_000 if whole else 0.0
