"""The words of an action by which its class is guessed: of its path, its name, its summary and its description."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from discovery import nouns, sentences, verbs
from discovery.sentences import Sentence
from discovery.words import noun, singular, snake, split
from tools.action import Action

VERSION = re.compile(r"v?\d+(\.\d+)*|api|rest|latest|beta|\d{4}-\d\d-\d\d", re.IGNORECASE)
TEMPLATE = re.compile(r"\{[^{}]*\}")
ACTIONS = re.compile(r"/actions?/(?=[^/{}]+\Z)")
#: `/campaigns/{}/actions/send` is `/campaigns/{}/send`
SUFFIX = re.compile(r"\.(?:json|xml)\Z", re.IGNORECASE)
READ_METHODS = ("GET", "HEAD", "OPTIONS")
PARTS = re.compile(r"[/:.]")
NAMED_NOUNS = nouns.MONEY_NOUNS | nouns.MESSAGE_NOUNS | nouns.PERMISSION_NOUNS


@dataclass(frozen=True, slots=True)
class Route:
    """The words of a path."""

    segments: tuple[str, ...]
    #: its fixed segments as singular nouns
    pieces: tuple[str, ...]
    #: the same as they are written, in lower case
    tail: tuple[str, ...]
    #: the words of the last segment; () when the path ends in a parameter
    verb: str
    #: the verb it ends in: `/deals/{id}/win`
    rest: str
    #: what stands beside the verb in the last segment: password, of `/reset-password`
    noun: str
    #: what it works on
    above: str
    #: the fixed segment before that noun
    is_record: bool
    #: it ends in a parameter, or in a verb below one
    is_below_record: bool
    #: it ends in a fixed segment below a parameter
    is_dotted: bool
    #: `/chat.postMessage`: the segment is a method's name


@dataclass(frozen=True, slots=True)
class Words:
    route: Route
    name: tuple[str, ...]
    #: the words of the operation's name, without the method and the path they may be made of
    called: str
    #: the first verb of the name
    said: Sentence
    #: of the summary, or of the description when there is none
    description: str

    @property
    def told(self) -> Sentence:
        """Of the description; read only when it is asked for, because most summaries say enough."""
        return sentences.read(self.description)


noun_of = lru_cache(maxsize=16384)(noun)
#: `noun`, remembered: a surface repeats its segments


@lru_cache(maxsize=8192)
def place(path: str) -> str:
    """`path` without the names of its parameters, a slash or a file type at its end."""
    at = TEMPLATE.sub("{}", path.rstrip("/"))
    return SUFFIX.sub("", at) if at.endswith(("n", "l", "N", "L")) else at


def read_words(action: Action, places: frozenset[str] = frozenset()) -> Words:
    """`places` are the `place` of every record and listing that can be read; a path among them ends in a thing."""
    at = place(action.path)
    is_thing = f"{at}/{{}}" in places or (at in places and action.method not in READ_METHODS)
    route = read_route(at, is_thing)
    name = read_name(action.operation, action.method, action.path)
    is_path = "/" in action.summary and " " not in action.summary
    description = action.description[:400]
    said = sentences.read(description if is_path or not action.summary else action.summary)
    return Words(route, name, _called(name, route), said, description)


@lru_cache(maxsize=8192)
def read_route(at: str, is_thing: bool) -> Route:
    at = ACTIONS.sub("/", at) if "/action" in at else at
    fixed = [part for part in PARTS.split(at) if part and "{" not in part and not VERSION.fullmatch(part)]
    segments = [named for part in fixed if (named := noun_of(part))]
    last = at.rpartition("/")[2]
    tail = split(last.rpartition(".")[2].rpartition(":")[2]) if fixed and "{" not in last else []
    verb, rest = _tail_verb(tuple(tail), is_thing)
    things = segments[:-1] if verb and len(segments) > 1 else segments
    about = rest if rest in NAMED_NOUNS and verb else "".join(things[-1:])
    above = at.rpartition("/")[0] if verb and "." not in last else at
    return Route(
        segments=tuple(segments),
        pieces=tuple(part.lower() for part in fixed),
        tail=tuple(tail),
        verb=verb,
        rest=rest,
        noun=about,
        above=things[-2] if len(things) > 1 else "",
        is_record=above.endswith("}"),
        is_below_record=bool(tail) and at.rpartition("/")[0].endswith("}"),
        is_dotted="." in last,
    )


def _tail_verb(words: tuple[str, ...], is_thing: bool) -> tuple[str, str]:
    """The verb a path ends in and what stands beside it: `send`, `reset-password`, `force-cancel`.

    Only plain forms are verbs, because `/archives` and `/runs` are things.
    """
    if not words or (len(words) > 1 and "_".join(words) in NAMED_NOUNS):
        return "", ""
    if words[0] in verbs.MODIFIERS and len(words) > 1:
        words = words[1:]
    first, last = words[0], words[-1]
    if first in verbs.PLAIN and not _is_noun(words, is_thing):
        return first, noun("_".join(words[1:]))
    return (last, noun(words[0])) if last in verbs.PLAIN and len(words) == 2 and not is_thing else ("", "")


def _is_noun(words: tuple[str, ...], is_thing: bool) -> bool:
    """`/pay-runs`, `/email-templates`, and `/archive` where there is something to be read, are things."""
    first, last = words[0], words[-1]
    if singular(last) != last and (first in verbs.THINGS or (first in verbs.MONEY_VERBS and len(words) > 1)):
        return True
    return is_thing and (first in verbs.THINGS or (len(words) == 1 and first not in verbs.EFFECTS))


@lru_cache(maxsize=8192)
def read_name(operation: str, method: str, path: str) -> tuple[str, ...]:
    """The words of the name; the method in it says nothing, unless somebody chose to write `get`."""
    said = method.lower()
    if operation.startswith(f"{said}_") and operation.startswith(snake(f"{method} {path}")[:50]):
        return ()
    words = split(operation)
    return tuple(words if method in READ_METHODS else [word for word in words if word != said])


def _called(name: tuple[str, ...], route: Route) -> str:
    """The first verb of the name: names are `verbNoun`, or `noun/verb`, or `noun-verb-noun`."""
    things = {piece for segment in route.segments for piece in segment.split("_")} - {route.verb}
    joined = "/".join(route.segments)
    found = (word for word in name if word in verbs.PLAIN and word not in things)
    return next((word for word in found if word not in verbs.MONEY_VERBS or word not in joined), "")
