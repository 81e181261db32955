"""Which answers hold records of one kind: a customer is counted together wherever it is listed, fetched or changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from discovery.infer.observed import Kind, Observed
from discovery.infer.paths import Template, is_id
from discovery.shapes import ITEM_NAMES
from discovery.words import noun

SAME_NOUN, SAME_ANYWHERE = 0.5, 0.8
#: share of properties that two records of one kind have in common
LEAST_PROPERTIES, BESIDE = 2, 3
#: of a record; of an object that only wraps one
ELEMENT = "[]"
WRAPPERS = ("data", "result", "results", "item", "record", "attributes")

Steps = tuple[str, ...]
#: the way from an answer to its records: `("data", "[]")`


class Kinds:
    def __init__(self) -> None:
        self._known: list[tuple[str, set[str], Kind]] = []
        #: noun, properties, kind
        self._names: set[str] = set()

    def __iter__(self) -> Iterator[Kind]:
        return (kind for _, _, kind in self._known)

    def place(self, subject: str, bodies: Sequence[Any]) -> tuple[Steps, Kind] | None:
        """Where the bodies hold records, and of what kind; None when they hold none. `subject` is the path's noun."""
        steps = way(bodies)
        if steps is None:
            return None
        kind = self.of(subject, [record for body in bodies for record in _at(body, steps)], least=LEAST_PROPERTIES)
        return None if kind is None else (steps, kind)

    def of(self, subject: str, records: Iterable[dict[str, Any]], *, least: int) -> Kind | None:
        """The kind of these records; None when they have fewer than `least` properties, or ids for keys."""
        properties = {name for record in records for name in record}
        if len(properties) < least or any(is_id(name) for name in properties):
            return None
        return self._kind(subject, properties)

    def _kind(self, subject: str, properties: set[str]) -> Kind:
        for wanted, least in ((True, SAME_NOUN), (False, SAME_ANYWHERE)):
            for known, held, kind in self._known:
                if (known == subject or not wanted) and len(held & properties) >= least * len(held | properties):
                    held |= properties
                    return kind
        kind = Kind(name=self._name(subject))
        self._known.append((subject, properties, kind))
        return kind

    def _name(self, subject: str) -> str:
        stem = "".join(word.capitalize() for word in subject.split("_")) or "Record"
        name, number = stem, 2
        while name in self._names:
            name, number = f"{stem}{number}", number + 1
        self._names.add(name)
        return name


def subject_of(template: Template) -> str:
    """The singular noun of what a path is about: its last fixed segment."""
    fixed = [part for part in template.parts if isinstance(part, str)]
    return noun(fixed[-1]) if fixed else ""


def way(bodies: Iterable[Any]) -> Steps | None:
    """The way to the records of these answers: the first that any of them shows."""
    return next((steps for body in bodies if (steps := _way(body)) is not None), None)


def _way(body: Any) -> Steps | None:
    if isinstance(body, list):
        return (ELEMENT,) if body and all(isinstance(part, dict) for part in body) else None
    if not isinstance(body, dict) or not body:
        return None
    if "id" in body:
        return ()
    lists = [name for name, part in body.items() if isinstance(part, list) and _way(part)]
    named = [name for name in lists if name in ITEM_NAMES]
    if len(named or lists) == 1:
        return ((named or lists)[0], ELEMENT)
    for name in WRAPPERS:
        if isinstance(body.get(name), dict) and len(body) <= BESIDE and (inner := _way(body[name])) is not None:
            return (name, *inner)
    empty = any(part == [] for part in body.values())
    return None if empty else ()


def _at(body: Any, steps: Steps) -> list[dict[str, Any]]:
    found = [body]
    for step in steps:
        if step == ELEMENT:
            found = [part for one in found if isinstance(one, list) for part in one]
        else:
            found = [one[step] for one in found if isinstance(one, dict) and step in one]
    return [one for one in found if isinstance(one, dict)]


def observed(bodies: Sequence[Any], placed: tuple[Steps, Kind] | None) -> Observed:
    """The bodies counted, their records in the kind's own place."""
    root = Observed()
    if placed is not None:
        node = root
        for step in placed[0]:
            if step == ELEMENT:
                node.items = node.items or Observed(name=node.name)
                node = node.items
            else:
                node = node.property(step)
        node.kind = placed[1]
    for body in bodies:
        root.add(body)
    return root
