"""The last check of a reading: every part of a clause that says something is accounted for by a step.

A clause is cut into its conjuncts, at each `and` and comma. Each must hold its verb, a value that an argument has, or a
phrase that found its place; else a coordinated object, field or clause would be dropped in silence. The same is asked
of what stands after a request and tells more of what is asked: `Its subject is …`, `It should bear …`.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.planners.book import Lexicon
from agent.planners.reading import Reader
from agent.planners.scanner import IS, PREPOSITIONS
from agent.planners.tokens import POSSESSIVES, Token

Places = frozenset[tuple[int, int]]

_JOINTS = frozenset({"and", "&", "plus", ",", ";", "(", ")"})
_DETERMINERS = POSSESSIVES | {"the", "another", "that", "those"}
_MODALS = frozenset("should must shall ought needs need".split())
_SUBJECTS = POSSESSIVES | {"it", "they", "the"}
#: Words that tell nothing of what is to be done.
_EMPTY = (
    PREPOSITIONS | IS | POSSESSIVES
    | frozenset(
        "a an the this that these those it them him her they he she which who whose where there here then also both"
        " just only please now today soon later again same new following too well so will shall should must can could"
        " would may has have had do does did been being we us our you your i me my am if when while since because"
        " immediately quickly possible effective afterwards finally kindly therefore thanks thank respectively yours"
        " anymore still already currently yet however case".split()
    )
)  # fmt: skip


def lost(tokens: tuple[Token, ...], places: Places) -> tuple[Token, ...]:
    """The first conjunct of a request of which no step accounts for anything, or which opens with a thing that none
    does; () when there is none."""
    for at, conjunct in enumerate(_conjuncts(tokens)):
        if (
            at
            and _says(conjunct)
            and not _is_reason(conjunct)
            and (not _is_held(conjunct, places) or _is_strange(conjunct, places))
        ):
            return conjunct
    return ()


def lost_after(tokens: tuple[Token, ...], places: Places, lexicon: Lexicon) -> tuple[Token, ...]:
    """As `lost`, of a remark after a request: only what asks, or names a field of what was spoken of, must be held."""
    is_more = bool(tokens) and tokens[0].word in _SUBJECTS and _names_field(tokens, lexicon)
    for conjunct in _conjuncts(tokens):
        is_asked = any(one.word in _MODALS for one in conjunct)
        if (is_asked or is_more) and _says(conjunct) and not _is_held(conjunct, places):
            return conjunct
    return ()


def _names_field(tokens: tuple[Token, ...], lexicon: Lexicon) -> bool:
    """Whether its subject is a field (`its subject is …`), or it says which fields `it` has."""
    starts = range(1, len(tokens)) if tokens[0].word in ("it", "they") else [1]
    if tokens[0].word == "the" and not any(one.word in ("is", "becomes", "become") for one in tokens):
        return False
    heads = (Reader(tokens[at : at + 4], lexicon).head() for at in starts if at < len(tokens))
    return any(head is not None and (lexicon.is_field(head) or lexicon.is_reference(head)) for head in heads)


def _conjuncts(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    found: list[Token] = []
    for token in tokens:
        if token.word not in _JOINTS:
            found.append(token)
        elif found:
            yield tuple(found)
            found = []
    if found:
        yield tuple(found)


def _is_reason(conjunct: tuple[Token, ...]) -> bool:
    """`so that she can log in`, `as requested by the customer`."""
    first, second = (*conjunct, *conjunct)[:2]
    is_why = first.word in ("because", "since") or (first.word == "so" and second.word == "that")
    return not any(one.typed for one in conjunct) and (is_why or (first.word == "as" and second.word.endswith("ed")))


def _says(conjunct: tuple[Token, ...]) -> bool:
    return any(token.typed or (token.word[:1].isalpha() and token.word not in _EMPTY) for token in conjunct)


def _is_held(conjunct: tuple[Token, ...], places: Places) -> bool:
    return any(_is_in(token, places) for token in conjunct if _says((token,)))


def _is_in(token: Token, places: Places) -> bool:
    return any(start < token.end and token.start < end for start, end in places)


def _is_strange(conjunct: tuple[Token, ...], places: Places) -> bool:
    """Whether it opens with a thing that is in no step: `and its follow-up to jane@…`."""
    if len(conjunct) < 2 or conjunct[0].word not in _DETERMINERS:
        return False
    stop = next((at for at, one in enumerate(conjunct) if at and one.word in PREPOSITIONS | IS), len(conjunct))
    thing = conjunct[1:stop]
    return _says(thing) and not _is_held(thing, places)
