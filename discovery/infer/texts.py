"""Values that travel as text (paths, queries, forms): what types they are, judged from all values of one name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from discovery.words import split, vocabulary

INTEGER = re.compile(r"-?(0|[1-9]\d{0,14})")
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})\.\d{1,12}")
ENOUGH_DIFFERENT = 3
#: different texts of one type, from which on the name is believed to take no other
COUNTING = vocabulary("page limit offset size count skip top start per_page amount quantity width height")

Place = tuple[str, ...]


def typed(objects: Sequence[dict[str, Any]], *, one_is_enough: bool = False) -> list[dict[str, Any]]:
    """The objects with numbers and booleans where every text in that place is one; lists share one place."""
    texts: dict[Place, list[str]] = defaultdict(list)
    for found in objects:
        for place, text in _leaves(found, ()):
            texts[place].append(text)
    readers = {place: _reader(place[-1], listed, one_is_enough) for place, listed in texts.items()}
    return [{name: _read(part, (name,), readers) for name, part in found.items()} for found in objects]


def _reader(name: str, texts: Sequence[str], one_is_enough: bool) -> Callable[[str], Any]:
    is_sure = one_is_enough or bool(COUNTING.intersection([name, *split(name)[-1:]]))
    needed = 1 if is_sure else ENOUGH_DIFFERENT
    if len(texts) >= min(needed, 2) and set(texts) <= {"true", "false"}:
        return lambda text: text == "true"
    if len(set(texts)) >= needed and all(INTEGER.fullmatch(text) for text in texts):
        return int
    if len(set(texts)) >= needed and all(INTEGER.fullmatch(text) or NUMBER.fullmatch(text) for text in texts):
        return float
    return str


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves(part, (*place, name))
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part, place)
    elif isinstance(value, str):
        yield place, value


def _read(value: Any, place: Place, readers: dict[Place, Callable[[str], Any]]) -> Any:
    if isinstance(value, dict):
        return {name: _read(part, (*place, name), readers) for name, part in value.items()}
    if isinstance(value, list):
        return [_read(part, place, readers) for part in value]
    return readers[place](value) if isinstance(value, str) else value
