"""Proposes what each action does, from its method, path, names, arguments and the first sentence of its texts.

A proposal with its evidence; an admin decides. The worst error would be a write called a read (`asking`); among the
effects, doubt goes to the stricter class (`deeds`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from discovery import asking, deeds, pages, relations, targets
from discovery.spoken import READ_METHODS, Words, place, read_words
from tools.action import Action, ActionClass, Evidence, Schema

NO_PLACES: frozenset[str] = frozenset()
OF_RESOURCE = Evidence(field="resource", why="the last noun of the path")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    action_class: ActionClass
    why: str


def classify(
    actions: Sequence[Action], defs: Mapping[str, Schema], headers: Mapping[str, frozenset[str]]
) -> tuple[Action, ...]:
    """The actions with class, targets, units, resolver, read-back, inverse, pagination and resource proposed.

    `headers` are the documented answer headers by operation pointer.
    """
    places = things(actions)
    done = frozenset(place(action.path) for action in actions if action.method in ("POST", "PUT"))
    classed = [_with_class(action, places, done) for action in actions]
    references = targets.references(actions)
    marked = [targets.mark(action, references, defs) for action in classed]
    paged = [pages.propose(action, defs, headers.get(action.pointer, frozenset())) for action in marked]
    return relations.relate(paged, defs)


def things(actions: Sequence[Action]) -> frozenset[str]:
    """The `spoken.place` of all records, and of what can be read."""
    places = ((action.method, place(action.path)) for action in actions)
    return frozenset(at for method, at in places if method in READ_METHODS or at.endswith("}"))


def propose_class(action: Action, places: frozenset[str] = NO_PLACES, done: frozenset[str] = NO_PLACES) -> Proposed:
    """What `action` does, by the first rule that speaks.

    `places` are the `things` of its surface, `done` the `spoken.place` of what it posts or puts to.
    """
    return _propose(action, read_words(action, places), places, done)


def _propose(action: Action, words: Words, places: frozenset[str], done: frozenset[str]) -> Proposed:
    if action.method in READ_METHODS:
        if why := asking.doubt(action, words):
            return Proposed(action_class=ActionClass.UNKNOWN, why=f"{action.method}, but {why}")
        return Proposed(action_class=ActionClass.READ, why=f"{action.method} without a word of effect")
    if action.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return Proposed(action_class=ActionClass.UNKNOWN, why=f"{action.method} has no common meaning in an API")
    if action.method == "POST" and (why := asking.asks(action, words)):
        return Proposed(action_class=ActionClass.READ, why=f"POST, but {why}")
    kind, why = deeds.of_write(action, words, places, done)
    return Proposed(action_class=kind, why=why)


@lru_cache(maxsize=4096)
def _evidence(why: str) -> Evidence:
    return Evidence(field="action_class", why=why)


def _with_class(action: Action, places: frozenset[str], done: frozenset[str]) -> Action:
    words = read_words(action, places)
    proposed = _propose(action, words, places, done)
    return action.model_copy(
        update={
            "action_class": proposed.action_class,
            "resource": words.route.noun,
            "evidence": (*action.evidence, _evidence(proposed.why), OF_RESOURCE),
        }
    )
