"""The actions of a surface, found by where they are: the read of a record, and what stands beside an action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from discovery.spoken import TEMPLATE, place, read_route
from discovery.verbs import CREATING
from discovery.words import split
from tools.action import Action, ActionClass, Schema

LOOKING = ("get", "retrieve", "info", "show", "fetch", "list")
#: what reads a record where methods are named: `/transfer/get` beside `/transfer/create`


class Book:
    def __init__(self, actions: Sequence[Action], defs: Mapping[str, Schema]) -> None:
        self.defs = defs
        self._by_place: dict[tuple[str, str], Action] = {}
        self._by_nouns: dict[tuple[str, tuple[str, ...], bool], Action] = {}
        self._by_deed: dict[tuple[str, tuple[str, ...]], list[Action]] = defaultdict(list)
        for action in actions:
            at = place(action.path)
            self._put(action, at)
            is_record = at.endswith("}")
            self._by_nouns.setdefault((action.method, read_route(at, False).segments, is_record), action)
            if not is_record:
                self._by_deed[deed(at)].append(action)

    def _put(self, action: Action, at: str) -> None:
        """Of two reads of one record the one by its id stands: `/orders/{id}` rather than `/orders/{number}`."""
        known = self._by_place.get((action.method, at))
        if known is None or (not _is_by_id(known.path) and _is_by_id(action.path)):
            self._by_place[action.method, at] = action

    def get(self, method: str, path: str) -> Action | None:
        """The action at `path`, whatever its parameters are called."""
        return self._by_place.get((method, place(path)))

    def of_nouns(self, method: str, path: str) -> Action | None:
        """The action on a record of the collection `path`, which a document may keep elsewhere: the comments of
        `/issues/{}/comments` at `/issues/comments/{}`, or those of `/permissions` at `/permission/{}`."""
        return self._by_nouns.get((method, read_route(place(path), False).segments, True))

    def beside(self, action: Action, words: Iterable[tuple[str, ...]]) -> Iterator[Action]:
        """The actions beside `action` that are named by one of `words`: `/deals/{}/lose` beside `/deals/{}/win`."""
        prefix, _ = deed(place(action.path))
        for one in words:
            yield from (found for found in self._by_deed.get((prefix, one), ()) if found.id != action.id)

    def item(self, action: Action) -> Action | None:
        """The read of the one record that `action` makes or changes: by its path, or by the path above its verb."""
        return next((one for one in self._items(action) if one and one.action_class is ActionClass.READ), None)

    def read_back(self, action: Action) -> Action | None:
        """The read of the record, or else the listing or the value at the very path that `action` writes to."""
        found = self.item(action) or self.get("GET", action.path)
        return found if found and found.action_class is ActionClass.READ else None

    def listing(self, action: Action) -> Action | None:
        read = self.get("GET", action.path)
        return read if read and read.action_class is ActionClass.READ else None

    def _items(self, action: Action) -> Iterator[Action | None]:
        at = place(action.path)
        if at.endswith("}"):
            yield self.get("GET", at)
            return
        yield self.get("GET", f"{at}/{{}}")
        if action.method in ("PUT", "PATCH"):
            yield self.get("GET", at)
        yield self.of_nouns("GET", at)
        above = at.rpartition("/")[0]
        if above.endswith("}") and (read := self.get("GET", above)) and read.resource == action.resource:
            yield read
        yield from self._looking(action, at)

    def _looking(self, action: Action, at: str) -> Iterator[Action]:
        route = read_route(at, False)
        if route.verb and (route.verb in CREATING or route.is_dotted or route.verb == "update"):
            yield from self.beside(action, ((verb,) for verb in LOOKING))


@lru_cache(maxsize=8192)
def deed(at: str) -> tuple[str, tuple[str, ...]]:
    """A path parted before the name of what is done there: `/chat.deleteMessage` -> `/chat.`, (delete, message)."""
    start = max(at.rfind("/"), at.rfind("."), at.rfind(":")) + 1
    return at[:start], tuple(split(at[start:]))


@lru_cache(maxsize=8192)
def _is_by_id(path: str) -> bool:
    found = TEMPLATE.findall(path)
    return bool(found) and found[-1].strip("{}").lower().endswith(("id", "uuid", "sid"))
