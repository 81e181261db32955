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
                "after that", "at the same time", "for that", "therefore", "accordingly", "hence",
                "is it possible to", "would it be possible to", "would you mind", "i wonder whether you could",
                "i was wondering whether you could", "i was wondering if you could",
                "i would be grateful if you could", "i'd be grateful if you could", "once that is done",
                "once this is done", "when that is done", "when this is done", "once done", "when done")
)  # fmt: skip
#: What says nothing of what is to be done, wherever it stands.
_ASIDES: tuple[tuple[str, ...], ...] = tuple(
    tuple(one.split())
    for one in ("when you have a minute", "when you have a moment", "when you have time", "if you have a minute",
                "if you have time", "if possible", "if nothing speaks against it", "as soon as possible",
                "as agreed", "as discussed", "effective immediately", "right away", "with us", "of ours",

                "and leave the rest as it is")
)  # fmt: skip


_LONGEST_ASIDE = 14
_LEAVING = frozenset({"and", "but", ",", "please", "leave", "leaving", "keep", "keeping"})
_ALL_ELSE = (("everything", "else"), ("all", "else"), ("anything", "else"), ("the", "rest"), ("all", "other"),
             ("all", "the", "rest"), ("the", "other"))  # fmt: skip
_AS_IT_IS = (("as", "it", "is"), ("as", "they", "are"), ("as", "is"), ("as", "it", "was"), ("unchanged",),
             ("untouched",), ("alone",), ("stays", "the", "same"), ("stay", "the", "same"))  # fmt: skip


def plain(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The tokens without asides, and without the comma that sets one off."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        said = tuple(token.word for token in tokens[at : at + 8])
        length = next((len(one) for one in _ASIDES if said[: len(one)] == one), 0) or _unchanged(tokens[at:])
        if not length:
            kept.append(tokens[at])
        elif tokens[at + length : at + length + 1] and tokens[at + length].word == ",":
            length += 1
        at += max(length, 1)
    return tuple(kept)


def _unchanged(tokens: tuple[Token, ...]) -> int:
    """How many of the first tokens only say that all else stays as it is: `and leave everything else on it as it is`.

    What a change leaves out stays as it is anyway.
    """
    said = [token.word for token in tokens[:_LONGEST_ASIDE]]
    opened = next((at for at, word in enumerate(said) if word not in _LEAVING), len(said))
    subject = next((len(one) for one in _ALL_ELSE if tuple(said[opened : opened + len(one)]) == one), 0)
    start = opened + subject
    for at in range(start, len(said) if subject else 0):
        end = next((len(one) for one in _AS_IT_IS if tuple(said[at : at + len(one)]) == one), 0)
        if end:
            return at + end
        if tokens[at].typed is not None or said[at] in (",", "and"):
            return 0
    return 0


def without(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The tokens without the courtesies they open with, and without what only joins them to the next clause."""
    while (length := _length(tokens)) > 0:
        tokens = tokens[length:]
    while tokens and tokens[-1].word in (",", "and", "then", "so", "–", "—", "-"):
        tokens = tokens[:-1]
    return tokens


def _length(tokens: tuple[Token, ...]) -> int:
    """How many of the first tokens are one courtesy."""
    said = tuple(token.word for token in tokens[:8])
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
