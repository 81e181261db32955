"""A phrase of a clause: its preposition, its noun, what it belongs to, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.goal import Span, SpanKind
from agent.planners.names import Words
from agent.planners.scanner import is_keylike


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    start: int
    end: int
    prep: str = ""
    cue: Words = ()
    #: the field that words before it name: `assigned to …` is (assignee,)
    head: Words = ()
    value: Span | None = None
    key: Words = ()
    #: the field by which the value picks the record: `the company with domain …`
    of: Phrase | None = None
    states: tuple[Span, ...] = ()
    #: the states that it is said to be in: the *open* ticket
    traits: tuple[tuple[Words, Span], ...] = ()
    #: fields that it is said to have: the ticket of jane@… *with the subject* "…"
    pronoun: str = ""
    system: str = ""
    is_every: bool = False
    before: Words = ()
    #: the plain words between the value before it and its own
    after: Words = ()
    #: those between its value and the next
    is_context: bool = False
    #: said in a remark, so that it may stay unused here
    is_description: bool = False
    #: it only tells more of the one called by the name before it
    is_listed: bool = False
    #: one more of the same: `and helpdesk-agents`
    is_former: bool = False
    #: what the field held before: `from low to high`

    def is_bare(self) -> bool:
        """Whether it is a value or a pronoun without a noun."""
        return not self.head and self.of is None

    def is_typed(self) -> bool:
        return self.value is not None and self.value.kind is not SpanKind.NAME


def is_mandatory(phrase: Phrase) -> bool:
    """Whether the clause is misread unless the phrase finds its place: every typed part, key, name and choice."""
    if phrase.is_every:
        return True
    if phrase.value is None or phrase.is_context or phrase.is_former:
        return False
    return phrase.is_typed() or is_keylike(phrase.value.text) or not phrase.value.text.islower()


def alternatives(phrases: tuple[Phrase, ...]) -> Iterator[tuple[Phrase, ...]]:
    """The phrases once for each of the values that they list (`A and B`, `A, B and C`), with that value alone.

    Nothing when they list none, or two times something.
    """
    ends = [at for at, one in enumerate(phrases) if at and one.is_listed and _is_like(phrases[at - 1], one)]
    if len(ends) != 1:
        return
    first = ends[0] - 1
    while first and _is_like(phrases[first - 1], phrases[first]) and not phrases[first].prep:
        first -= 1
    for one in phrases[first : ends[0] + 1]:
        assert one.value is not None
        told = replace(phrases[first], value=one.value, start=one.start, end=one.end, is_listed=False)
        yield (*phrases[:first], told, *phrases[ends[0] + 1 :])


def _is_like(one: Phrase, other: Phrase) -> bool:
    """Whether the second is one more of the first: no noun or preposition of its own, and a value of the same kind."""
    if one.value is None or other.value is None or other.cue or other.of or other.prep or one.of:
        return False
    if other.head and other.head != one.head:
        return False
    kinds = {one.value.kind, other.value.kind}
    return len(kinds) == 1 or kinds == {SpanKind.NAME, SpanKind.EMAIL}
