"""Clusters the paths of exchanges into templates: `/users/123/orders/9f2c` is `/users/{user_id}/orders/{order_id}`.

A segment that cannot be a word (an integer, a UUID, hex, a prefixed id) is a place for an id. A word is one only with
evidence: many of them in one place, after a noun, each answered by records of one shape.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from discovery.exchange import Exchange
from discovery.redaction import HIDDEN, PERSON, UUID, is_random
from discovery.words import noun

SLUGS = 6
#: words in one place, from which on they may be names of records
SAME_SHAPE = 0.7
#: share of properties that the answers for two slugs have in common
VERSION = re.compile(r"v\d+(\.\d+)*|\d{4}-\d\d(-\d\d)?", re.IGNORECASE)
NUMBER = re.compile(r"-?\d+")
PREFIXED = re.compile(r"[a-z]{1,8}_(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{3,}|[a-z]{2,8}_[A-Za-z0-9]{14,}")
CODE = re.compile(r"(?=\D*\d)[A-Z]{1,8}[-_]?\d[A-Z0-9-]*|[A-Z]+-[A-Z0-9-]*\d[A-Z0-9-]*|\d+[-_:]\d+[-_:\d]*")
HEX = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{6,}|(?=.*\d)(?=.*[A-F])[0-9A-F]{6,}|[0-9a-f]{24,}")
TAIL = re.compile(r"(?P<id>.+?)(?P<tail>\.(json|xml|csv|pdf|txt|yaml)|:[A-Za-z][A-Za-z_-]*)")
#: what may stand behind an id in its segment: a format, or a verb as Google writes it
SAFE = "!$&'()*+,;=:@-._~"
#: may stand in a segment as they are (RFC 3986 section 3.3)
BEFORE_A_VERSION = frozenset({"api", "rest", "version", "public"})


@dataclass(frozen=True, slots=True)
class Hole:
    """A place for an id, and what stands behind it in its segment."""

    tail: str = ""


Part = str | Hole
#: a fixed segment, or a place for an id


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """`/users/{user_id}` and the paths that are of its form."""

    text: str
    parts: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{([^{}]+)\}", self.text))

    def values(self, path: str) -> tuple[str, ...] | None:
        """What stands in the places of `path`; None when it is not of this form."""
        segments = path.split("/")[1:]
        if len(segments) != len(self.parts):
            return None
        found = []
        for part, segment in zip(self.parts, segments, strict=True):
            if isinstance(part, Hole):
                if not segment.endswith(part.tail) or len(segment) == len(part.tail):
                    return None
                found.append(segment[: len(segment) - len(part.tail)])
            elif part != segment:
                return None
        return tuple(found)


@dataclass(slots=True)
class Node:
    """The paths that agree up to one segment."""

    exchanges: list[Exchange] = field(default_factory=list)
    #: that end here
    below: dict[Part, Node] = field(default_factory=dict)


def cluster(exchanges: Iterable[Exchange]) -> list[tuple[Template, list[Exchange]]]:
    """Every template with its exchanges, in the order of the templates' texts."""
    root = Node()
    for exchange in exchanges:
        node = root
        segments = exchange.path.split("/")[1:]
        for index, segment in enumerate(segments):
            node = node.below.setdefault(_part(segments, index, segment), Node())
        node.exchanges.append(exchange)
    _merge_slugs(root, ())
    found = [(_named(parts), node.exchanges) for parts, node in _leaves(root, ())]
    return sorted(found, key=lambda pair: pair[0].text)


def _part(segments: Sequence[str], index: int, segment: str) -> Part:
    if _is_version(segments, index, segment):
        return segment
    if is_id(segment):
        return Hole()
    split = TAIL.fullmatch(segment)
    return Hole(split["tail"]) if split and is_id(split["id"]) else segment


def _is_version(segments: Sequence[str], index: int, segment: str) -> bool:
    before = segments[index - 1].lower() if index else ""
    if VERSION.fullmatch(segment):
        return index < 3 and (index == 0 or not segment[0].isdigit() or before in BEFORE_A_VERSION)
    return before in BEFORE_A_VERSION and NUMBER.fullmatch(segment) is not None and len(segment) < 3


def is_id(segment: str) -> bool:
    """Whether the segment can be nothing but the name of one record."""
    if segment in (HIDDEN, PERSON) or UUID.fullmatch(segment):
        return True
    forms = (NUMBER, PREFIXED, CODE, HEX, re.compile(r"\d{4}-\d\d-\d\d"))
    return any(form.fullmatch(segment) for form in forms) or is_random(segment)


def _merge_slugs(node: Node, before: tuple[Part, ...]) -> None:
    words = [part for part in node.below if isinstance(part, str)]
    if before and isinstance(before[-1], str) and not VERSION.fullmatch(before[-1]):
        for slugs in _slugs({word: node.below[word] for word in words}, known=node.below.get(Hole())):
            whole = node.below.setdefault(Hole(), Node())
            for word in slugs:
                _absorb(whole, node.below.pop(word))
    elif before and isinstance(before[-1], Hole):
        # Two ids in a row, as in `/repos/{owner}/{repo}`: here too many words of one shape are names.
        for slugs in _slugs({word: node.below[word] for word in words}, known=None):
            whole = node.below.setdefault(Hole(), Node())
            for word in slugs:
                _absorb(whole, node.below.pop(word))
    for part, inner in list(node.below.items()):
        _merge_slugs(inner, (*before, part))


def _slugs(words: Mapping[str, Node], known: Node | None) -> list[list[str]]:
    """The words among siblings that name records, if any: one group of like shape."""
    shapes = {word: _shape(node) for word, node in words.items()}
    likes = Counter(shape for shape in shapes.values() if shape)
    found = []
    for like, _ in likes.most_common(3):
        group = [word for word, shape in shapes.items() if shape and _share(shape, like) >= SAME_SHAPE]
        is_known = known is not None and _share(_shape(known), like) >= SAME_SHAPE
        if len(group) >= (2 if is_known else SLUGS) and _are_names(group, words, is_known):
            found.append(group)
            for word in group:
                shapes.pop(word)
            break
    return found


def _are_names(group: Sequence[str], words: Mapping[str, Node], is_known: bool) -> bool:
    """Whether most of the words stand in the records they lead to, as a slug does; else there must be very many."""
    told = sum(1 for word in group if any(word in _texts(one.response_body) for one in _answered(words[word])))
    return is_known or 2 * told >= len(group) or len(group) >= 4 * SLUGS


def _shape(node: Node) -> frozenset[str]:
    """The properties of the records that are answered here; else what stands below, for paths that only lead on."""
    for exchange in _answered(node):
        if isinstance(exchange.response_body, dict):
            return frozenset(exchange.response_body)
    return frozenset(f"/{part}" for part in node.below if isinstance(part, str))


def _answered(node: Node) -> Iterator[Exchange]:
    return (one for one in node.exchanges if one.method == "GET" and 200 <= one.status < 300)


def _texts(body: Any) -> set[str]:
    return {value for value in body.values() if isinstance(value, str)} if isinstance(body, dict) else set()


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(len(one | other), 1)


def _absorb(into: Node, other: Node) -> None:
    into.exchanges += other.exchanges
    for part, node in other.below.items():
        _absorb(into.below.setdefault(part, Node()), node)


def _leaves(node: Node, parts: tuple[Part, ...]) -> Iterator[tuple[tuple[Part, ...], Node]]:
    if node.exchanges:
        yield parts, node
    for part, inner in node.below.items():
        yield from _leaves(inner, (*parts, part))


def _named(parts: tuple[Part, ...]) -> Template:
    """The template with a name for each place, taken from the noun before it."""
    taken: dict[str, int] = defaultdict(int)
    texts: list[str] = []
    for index, part in enumerate(parts):
        if isinstance(part, str):
            texts.append(quote(part, safe=SAFE))
            continue
        before = next((one for one in reversed(parts[:index]) if isinstance(one, str)), "")
        stem = noun(before)
        name = f"{stem}_id" if stem and not VERSION.fullmatch(before) else "id"
        taken[name] += 1
        name = name if taken[name] == 1 else f"{name}_{taken[name]}"
        texts.append(f"{{{name}}}{part.tail}")
    return Template(text="/" + "/".join(texts), parts=parts)
