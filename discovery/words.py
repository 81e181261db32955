"""Words in names: how identifiers, paths and sentences are split and brought to one form."""

from __future__ import annotations

import re
from functools import lru_cache

PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
IRREGULAR = {"people": "person", "children": "child", "indices": "index", "statuses": "status", "addresses": "address",
             "aliases": "alias", "taxes": "tax", "boxes": "box", "batches": "batch", "branches": "branch",
             "searches": "search", "data": "data", "series": "series", "news": "news", "sms": "sms"}  # fmt: skip
SAME_IN_PLURAL = ("ss", "us", "is", "ous")


def vocabulary(words: str) -> frozenset[str]:
    """The words of a blank-separated list, which reads better in a table than a wall of quotes."""
    return frozenset(words.split())


def split(text: str) -> list[str]:
    """`getSalesOrder_v2` -> get, sales, order, v, 2."""
    return list(_split(text))


@lru_cache(4096)
def _split(text: str) -> tuple[str, ...]:
    # The same names come again and again in one document.
    return tuple(piece.lower() for piece in PIECE.findall(text))


@lru_cache(4096)
def snake(text: str) -> str:
    """`getPetById` -> `get_pet_by_id`; digits stay with the word before them: `v1`, `oauth2`."""
    joined = "_".join(split(text))
    return re.sub(r"(?<=[a-z])_(?=[0-9])", "", joined)


@lru_cache(4096)
def singular(word: str) -> str:
    """The singular of an English noun, well enough for resource names: `companies` -> `company`."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or word.endswith(SAME_IN_PLURAL) or not word.endswith("s"):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "xes", "zes")):
        return word[:-2]
    return word[:-1]


@lru_cache(4096)
def noun(segment: str) -> str:
    """A path segment as a singular noun: `sales-orders` -> `sales_order`."""
    pieces = split(segment)
    return "_".join([*pieces[:-1], singular(pieces[-1])]) if pieces else ""
