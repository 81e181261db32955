"""Plain BM25, the yardstick for the catalogue's search: no stems, no synonyms, no field weights."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

K1, B = 1.2, 0.75
#: the usual constants (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, section 3.4)


class Bm25:
    def __init__(self, texts: Mapping[str, str]) -> None:
        counts = {name: Counter(words(text)) for name, text in texts.items()}
        lengths = {name: count.total() for name, count in counts.items()}
        average = sum(lengths.values()) / max(len(lengths), 1)
        self._norms = {name: K1 * (1 - B + B * length / average) for name, length in lengths.items()}
        self._holders: dict[str, dict[str, int]] = defaultdict(dict)
        #: word -> name -> how often
        for name, count in counts.items():
            for word, times in count.items():
                self._holders[word][name] = times

    def search(self, query: str, limit: int) -> list[str]:
        """The names of the best matches, best first."""
        scores: dict[str, float] = defaultdict(float)
        for word in words(query):
            holders = self._holders.get(word, {})
            rarity = math.log(1 + (len(self._norms) - len(holders) + 0.5) / (len(holders) + 0.5))
            for name, times in holders.items():
                scores[name] += rarity * times * (K1 + 1) / (times + self._norms[name])
        return sorted(scores, key=lambda name: (-scores[name], name))[:limit]


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())
