"""Names as they were meant: with the word that opened a sentence, without a possessive, in full after the first
time."""

from __future__ import annotations

import re

from agent.goal import Span, SpanKind
from agent.planners.book import Lexicon

_POSTS = frozenset("head director manager chief vice president lead officer dean secretary board".split())
_PLACED = re.compile(r"\b(in|into|at|within|city|town|country|department|team|group|domain|called|named) (the )?$")


def full_names(goal: str, spans: tuple[Span, ...], lexicon: Lexicon) -> tuple[Span, ...]:
    """The names without a possessive, with the capitalised word before them that opens a sentence unless it is a word
    of the language, and a first name that was said in full before as that full name."""
    found: list[Span] = []
    for span in spans:
        if span.kind is not SpanKind.NAME:
            found.append(span)
            continue
        if (parts := _member(goal, span, lexicon)) is not None:
            found.extend(parts)
            continue
        end = span.end - 2 if span.text.endswith(("'s", "’s")) else span.end
        start = _sentence_start(goal, span, lexicon)
        start = span.start if found and found[-1].end > start else start
        text = goal[start:end]
        longer = {str(one.value) for one in found if one.kind is SpanKind.NAME and text in str(one.value).split()}
        is_place = span.end == end and re.search(_PLACED, goal[:start]) is not None
        value = longer.pop() if len(longer) == 1 and not is_place else text
        found.append(span.model_copy(update={"start": start, "end": end, "text": value, "value": value}))
    return tuple(found)


def _member(goal: str, span: Span, lexicon: Lexicon) -> tuple[Span, Span] | None:
    """`David Holm` and `Acme` of `David Holm of Acme`; a post such as `Head of Sales` stays whole."""
    left, of, right = span.text.partition(" of ")
    if not of or left.split()[-1].lower() in _POSTS:
        return None
    person = span.model_copy(update={"end": span.start + len(left), "text": left, "value": left})
    start = _sentence_start(goal, person, lexicon)
    text = goal[start : person.end]
    if " " not in text:
        return None
    person = person.model_copy(update={"start": start, "text": text, "value": text})
    return person, span.model_copy(update={"start": span.end - len(right), "text": right, "value": right})


def _sentence_start(goal: str, span: Span, lexicon: Lexicon) -> int:
    """Where the name begins, counting the word before it that `read_spans` left out because it opens a sentence."""
    before = goal[: span.start]
    first = before.split()[-1] if before.split() else ""
    is_word = before.endswith(f"{first} ") and first.isalpha() and first.istitle() and lexicon.is_foreign(first.lower())
    is_subject = " " not in span.text or re.match(r" [a-z]+(s|ed)\b", goal[span.end :]) is not None
    return span.start - len(first) - 1 if first and is_word and is_subject else span.start
