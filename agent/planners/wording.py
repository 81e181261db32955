"""What is to be said: `tell her that …`, `note that …`, and the quoted parts of a message."""

from __future__ import annotations

from agent.goal import Span, SpanKind
from agent.planners import requests
from agent.planners.book import Lexicon
from agent.planners.reading import BEARING, Reader
from agent.planners.scanner import PREPOSITIONS
from agent.planners.tokens import Token
from agent.planners.verbs import Verb

SAYS = frozenset({"tell", "comment", "note", "send", "add", "create", "leave"})
#: verbs that may be followed by "that …", the wording of a message
_TELLING = frozenset("note comment record mail message add leave state".split())
#: verbs after which `that deal D-1 is won` may be what is to be said
_BEFORE_TITLE = frozenset({",", "(", "with", "under", "using", "the", "and", "as"})
_PARTS = frozenset({"subject", "text", "body", "message"})


def wording(
    tokens: tuple[Token, ...], verb: Verb, goal: str, lexicon: Lexicon
) -> tuple[tuple[Token, ...], Span | None]:
    """The clause without its `that …`, and that as a quote. A single quoted text after `that` stands for itself."""
    if verb.said not in SAYS:
        return tokens, None
    if verb.said == "tell":
        tokens = _without_means(tokens)
        quotes = [token for token in tokens if token.is_quoted]
        if len(quotes) == 1 and tokens[-1] is quotes[0] and not {"subject", "body", "text"} & {t.word for t in tokens}:
            rest = tokens[:-1]
            return rest[:-1] if rest and rest[-1].word in ("that", ":", "saying", ",") else rest, quotes[0].typed
    for at, token in enumerate(tokens):
        is_object = at == 0 and verb.said not in _TELLING | {"tell"} and _is_noun(tokens[1:5], lexicon)
        is_telling = token.word == "that" and not (is_object or is_pointing(tokens, at, lexicon))
        is_relative = (
            verb.said != "tell" and tokens[at + 1 : at + 2] and tokens[at + 1].word in requests.FINITE | BEARING
        )
        is_saying = token.word == "saying" or (is_telling and not is_relative)
        rest = tokens[at + 1 :]
        if is_saying and rest:
            if rest[0].word in ("that", ":", "reads", "says", "states", "goes") and len(rest) > 1:
                rest = rest[1:]
            if rest[0].is_quoted:
                return tokens[:at] + rest[1:], rest[0].typed
            if (quoted := _quoted_parts(rest)) is not None and is_telling and _is_titled(rest, quoted):
                end = quoted - 1
                while rest[end].word in _BEFORE_TITLE:
                    end -= 1
                text = goal[rest[0].start : rest[end].end]
                told = Span(kind=SpanKind.QUOTED, start=rest[0].start, end=rest[end].end, text=text, value=text)
                return tokens[:at] + rest[end + 1 :], told
            if quoted is not None:
                return tokens[:at] + rest[quoted:], None
            start, end = rest[0].start, rest[-1].end
            text = goal[start:end]
            return tokens[:at], Span(kind=SpanKind.QUOTED, start=start, end=end, text=text, value=text)
    return tokens, None


def _quoted_parts(tokens: tuple[Token, ...]) -> int | None:
    """Where `subject "…", text "…"` begins, which is what a message says, whatever stands before it."""
    parts = [at for at, token in enumerate(tokens[:-1]) if token.word in _PARTS and tokens[at + 1].is_quoted]
    return parts[0] if parts else None


def _is_noun(tokens: tuple[Token, ...], lexicon: Lexicon) -> bool:
    return bool(tokens) and Reader(tokens, lexicon).starts_with_head()


def _is_titled(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether only a title follows the wording: `that it is done, subject "Done"`."""
    before = [one for one in tokens[:at] if one.word not in _BEFORE_TITLE]
    return bool(before) and tokens[at].word == "subject" and len(tokens) == at + 2


def _without_means(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """A message without `by email`, which its verb says already."""
    for at in range(len(tokens) - 1):
        if tokens[at].word in ("by", "via") and tokens[at + 1].word in ("email", "e-mail", "mail"):
            return tokens[:at] + tokens[at + 2 :]
    return tokens


def is_pointing(tokens: tuple[Token, ...], at: int, lexicon: Lexicon) -> bool:
    """Whether `that` points at a noun ("that company", "of that deal") instead of opening a wording."""
    before = tokens[at - 1].word if at else ""
    if tokens[at + 1 : at + 2] and tokens[at + 1].word == "person":
        return True
    is_noun = _is_noun(tokens[at + 1 : at + 5], lexicon)
    return before in ("of", "for", "to", "from", "in", "with") or (
        is_noun and (before in PREPOSITIONS or (lexicon.verb(before) is not None and before not in _TELLING))
    )
