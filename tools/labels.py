"""Where a value came from, and so how far it may be trusted.

A `Labelled` is a JSON value whose every leaf carries a label and its origins. Containers hold Labelled children; their
label is the lowest below them, their origins the union. What is derived from values takes the lowest label of them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from pydantic import JsonValue


class Label(IntEnum):
    """Trust, ascending. `text` and `model` are one height in the guard's eyes; the names only tell the source apart."""

    MODEL = 0
    #: written by a planner or another model
    TEXT = 1
    #: free text from a response or an extract step
    TYPED = 2
    #: a closed-type field (id, enum, number, date, e-mail, …) of an accepted action's result
    ADMIN = 3
    #: set in the registry or a policy by an admin
    USER = 4
    #: literal in the goal or in a form that a person sent

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A labelled JSON value: `value` is a scalar, a dict of Labelled or a tuple of Labelled.

    `own` is this node's own label; an empty container has only that.
    """

    value: str | int | float | bool | Mapping[str, Labelled] | tuple[Labelled, ...] | None
    own: Label
    sources: frozenset[str] = frozenset()
    #: where it came from: `goal`, `step:deal`, `registry`, `plan`, …

    @property
    def label(self) -> Label:
        return min((part.label for part in self._parts()), default=self.own) if self._is_container() else self.own

    @property
    def origins(self) -> frozenset[str]:
        return self.sources.union(*(part.origins for part in self._parts()))

    def plain(self) -> JsonValue:
        """The value without its labels."""
        if isinstance(self.value, Mapping):
            return {name: part.plain() for name, part in self.value.items()}
        if isinstance(self.value, tuple):
            return [part.plain() for part in self.value]
        return self.value

    def leaves(self, pointer: str = "") -> Iterable[tuple[str, Labelled]]:
        """Every leaf with its JSON pointer (RFC 6901); an empty container is a leaf."""
        named = self._named_parts()
        if not named:
            yield pointer, self
        for name, part in named:
            yield from part.leaves(f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")

    def _is_container(self) -> bool:
        return isinstance(self.value, Mapping | tuple)

    def _parts(self) -> Iterable[Labelled]:
        return (part for _, part in self._named_parts())

    def _named_parts(self) -> list[tuple[str | int, Labelled]]:
        if isinstance(self.value, Mapping):
            return list(self.value.items())
        if isinstance(self.value, tuple):
            return list(enumerate(self.value))
        return []


def labelled(value: JsonValue, label: Label, *origins: str) -> Labelled:
    """`value` with one label on every leaf."""
    inner: Any = value
    if isinstance(value, dict):
        inner = {name: labelled(part, label, *origins) for name, part in value.items()}
    elif isinstance(value, list):
        inner = tuple(labelled(part, label, *origins) for part in value)
    return Labelled(value=inner, own=label, sources=frozenset(origins))


def derived(value: JsonValue, sources: Iterable[Labelled]) -> Labelled:
    """`value`, made from `sources`: the lowest of their labels, all of their origins. Without sources it is a constant
    of the plan, so `model`."""
    made_from = list(sources)
    label = min((source.label for source in made_from), default=Label.MODEL)
    origins: frozenset[str] = frozenset().union(*(source.origins for source in made_from))
    return labelled(value, label, *origins)
