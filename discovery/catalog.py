"""Ranked lexical search over the signatures of all systems: BM25 over split and stemmed words, in memory."""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from discovery.lower import Signature
from discovery.words import singular, split, vocabulary

K1, B = 1.2, 0.6
#: term saturation and length normalisation of BM25; B is low because long signatures are long for good reasons
WEIGHTS = {"id": 3, "resource": 3, "summary": 2, "path": 1, "argument": 1, "description": 1}
SYNONYMS = {
    "create": "add new make open register onboard insert post set up",
    "update": "change modify edit set patch adjust correct rename",
    "delete": "remove erase destroy drop",
    "find": "get list search look fetch read show retrieve lookup query",
    "send": "email mail notify tell message write",
    "cancel": "void abort terminate end stop",
    "invoice": "bill",
    "customer": "client",
    "ticket": "case issue",
    "employee": "worker staff hire",
    "account": "login user",
    "pay": "payment charge",
    "refund": "reimburse",
    "close": "resolve finish complete",
    "grant": "permission access allow",
    "item": "product article",
}
SYNONYM_WEIGHT = 0.4
#: a synonym never outweighs the word itself
STOP_WORDS = vocabulary(
    "a an and are as at be by for from has have in into is it its of on or that the their then this to was we "
    "when which who will with all any if not you your"
)  # fmt: skip


class Index:
    """Built once for a list of signatures; a new revision makes a new index."""

    def __init__(self, signatures: list[Signature], postings: dict[str, tuple[array[int], array[float]]]) -> None:
        self._signatures = signatures
        self._postings = postings
        #: word -> the places of its signatures, and its BM25 share in each

    @classmethod
    def build(cls, signatures: Iterable[Signature]) -> Index:
        listed = list(signatures)
        counts = [_weigh(signature) for signature in listed]
        lengths = [sum(count.values()) for count in counts]
        average = sum(lengths) / len(lengths) if lengths else 1.0
        holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, (count, length) in enumerate(zip(counts, lengths, strict=True)):
            norm = K1 * (1 - B + B * length / average)
            for word, weight in count.items():
                holders[word].append((place, weight * (K1 + 1) / (weight + norm)))
        postings = {}
        for word, held in holders.items():
            rarity = math.log(1 + (len(listed) - len(held) + 0.5) / (len(held) + 0.5))
            postings[word] = (array("l", [p for p, _ in held]), array("d", [rarity * share for _, share in held]))
        return cls(listed, postings)

    def search(self, text: str, limit: int = 20) -> list[tuple[float, Signature]]:
        """The best matches, best first; equal scores in the order of their ids. Without a known word: nothing."""
        scores: dict[int, float] = defaultdict(float)
        for word, weight in _query(text).items():
            places, shares = self._postings.get(word, ((), ()))
            for place, share in zip(places, shares, strict=True):
                scores[place] += weight * share
        best = heapq.nsmallest(limit, scores.items(), key=lambda one: (-one[1], self._signatures[one[0]].id))
        return [(score, self._signatures[place]) for place, score in best]


def stem(word: str) -> str:
    """A light stem: plural, -ing and -ed fall away. Only equality of stems matters, not their looks."""
    word = singular(word)
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            if word[-1] == word[-2] and word[-1] not in "sl":
                word = word[:-1]
            break
    return word.removesuffix("e") if len(word) > 3 else word


def _words(text: str) -> Iterator[str]:
    return (stem(word) for word in split(text) if word not in STOP_WORDS)


def _weigh(signature: Signature) -> Counter[str]:
    parts = [
        ("id", signature.id),
        ("resource", signature.resource),
        ("summary", signature.summary),
        ("path", signature.path),
        ("argument", " ".join(argument.name for argument in signature.args[:40])),
        ("description", signature.description),
    ]
    count: Counter[str] = Counter()
    for kind, text in parts:
        for word in set(_words(text)):
            count[word] += WEIGHTS[kind]
    return count


def _query(text: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for word in dict.fromkeys(_words(text)):
        for other in KIN.get(word, ()):
            weights.setdefault(other, SYNONYM_WEIGHT)
        weights[word] = 1.0
    return weights


def _kin() -> dict[str, frozenset[str]]:
    """Every word of a synonym line is kin to the others of that line."""
    kin: dict[str, set[str]] = defaultdict(set)
    for word, others in SYNONYMS.items():
        family = {stem(one) for one in [word, *others.split()]}
        for one in family:
            kin[one] |= family - {one}
    return {word: frozenset(family) for word, family in kin.items()}


KIN = _kin()
