"""Proposes what undoes an action: the opposite deed beside it, or what removes what it made."""

from __future__ import annotations

from collections.abc import Iterator

from discovery import verbs
from discovery.book import Book, deed
from discovery.spoken import place
from discovery.words import singular, split
from tools.action import Action, ActionClass, Place

UNDOING = ("void", "cancel", "delete", "remove", "archive", "terminate", "revoke", "expire", "deactivate")


def _opposites() -> dict[str, tuple[str, ...]]:
    found = {first: tuple(others.split()) for first, others in verbs.OPPOSITES}
    for first, others in verbs.OPPOSITES:
        for other in others.split():
            found.setdefault(other, (first,))
    return found


OPPOSITES = _opposites()


def inverse(action: Action, book: Book) -> Action | None:
    """The action that undoes `action`; a proposal like all others, never carried out by itself."""
    found = next(_opposite_deeds(action, book), None)
    if found or action.method not in ("POST", "PUT", "DELETE"):
        return found
    candidates = _of_delete(action, book) if action.method == "DELETE" else _of_create(action, book)
    return next((one for one in candidates if one and one.id != action.id), None)


def _opposite_deeds(action: Action, book: Book) -> Iterator[Action]:
    _, words = deed(place(action.path))
    if not words or words[0] not in OPPOSITES or action.method == "DELETE":
        return
    first, *rest = words
    tails = [(other, *rest) for other in OPPOSITES[first]]
    tails += [(other, f"{first}d", *rest) for other in ("delete", "cancel") if first.endswith("e")]
    for found in book.beside(action, tails):
        if found.method != "GET" and found.action_class is not ActionClass.READ:
            yield found


def _of_create(action: Action, book: Book) -> Iterator[Action | None]:
    """Of a create, what removes the record; of an addition by PUT, the DELETE of the same place."""
    at = place(action.path)
    if at.endswith("}"):
        # A PUT beside a PATCH replaces a record rather than adding one.
        if action.method == "POST" or not book.get("PATCH", at):
            yield book.get("DELETE", at)
        return
    record = f"{at}/{{}}"
    yield book.get("DELETE", record)
    for verb in UNDOING:
        yield book.get("POST", f"{record}/{verb}")
    removing = book.get("POST", record)
    if removing and removing.action_class is ActionClass.DELETE:
        yield removing
    yield book.of_nouns("DELETE", at)
    yield _of_same_place(action, book)


def _of_same_place(action: Action, book: Book) -> Action | None:
    """The DELETE of the same path: of a single value, or of those members that it is told; never of all of them."""
    found = book.get("DELETE", action.path)
    is_single = bool(words := split(action.path.rpartition("/")[2])) and singular(words[-1]) == words[-1]
    is_told = found and any(one.place in (Place.QUERY, Place.BODY) and one.is_target for one in found.arguments)
    return found if found and (is_single or is_told) else None


def _of_delete(action: Action, book: Book) -> Iterator[Action | None]:
    """Of a membership taken away, the PUT that gives it; of a record, what restores it."""
    given = book.get("PUT", action.path)
    yield given if given and given.body is None else None
    restored = book.get("POST", action.path)
    yield restored if restored and "restore" in split(restored.operation + " " + restored.summary) else None
    for verb in ("restore", "undelete"):
        yield book.get("POST", f"{place(action.path)}/{verb}")
