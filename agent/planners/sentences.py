"""A goal's sentences as tokens: where each ends, and what belongs to the one before it."""

from __future__ import annotations

from collections.abc import Iterator

from agent.goal import SpanKind
from agent.planners import requests
from agent.planners.book import Lexicon
from agent.planners.reading import Reader
from agent.planners.tokens import Token

_ENDS = frozenset({".", "!", "?", ";"})
_LONGEST_LABEL = 3


def sentences(tokens: tuple[Token, ...], goal: str, lexicon: Lexicon) -> Iterator[tuple[Token, ...]]:
    """The sentences in order. One that only labels a value (`Subject: "…"`) goes on with the sentence before it."""
    last: tuple[Token, ...] = ()
    for sentence in _divided(tokens, goal):
        if last and _is_label(sentence, lexicon):
            comma = Token(text=",", start=last[-1].end, end=last[-1].end)
            last = (*last, comma, *sentence)
            continue
        if last:
            yield last
        last = sentence
    if last:
        yield last


def _divided(tokens: tuple[Token, ...], goal: str) -> Iterator[tuple[Token, ...]]:
    sentence: list[Token] = []
    for token in tokens:
        gap = goal[sentence[-1].end : token.start] if sentence else ""
        if sentence and ("\n" in gap or _ends_in_quote(sentence[-1], token)):
            yield tuple(sentence)
            sentence = []
        if token.word not in _ENDS:
            sentence.append(token)
        elif sentence:
            yield tuple(sentence)
            sentence = []
    if sentence:
        yield tuple(sentence)


def _ends_in_quote(token: Token, following: Token) -> bool:
    """Whether the sentence ends with the text that it quotes: `… "We are on our way." In the ERP …`."""
    text = str(token.typed.value) if token.typed and token.typed.kind is SpanKind.QUOTED else ""
    return text.rstrip().endswith((".", "!", "?")) and following.text[:1].isupper()


def _is_label(tokens: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """Whether it is a field, a colon and a value, and asks for nothing itself."""
    colon = next((at for at, token in enumerate(tokens) if token.word == ":"), 0)
    if not 0 < colon <= _LONGEST_LABEL or len(tokens) == colon + 1:
        return False
    head = Reader(tokens[:colon], lexicon).head()
    is_field = head is not None and lexicon.is_field(head) and not lexicon.book.named(head)
    return is_field and requests.imperative(tokens[colon + 1 :], lexicon) is None
