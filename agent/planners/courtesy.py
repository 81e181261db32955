"""What people say around a request without meaning anything by it: `could you please`, `we need to`, `then`."""

from __future__ import annotations

from agent.planners.tokens import Token

_WORDS = frozenset(
    "please then also now next finally and kindly first afterwards thereafter lastly , ; so - – — ( ) but".split()
)
_ASKING = frozenset({"could", "can", "would", "will"})
_WISHING = frozenset("need needs want wants like have has".split())
_FIXED: tuple[tuple[str, ...], ...] = tuple(
    tuple(one.split())
    for one in ("make sure to", "be sure to", "be so kind as to", "be so kind and", "go ahead and", "it is time to",
                "i would like to", "i'd like to", "we would like to", "we'd like to", "i'd like you to",
                "i would like you to", "we would like you to", "let us", "let 's", "do", "as a next step", "in"
                " addition",
                "after that", "at the same time", "for that", "therefore", "accordingly", "hence")
)  # fmt: skip


def without(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The tokens without the courtesies they open with, and without what only joins them to the next clause."""
    while (length := _length(tokens)) > 0:
        tokens = tokens[length:]
    while tokens and tokens[-1].word in (",", "and", "then", "so", "–", "—", "-"):
        tokens = tokens[:-1]
    return tokens


def _length(tokens: tuple[Token, ...]) -> int:
    """How many of the first tokens are one courtesy."""
    said = tuple(token.word for token in tokens[:6])
    if not said or (tokens[0].typed is not None):
        return 0
    for fixed in _FIXED:
        if said[: len(fixed)] == fixed:
            return len(fixed)
    if said[0] in _WORDS:
        return 1
    if said[0] in _ASKING and said[1:2] and said[1] in ("you", "we", "someone", "somebody"):
        return 2
    if said[0] in ("we", "i", "you") and said[1:2] and said[1] in _WISHING:
        stop = next((at for at in (2, 3) if said[at : at + 1] == ("to",)), None)
        return stop + 1 if stop is not None else 0
    return 0
