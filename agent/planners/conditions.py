"""Conditions: `when deal D-104 is won`, `if its priority is still low`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.goal import Span, SpanKind
from agent.planners import cautions
from agent.planners.book import Lexicon
from agent.planners.phrases import Phrase
from agent.planners.reading import Reader
from agent.planners.tokens import Token

_OPENINGS: tuple[tuple[str, ...], ...] = (
    ("as", "soon", "as"), ("provided", "that"), ("in", "case"), ("assuming",), ("provided",), ("when",),
    ("if",), ("once",),
)  # fmt: skip
_COMPARING = frozenset("more less fewer than above below over under exceeds between older newer since".split())


class Unclear(Exception):
    """A clause that could not be read, word for word, and why."""

    def __init__(self, *, clause: str, why: str) -> None:
        super().__init__(why)
        self.clause = clause
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`deal D-104 is won`: the phrase, and the value that one of its fields must have (or must not)."""

    text: str
    phrase: Phrase
    value: Span
    is_negated: bool
    flag: str = ""
    #: a field that is true or false, when the condition is about one: `her account is enabled`


def opening(tokens: tuple[Token, ...]) -> int:
    """How many of the first tokens open a condition."""
    said = tuple(token.word for token in tokens[:3])
    return next((len(one) for one in _OPENINGS if said[: len(one)] == one), 0)


def read(tokens: tuple[Token, ...], goal: str, lexicon: Lexicon) -> Condition:
    """`deal D-104 is won`, `the stage of deal D-104 is not lost`, `ticket T-1 has a low priority`.

    Raises Unclear unless it compares one thing with one value that a field may have.
    """
    text = excerpt(tokens, goal)
    if any(one.word in _COMPARING or one.word in ("or", "and", "unless") for one in tokens):
        raise Unclear(clause=text, why="a condition must compare one thing with one value")
    denials = [one for one in tokens if cautions.is_negation(one)]
    phrases = Reader(tokens, lexicon).read()
    states = [one for one in phrases if one.value is not None and lexicon.is_state(one.value)]
    others = [one for one in phrases if one not in states and (one.head or one.value or one.pronoun)]
    flag = next((one for one in tokens if one.word in lexicon.flags), None)
    if flag is not None and not states and len(denials) <= 1 and others:
        value = Span(kind=SpanKind.NAME, start=flag.start, end=flag.end, text=flag.text, value=True)
        owner = next((one for one in others if one.value is not None or one.of is not None), others[0])
        return Condition(text=text, phrase=owner, value=value, is_negated=bool(denials), flag=flag.word)
    if len(states) != 1 or len(denials) > 1:
        raise Unclear(clause=text, why="a condition must say what *is* what, in a word that a field may hold")
    state = states[0]
    subjects = [one for one in others if one.value is not None or one.of is not None or one.pronoun]
    subject = subjects[0] if subjects else others[0] if others else None
    if len(subjects) > 1 or state.value is None:
        raise Unclear(clause=text, why="a condition must be about one thing")
    if subject is None:
        subject = state.of or Phrase(start=state.start, end=state.end, pronoun="it")
    fields = [one.head for one in (state, *others) if one.head and one is not subject]
    if fields:
        subject = Phrase(start=subject.start, end=state.end, head=fields[0], of=state.of or subject)
    return Condition(text=text, phrase=subject, value=state.value, is_negated=bool(denials))


def about(condition: Condition, phrases: tuple[Phrase, ...]) -> Condition:
    """A condition after its clause speaks of the clause's object: close ticket T-1 if *its* priority is low."""
    subject = next((one for one in phrases if one.value is not None or one.of is not None), None)
    phrase = condition.phrase
    if subject is None:
        return condition
    subject = replace(subject, prep="")
    if phrase.pronoun:
        return replace(condition, phrase=subject)
    if phrase.of is not None and phrase.of.pronoun:
        return replace(condition, phrase=replace(phrase, of=subject))
    return condition


def excerpt(tokens: tuple[Token, ...], goal: str) -> str:
    return goal[tokens[0].start : tokens[-1].end] if tokens else ""
