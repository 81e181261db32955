"""Fields and what they change to: `the priority from low to high`, `his department to Support and his title to …`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from agent.goal import SpanKind
from agent.planners.book import Lexicon
from agent.planners.phrases import Phrase

_NEW = frozenset({"to", "into"})


def paired(found: Sequence[Phrase], lexicon: Lexicon) -> list[Phrase]:
    """The phrases, those marked that give what a field held before, and each of several new values with its field."""
    told = [replace(one, is_former=_is_former(found, at, lexicon)) for at, one in enumerate(found)]
    kept = [one for one in told if not one.is_former]
    pairs = {id(value): field for field, value in pairwise(kept) if _is_pair(field, value, lexicon)}
    if len(pairs) < 2:
        return told
    return [replace(one, cue=pairs[id(one)].head) if id(one) in pairs else one for one in told]


def described(found: Sequence[Phrase], lexicon: Lexicon) -> list[Phrase]:
    """The phrases, a name right after a state with the state's preposition: `as a part-time Systems Engineer`."""
    read = list(found[:1])
    for before, one in pairwise(found):
        is_name = one.is_bare() and one.value is not None and one.value.kind is SpanKind.NAME and not one.prep
        is_state = before.is_bare() and before.value is not None and lexicon.is_state(before.value)
        is_next = one.start - before.end == 1 and one.value is not None and one.value.text[:1].isupper()
        read.append(replace(one, prep=before.prep) if is_name and is_state and is_next and not one.is_listed else one)
    return read


def _is_former(found: Sequence[Phrase], at: int, lexicon: Lexicon) -> bool:
    """Whether it is the first of `from … to …` after a field, with another value of the same kind as the second."""
    if at == 0 or at + 1 == len(found) or found[at].prep != "from" or found[at + 1].prep not in _NEW:
        return False
    old, new = found[at].value, found[at + 1].value
    if old is None or new is None or not (found[at].is_bare() and found[at + 1].is_bare()):
        return False
    is_field = any(one.head in lexicon.fields and one.value is None for one in found[:at])
    is_state = any(old.value in one and new.value in one for one in lexicon.choices)
    if is_state:
        return old.value != new.value
    is_named = old.kind == new.kind == SpanKind.NAME and old.text[:1].isupper() and new.text[:1].isupper()
    is_amount = {old.kind, new.kind} <= {SpanKind.NUMBER, SpanKind.MONEY}
    is_plain = is_amount or is_named or (old.kind == new.kind and old.kind is not SpanKind.NAME)
    return is_field and is_plain and old.value != new.value


def _is_pair(field: Phrase, value: Phrase, lexicon: Lexicon) -> bool:
    is_field = field.head in lexicon.fields and field.value is None and not field.cue
    is_new = value.prep in _NEW and value.value is not None and value.is_bare() and not value.cue
    return is_field and is_new and value.start - field.end <= len(" into the ")
