"""What the text of an operation says it does: the first verb of a sentence, and what that verb is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from discovery import verbs
from discovery.words import singular, split, vocabulary

MARKED = re.compile(r"[<*`\[#>]")
MARKUP = re.compile(
    r"<[^>]{0,200}>|\*\*[^*\n]{0,80}\*\*:?|`[^`\n]*`|\[|\]\([^)\s]*\)|^\s*(?:#+|>)[^\n]*$", re.MULTILINE
)
END = re.compile(r"(?<=[a-z0-9)][.!?])\s|\n\s*\n")
CALL = r"(?:endpoint|method|call|api|operation|request|resource|route|action|function)s?"
MAY = r"(?: (?:is used|can be used|should be used|allows?(?: you| users?| one)?|lets you|enables?(?: you)?|will|may))*"
OPENING = re.compile(
    rf"(?:(?:please )?(?:use )?(?:this|the|a|an)?\s*(?:\w+\s)?{CALL}{MAY}(?: to)?|(?:you can )?use (?:this|it) to|"
    r"(?:allows?|enables?)(?: \w+){0,5}? to|it|\(?(?:deprecated|closing down|beta)\)?\W*)\s+",
    re.IGNORECASE,
)
#: what stands before the verb: "This endpoint allows you to", "Deprecated: "
WORD = re.compile(r"[a-z][a-z0-9_'-]*")
STOPS = vocabulary(
    "to for of in on with that from by using per and or at into as which when if based via through under after "
    "before is are whose about within against between so then without where while"
)
DETERMINERS = vocabulary(
    "a an the all this that your one some multiple specific given its it any each every single existing them these "
    "those another several"
)
ARTICLES = vocabulary(
    "a an the this that for of from on whether if when where what which your our it and in is all no not note use"
)
#: no sentence that begins with one of these begins with a verb
SMALL = STOPS | DETERMINERS
#: none of these stands in a heading
LAST = verbs.EFFECTS | verbs.DELETING | {"view", "list", "update"}
#: verbs that are last in a heading: "Access Token Create"
ENDINGS = (("", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ing", ""), ("ing", "e"))


@dataclass(frozen=True, slots=True)
class Sentence:
    verb: str = ""
    #: the verb at its head, without its s; "" when it opens with anything else
    head: str = ""
    #: what the verb is about, in the singular: token, of "Creates a short-lived token for a user"
    is_order: bool = False
    #: its first word takes an object, as a verb does, known or not: "Indicate that a step ..."
    words: tuple[str, ...] = ()
    #: all its words, in lower case
    text: str = ""


NOTHING = Sentence()


@lru_cache(maxsize=4096)
def read(text: str) -> Sentence:
    """The first sentence of `text`, a summary or a description; markup and set phrases are stepped over."""
    line = first(text)
    words = _words(line)
    while words and words[0] in verbs.ADVERBS:
        words = words[1:]
    if not words:
        return NOTHING
    verb, takes_object = stem(words[0]), words[1:2] and words[1] in DETERMINERS
    is_order = bool(takes_object) and words[0] not in ARTICLES and words[0] not in STOPS
    if verb in verbs.PLAIN:
        return Sentence(verb, _head(words[1:]), is_order, tuple(words), line)
    is_heading = 1 < len(words) < 7 and words[0] not in ARTICLES and SMALL.isdisjoint(words)
    last = words[-1] if is_heading and words[-1] in LAST else ""
    return Sentence(last, singular(words[-2]) if last else "", is_order and not last, tuple(words), line)


def first(text: str) -> str:
    """The first sentence, plain, of the first 400 characters."""
    line = text[:400]
    if MARKED.search(line):
        line = MARKUP.sub(" ", line).strip()
    return END.split(line, maxsplit=1)[0]


def _words(sentence: str) -> list[str]:
    opening = OPENING.match(sentence)
    if opening:
        sentence = sentence[opening.end() :]
    return split(sentence) if sentence.isalnum() else WORD.findall(sentence.lower())  # `CreateInvoice`


def _head(words: list[str]) -> str:
    """The last word of what follows the verb, up to the next preposition."""
    end = next((place for place, word in enumerate(words) if word in STOPS), len(words))
    return singular(words[end - 1]) if end else ""


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """A verb without the ending of the third person or the gerund: `deletes` -> delete, `removing` -> remove."""
    for ending, back in ENDINGS:
        if word.endswith(ending) and (shorter := word[: len(word) - len(ending)] + back) in verbs.PLAIN:
            return shorter
    return word
