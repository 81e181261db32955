"""Ranked search over the actions of all systems, in memory: BM25F over the words of their names and texts.

Fields count apart (Robertson, Zaragoza and Taylor 2004): a word in a name says more than one in a description, and a
long description makes no name less telling. All actions of a system that the text names are looked at, those of others
only for the rarer words. What the goal's verb asks for then decides among those that share its words.
"""

from __future__ import annotations

import heapq
import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from discovery.thesaurus import NOUNS, VERBS
from discovery.words import singular, split, vocabulary
from tools.action import ActionClass

SATURATION = 2.5
#: a word named in every field counts at most this much and one more than a word named once
FIELDS = {
    "name": (3.0, 0.5),
    "resource": (3.0, 0.0),
    "summary": (2.5, 0.5),
    "path": (1.0, 0.5),
    "argument": (0.6, 0.8),
    "description": (1.0, 0.6),
}
#: what a word in the field counts, and how far a field longer than the average makes it count less
FAMILY_WEIGHT = 0.9
#: of a word that only belongs to the family of the one that was said
NAME_WEIGHT = 0.5
#: of such a word where it stands in a text
SYSTEM, SYSTEM_WEIGHT = "s:", 6.0
#: what a word counts that names the system, however many actions it has: people say it when they mean it
NAMING = 0.7
#: share of what holds a word that must belong to the systems with that name, or the word names none: `ticket` is a word
OTHER_SYSTEM = 0.6
#: left of the score of an action of another system than the one that is named
OTHER_DEED = 0.45
#: left of the score of an action that cannot be what the goal's verb asks for
COMMON = 0.02
#: share of the actions that hold a word, above which it no longer finds any but only ranks those found by others
ENOUGH = 200
#: actions found by rarer words, so that common ones need not find more
REVIEWED = 200
#: of the best by words, those whose deed is looked at
STOP_WORDS = vocabulary(
    "a an and are as at be by for from has have in into is it its of on or that the their then this to was we "
    "which with will all any if not you your our my me her his she he they them us i"
)  # fmt: skip
TOKEN = re.compile(r"[A-Za-z0-9]+")
E_WORD = re.compile(r"\be-(?=[a-z])", re.IGNORECASE)
#: `e-mail` is `email`


class Named(Protocol):
    @property
    def name(self) -> str: ...


class Searchable(Protocol):
    """What the search looks at; a Signature is one."""

    @property
    def id(self) -> str: ...
    @property
    def system(self) -> str: ...
    @property
    def action_class(self) -> ActionClass: ...
    @property
    def resource(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def args(self) -> Sequence[Named]: ...


Found = TypeVar("Found", bound=Searchable)


@dataclass(frozen=True, slots=True)
class Postings:
    """Which actions hold a word, and what it counts in each: place by place, or for a common word one number each.

    `is_name`: the word names a system, so all of its actions are looked at, however common they are.
    """

    places: array[int]
    shares: array[float]
    every: array[float] | None
    is_name: bool


class Index(Generic[Found]):
    """Built once for a list of actions; a new revision makes a new index."""

    def __init__(
        self, listed: list[Found], postings: Mapping[str, Postings], named: Mapping[str, frozenset[str]]
    ) -> None:
        self._listed = listed
        self._postings = postings
        self._named = named
        #: word -> the systems that it names

    @classmethod
    def build(cls, listed: Iterable[Found]) -> Index[Found]:
        things = list(listed)
        texts = [_fields(thing) for thing in things]
        averages = {name: sum(len(text[name]) for text in texts) / (len(texts) or 1) or 1.0 for name in FIELDS}
        holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, text in enumerate(texts):
            for term, weight in _weigh(text, averages).items():
                holders[term].append((place, weight / (weight + SATURATION)))
        named = _named(things, holders)
        for place, thing in enumerate(things):
            for term in named.keys() & set(terms(thing.system)):
                holders[f"{SYSTEM}{term}"].append((place, 1.0))
        postings = {
            term: _postings(held, len(things), is_name=term.startswith(SYSTEM)) for term, held in holders.items()
        }
        return cls(things, postings, named)

    def search(self, text: str, limit: int = 20) -> list[tuple[float, Found]]:
        """The best matches, best first; equal scores in the order of their ids. Without a known word: nothing."""
        words = self._words(text)
        scores = self._scores(_query(words, self._named))
        best = heapq.nlargest(max(limit, REVIEWED), zip(scores.values(), scores.keys(), strict=True))
        deed = _deed(text)
        systems = frozenset().union(*(self._named[word] for word in words if word in self._named))
        judged = [(score * _fit(self._listed[place], deed, systems), self._listed[place]) for score, place in best]
        return heapq.nsmallest(limit, judged, key=lambda one: (-one[0], one[1].id))

    def _words(self, text: str) -> Sequence[str]:
        """The stems of a query; a word that names a system is not taken apart, for `GitHub` asks for no hub."""
        found: dict[str, None] = {}
        for token in TOKEN.findall(E_WORD.sub("e", text)):
            whole = stem(token.lower())
            found |= dict.fromkeys((whole,) if whole in self._named else _terms(token))
        return list(found)

    def _scores(self, query: Mapping[str, float]) -> dict[int, float]:
        """The score of each place. Names come first, then rare words; common words only add to what these found."""
        scores: dict[int, float] = defaultdict(float)
        known = [(self._postings[term], weight) for term, weight in query.items() if term in self._postings]
        for postings, weight in sorted(known, key=lambda one: (not one[0].is_name, len(one[0].places))):
            if postings.every is not None and len(scores) >= ENOUGH:
                for place in scores:
                    scores[place] += weight * postings.every[place]
            else:
                for place, share in zip(postings.places, postings.shares, strict=True):
                    scores[place] += weight * share
        return scores


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


def terms(text: str) -> list[str]:
    """The stems of a text. A name such as `GitHub` is there in one piece too, because others write it so."""
    return [term for token in TOKEN.findall(E_WORD.sub("e", text)) for term in _terms(token)]


@lru_cache(maxsize=50_000)  # documents use the same words again and again
def _terms(token: str) -> tuple[str, ...]:
    pieces = split(token)
    whole = (stem(token.lower()),) if len(pieces) > 1 and token.isalpha() else ()
    return (*whole, *(stem(piece) for piece in pieces if piece not in STOP_WORDS))


def _fields(thing: Searchable) -> dict[str, list[str]]:
    return {
        "name": terms(thing.id.partition(".")[2]),
        "resource": terms(thing.resource),
        "summary": terms(thing.summary),
        "path": terms(thing.path),
        "argument": terms(" ".join(argument.name for argument in thing.args[:40])),
        "description": terms(thing.description),
    }


def _weigh(text: Mapping[str, list[str]], averages: Mapping[str, float]) -> Mapping[str, float]:
    count: dict[str, float] = defaultdict(float)
    for name, words in text.items():
        boost, leaning = FIELDS[name]
        weight = boost / (1 - leaning + leaning * len(words) / averages[name])
        for word in set(words):
            count[word] += weight
        if name != "argument":
            for family in {family for word in words for family in FAMILIES.get(word, ())}:
                count[family] += weight
    return count


def _postings(held: list[tuple[int, float]], total: int, *, is_name: bool) -> Postings:
    rarity = 1.0 if is_name else math.log(1 + (total - len(held) + 0.5) / (len(held) + 0.5))
    places, shares = array("l", [place for place, _ in held]), array("d", [rarity * share for _, share in held])
    every = None
    if len(held) > COMMON * total and not is_name:
        every = array("d", bytes(8 * total))
        for place, share in zip(places, shares, strict=True):
            every[place] = share
    return Postings(places, shares, every, is_name)


def _query(words: Sequence[str], names: Container[str]) -> dict[str, float]:
    """What each term of a query counts."""
    families = {family: FAMILY_WEIGHT for word in words for family in FAMILIES.get(word, ())}
    systems = {f"{SYSTEM}{word}": SYSTEM_WEIGHT for word in words if word in names}
    return {**systems, **families, **{word: NAME_WEIGHT if word in names else 1.0 for word in words}}


def _deed(text: str) -> frozenset[str]:
    """The verb families of the first verb said, or of the question word."""
    for token in TOKEN.findall(text):
        if found := VERB_FAMILIES.get(stem(token.lower())):
            return found
    return frozenset()


def _named(things: Sequence[Searchable], holders: Mapping[str, list[tuple[int, float]]]) -> dict[str, frozenset[str]]:
    """The words of the systems' names that say which system is meant, and those that they name."""
    sizes = Counter(thing.system for thing in things)
    bearers: dict[str, set[str]] = defaultdict(set)
    for system in sizes:
        for term in terms(system):
            if term.isalpha() and len(term) > 1:
                bearers[term].add(system)
    named = {}
    for term, systems in bearers.items():
        own = sum(sizes[system] for system in systems)
        others = sum(things[place].system not in systems for place, _ in holders.get(term, ()))
        if own >= NAMING * (own + others):
            named[term] = frozenset(systems)
    return named


def _fit(thing: Searchable, deed: frozenset[str], systems: Collection[str]) -> float:
    """What is left of the score of an action that is of another system or does something else than is said."""
    is_elsewhere = systems and thing.system not in systems
    return (OTHER_SYSTEM if is_elsewhere else 1.0) * (1.0 if _may(thing, deed) else OTHER_DEED)


def _may(thing: Searchable, deed: frozenset[str]) -> bool:
    """Whether the action can do what one of these verb families says, by its method and class."""
    is_read = thing.action_class is ActionClass.READ
    is_delete = thing.method == "DELETE" or thing.action_class is ActionClass.DELETE
    if not deed:
        return True
    return (
        bool(is_read and deed & READING)
        or bool(is_delete and deed & REMOVING)
        or bool(not is_read and not is_delete and deed - READING)
    )


def _families(table: Mapping[str, str], mark: str) -> dict[str, frozenset[str]]:
    """Stem -> the families it belongs to; a family's name cannot be a word of a text."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, members in table.items():
        for word in (name, *members.split()):
            found[stem(word)].add(f"{mark}{name}")
    return {word: frozenset(families) for word, families in found.items()}


VERB_FAMILIES = _families(VERBS, "v:")
NOUN_FAMILIES = _families(NOUNS, "n:")
FAMILIES = {
    word: VERB_FAMILIES.get(word, frozenset()) | NOUN_FAMILIES.get(word, frozenset())
    for word in VERB_FAMILIES.keys() | NOUN_FAMILIES.keys()
}
READING = frozenset({"v:read", "v:download", "v:compare", "v:count", "v:verify"})
REMOVING = frozenset({"v:delete", "v:expel", "v:cancel", "v:reject", "v:unblock", "v:block", "v:update"})
