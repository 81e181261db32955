"""What a suite is: a module under `evals/suites` whose function `run` measures something and tells the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    choices: Mapping[str, str] = field(default_factory=dict)
    #: from `--set NAME=VALUE`; each suite says in its docstring which names it knows
    tell: Callable[[str], None] = lambda _: None
    #: takes a sentence about the progress, shown to the person who waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    figures: Mapping[str, float]
    rows: list[dict[str, Any]]
    #: one per trial, all with the same keys
    chart: Mapping[str, float] = field(default_factory=dict)
    #: label -> value, drawn as bars when it helps


class Suite(Protocol):
    """The module itself."""

    async def run(self, options: Options) -> Result: ...
