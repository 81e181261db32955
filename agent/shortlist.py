"""The actions a planner is shown: the best matches of every clause, and the reads that their arguments need.

A small catalogue is shown whole, because an action left out is also a rival left out: what looks like the only action
that fits may then not be the only one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from agent.planners import names, verbs
from agent.planners.book import deed
from agent.planners.verbs import Kind, Verb
from discovery import lower
from discovery.catalog import Index
from discovery.links import Links
from discovery.lower import Signature
from tools.action import ActionClass

LOOKED_AT = 40
PER_CLAUSE = 12
#: matches that one clause may bring
PER_ARGUMENT = 2
#: reads that one argument may bring
_CLAUSE = re.compile(r"[.;:,\n]\s+|\b(?:and|then|when|if|once)\b")


def shortlist(goal_text: str, signatures: Sequence[Signature], token_budget: int) -> tuple[Signature, ...]:
    """The signatures worth showing for `goal_text`, together within `token_budget` (model tokens, estimated), each
    clause's best matches before any clause's second best. The order is that of `signatures`."""
    if sum(map(lower.tokens, signatures)) <= token_budget:
        return tuple(signatures)
    chosen: dict[str, Signature] = {}
    left = token_budget
    for signature in _wanted(goal_text, signatures):
        cost = lower.tokens(signature)
        if signature.id not in chosen and cost <= left:
            chosen[signature.id] = signature
            left -= cost
    return tuple(one for one in signatures if one.id in chosen)


def _wanted(goal_text: str, signatures: Sequence[Signature]) -> Iterator[Signature]:
    """Signatures in the order of their use, some more than once."""
    index, links = Index.build(signatures), Links(signatures)
    parts = [part for part in _CLAUSE.split(goal_text) if part.strip()]
    ranked = [_matches(part, goal_text, index) for part in (*parts, goal_text)]
    for row in zip_longest(*ranked):
        matches = [match for match in row if match is not None]
        yield from matches
        for match in matches:
            yield from _needed(match, signatures, links)


def _matches(part: str, goal_text: str, index: Index[Signature]) -> list[Signature]:
    """The best matches of one clause, those first that do what its verb says: of the clause's own words, then of the
    whole goal's, since `move it to won` names no record."""
    said = re.findall(r"[a-z-]+", part.lower())
    parted = [meant for (first, other), meant in verbs.PHRASAL.items() if first in said and other in said]
    verb = next(filter(None, map(verbs.of_table, (*parted, *said))), None)
    own, others = ([match for _, match in index.search(text, LOOKED_AT)] for text in (part, goal_text))
    does = [one for one in own if verb is not None and _does(one, verb)]
    does += [one for one in others if verb is not None and _does(one, verb) and one not in does]
    return [*does[: PER_CLAUSE - 2], *(one for one in own if one not in does)][:PER_CLAUSE]


def _does(signature: Signature, verb: Verb) -> bool:
    done = deed(signature)
    if verb.noun and done.kind in verb.kinds:
        return names.spoken(signature.resource)[-1:] == (verb.noun,)
    return done.verb == verb.said or (done.kind is not Kind.ACT and done.kind in verb.kinds)


def _needed(signature: Signature, signatures: Sequence[Signature], links: Links) -> Iterator[Signature]:
    """The reads that give what the action's arguments name, and those that read what its answers name."""
    for argument in signature.args:
        if argument.required or argument.is_target:
            found = links.producers(signature, argument.name, PER_ARGUMENT)
            yield from (producer.signature for producer in found)
    yield from _siblings(signature, signatures)


def _siblings(signature: Signature, signatures: Iterable[Signature]) -> Iterator[Signature]:
    """The reads of the same kind of record, by which it is found and checked."""
    for other in signatures:
        is_kin = other.resource == signature.resource and other.system == signature.system
        if is_kin and other.action_class is ActionClass.READ and other.path.count("{") <= 1:
            yield other
