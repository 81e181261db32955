"""A goal as tokens: typed spans whole, names word by word, everything else words and punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.goal import Span, SpanKind

POSSESSIVES = frozenset({"its", "his", "her", "their"})
_WORD = re.compile(r"(?P<possessive>['’]s(?!\w))|[^\W\d_](?:[\w.-]*\w)?(?:['’](?:t|d|ll|ve|re|m))?|\d+|[^\w\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    text: str
    start: int
    end: int
    span: Span | None = None
    #: the typed span that this token is, or the name that it is a word of

    @property
    def word(self) -> str:
        """The token in lower case; "" for a typed span, which is no word."""
        return "" if self.typed else self.text.lower().replace("’", "'")

    @property
    def typed(self) -> Span | None:
        return self.span if self.span and self.span.kind is not SpanKind.NAME else None

    @property
    def is_quoted(self) -> bool:
        return self.typed is not None and self.typed.kind is SpanKind.QUOTED

    @property
    def name(self) -> Span | None:
        return self.span if self.span and self.span.kind is SpanKind.NAME else None


def tokenise(text: str, spans: tuple[Span, ...]) -> tuple[Token, ...]:
    """Every token of `text`, in order. What stands inside a typed span is that span and nothing else."""
    return tuple(_tokens(text, spans))


def _tokens(text: str, spans: tuple[Span, ...]) -> Iterator[Token]:
    at = 0
    for span in (*spans, None):
        until = span.start if span else len(text)
        yield from _words(text, at, until, None)
        if span is None:
            return
        if span.kind is SpanKind.NAME:
            yield from _words(text, span.start, span.end, span)
        else:
            yield Token(text=span.text, start=span.start, end=span.end, span=span)
        at = span.end


def _words(text: str, start: int, end: int, span: Span | None) -> Iterator[Token]:
    for match in _WORD.finditer(text, start, end):
        yield Token(text=match[0], start=match.start(), end=match.end(), span=span)
