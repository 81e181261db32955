"""What a process keeps of revisions that cannot change: a bounded store, and the shared schemas that actions reach."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

from discovery.schemas import uses
from tools.action import Action, ActionId, Schema

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


class Shelf(Generic[Key, Kept]):
    """The `size` things used last. Safe between threads: legs run on other threads than requests."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Kept | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Key, kept: Kept) -> Kept:
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return kept


class Definitions:
    """The shared schemas of one revision, and for each action those that its own schemas lead to."""

    def __init__(self, defs: Mapping[str, Schema]) -> None:
        self.defs = defs
        self._uses: dict[str, frozenset[str]] = {}
        self._reached: dict[tuple[ActionId, bool], dict[str, Schema]] = {}

    def reached(self, action: Action) -> dict[str, Schema]:
        """Sorted by name. No override changes an action's schemas, save one that takes its answer's away."""
        key = (action.id, bool(action.result_schema))
        if key not in self._reached:
            own = [action.args_schema(), action.result_schema, *action.errors.values()]
            names = self._closure(name for schema in own for name in uses(schema))
            self._reached[key] = {name: self.defs[name] for name in sorted(names)}
        return self._reached[key]

    def _closure(self, names: Iterable[str]) -> set[str]:
        reached: set[str] = set()
        waiting = [name for name in names if name in self.defs]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                if name not in self._uses:
                    self._uses[name] = frozenset(uses(self.defs[name])) & self.defs.keys()
                waiting += self._uses[name]
        return reached
