"""How likely a thing that is gone lives on under another name. Judged by words, shape and place; never certain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeVar

from discovery.relations import template
from discovery.words import singular, split
from tools.action import Action, Schema

LIKELY_FIELD = 0.6
#: two plain strings at the same place reach 0.5 without a letter in common
LIKELY_ACTION = 0.6
MAX_COMPARED = 300
#: of each side, for the work grows with the product

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: str
    schema: Schema
    position: float
    #: 0 for the first of its object, 1 for the last


def pairs(
    gone: Sequence[Thing], come: Sequence[Thing], likelihood: Callable[[Thing, Thing], float], least: float
) -> list[tuple[Thing, Thing, float]]:
    """Who became whom, each at most once, the likeliest first; nobody below `least`."""
    gone, come = gone[:MAX_COMPARED], come[:MAX_COMPARED]
    judged = [(likelihood(old, new), i, j) for i, old in enumerate(gone) for j, new in enumerate(come)]
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    found = []
    for score, i, j in sorted((one for one in judged if one[0] >= least), key=lambda one: (-one[0], one[1], one[2])):
        if i not in taken_old and j not in taken_new:
            taken_old.add(i)
            taken_new.add(j)
            found.append((gone[i], come[j], round(score, 2)))
    return found


def of_fields(old: Field, new: Field) -> float:
    """Half by name, a third by what it holds, the rest by its place among its siblings."""
    letters = SequenceMatcher(None, old.name.lower(), new.name.lower(), autojunk=False).ratio()
    words = _overlap(_words(old.name), _words(new.name))
    return (
        0.5 * max(letters, words)
        + 0.35 * _shape(old.schema, new.schema)
        + 0.15 * (1 - abs(old.position - new.position))
    )


def of_actions(old: Action, new: Action) -> float:
    """1 for the same request under another name; else by path, name and arguments, and only within one method."""
    if old.method != new.method:
        return 0.0
    if template(old.path) == template(new.path):
        return 1.0
    path = SequenceMatcher(None, _segments(old.path), _segments(new.path), autojunk=False).ratio()
    name = _overlap(_words(old.operation), _words(new.operation))
    arguments = _overlap({one.name for one in old.arguments}, {one.name for one in new.arguments})
    return min(0.99, 0.45 * path + 0.3 * name + 0.25 * arguments)


def _segments(path: str) -> list[str]:
    return [singular(part) for part in template(path).lower().split("/") if part]


def _shape(old: Schema, new: Schema) -> float:
    if old == new:
        return 1.0
    same = [old.get(key) == new.get(key) for key in ("type", "format", "$ref", "items")]
    return 0.7 if all(same) else 0.3 if same[0] and "type" in old else 0.0


def _words(name: str) -> set[str]:
    return {singular(word) for word in split(name)}


def _overlap(old: set[str], new: set[str]) -> float:
    """Jaccard's index; two empty sets are alike."""
    return len(old & new) / len(old | new) if old or new else 1.0
