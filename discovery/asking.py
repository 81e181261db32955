"""Whether an action only looks: what must be true of a GET, and what of a POST, before it is proposed as a read.

A document's free text may make a proposal more careful, never less. A GET is a read when nothing about it speaks of an
effect. A POST is one only when its path or its name asks, its text does not contradict, and it hands out no credential.
"""

from __future__ import annotations

import re

from discovery import nouns, verbs
from discovery.sentences import Sentence
from discovery.spoken import Words
from discovery.words import singular, split, vocabulary
from tools.action import Action, Place

_DEEDS = "|".join(sorted(verbs.EFFECTS | verbs.DELETING | {"set", "mark", "update"}))
SIDE = re.compile(
    r"\b(?:side[- ]effects?|mark(?:s|ed)? (?:\w+ ){0,4}as|kicks? off|logs? (?:\w+ ){0,3}out|"
    r"consum(?:es|ed) (?:the|a|your)|(?:will|to) be (?:deleted|removed|sent|revoked|reset|cancelled)|"
    rf"(?:and|then|also) (?:then )?(?:{_DEEDS})(?:e?s)? (?:it|them|the|an?|its|this|that|all)|"
    r"(?:sends?|generates?|creates?|resets?|initiates?|triggers?|issues?|starts?) (?:an?|the) "
    r"(?!GET|POST|request)(?:new )?\w+)\b",
    re.IGNORECASE,
)
#: words inside a first sentence that tell of an effect: "returns the message and marks it as seen"
SPEAKING = frozenset(
    word + ending
    for word in verbs.EFFECTS | verbs.DELETING | vocabulary("set mark update consume kick log issue side side-effect")
    for ending in ("", "s", "es", "d", "ed", "led")
)
#: without one of these, no need to search a sentence with `SIDE`
NOT_DONE = re.compile(
    r"\b(?:without|not|never|who|that|which|whether|if|how|when|where|would|can|could|used to)\b", re.IGNORECASE
)
#: before such words it is told that something may happen, not that it does
SWITCHES = vocabulary(
    "delete reset mark clear remove purge create consume ack acknowledge regenerate update expire revoke"
)
#: a boolean argument of a GET that begins with one of these turns an effect on
SURE = (("validate",), ("preview",), ("search",), ("query",), ("list",), ("get",), ("lookup",))
#: last segments of paths that do nothing but ask
CONTRARY = verbs.DOING - verbs.ASKING - verbs.READING | {"new"}
HELD = nouns.CREDENTIALS | {"login", "saved", "new"}
UNSURE = verbs.EFFECTS - {"generate"} | {"auth", "session"}
#: a POST whose path or name holds one of these may hand out a credential, or do something
NAMED = verbs.ASKING - {"read"}
ASKED = verbs.READING - vocabulary("test verify print")


def doubt(action: Action, words: Words) -> str:
    """Why a GET may have an effect; "" when nothing speaks of one."""
    return _of_path(words) or _of_name(words) or _of_text(words) or _of_arguments(action)


def _of_path(words: Words) -> str:
    route, is_told = words.route, _is_told(words)
    if route.verb in verbs.EFFECTS and not is_told:
        return f"its path ends in {route.verb!r}"
    looks = _looks(words) or words.called in ASKED
    if route.verb in verbs.DOUBTFUL and not looks and not (route.rest and _is_plural(route.tail)):
        return f"its path ends in {route.verb!r} and no word says that it only looks"
    if route.is_dotted and not (looks or route.verb in ASKED):
        return f"its path names a method, {' '.join(route.tail)!r}, that is not known to look"
    if ending := next((one for one in route.pieces if one in verbs.ENDINGS), ""):
        return f"its path says {ending!r}"
    deed = next((one for one in route.pieces if one in verbs.EFFECTS and one not in nouns.MONEY_NOUNS), "")
    return f"its path says {deed!r}" if deed and not is_told else ""


def _is_told(words: Words) -> bool:
    """Whether a path that ends like a deed is a thing after all: `/send-checklist`, "Get the send checklist"."""
    if not words.route.rest or not _looks(words):
        return False
    return _is_plural(words.route.tail) or set(words.route.tail) <= set(split(words.said.text))


def _is_plural(tail: tuple[str, ...]) -> bool:
    return len(tail) > 1 and singular(tail[-1]) != tail[-1]


def _of_name(words: Words) -> str:
    if _looks(words) and (words.called in words.route.tail or "get" in words.name or "list" in words.name):
        return ""
    if words.called in verbs.EFFECTS:
        return f"its name says {words.called!r}"
    is_doubtful = words.called in verbs.DOUBTFUL and words.name[:1] == (words.called,)
    return f"its name says {words.called!r}" if is_doubtful and not _looks(words) else ""


def _of_text(words: Words) -> str:
    for sentence in (words.said, words.told):
        is_unknown = sentence.is_order and sentence.verb not in ASKED and not _looks(words)
        if (sentence.verb in verbs.EFFECTS or is_unknown) and not _is_of_path(sentence, words):
            return f"its text begins with {sentence.words[0]!r}"
        if SPEAKING.isdisjoint(sentence.words) or not (found := SIDE.search(sentence.text)):
            continue
        if not NOT_DONE.search(found.string[: found.start()]):
            return f"its text says {found.group(0)!r}"
    return ""


def _is_of_path(sentence: Sentence, words: Words) -> bool:
    """A heading that repeats the path, as a listing of things that are named like deeds has."""
    return sentence.verb in words.route.segments[-1:] and not sentence.is_order


def _of_arguments(action: Action) -> str:
    for argument in action.arguments:
        if argument.place is Place.QUERY and argument.json_schema.get("type") == "boolean":
            first = split(argument.wire_name)[:1]
            if first and first[0] in SWITCHES:
                return f"it takes a switch {argument.wire_name!r}"
    return ""


def _looks(words: Words) -> bool:
    """Whether the summary, or else the description, begins with a verb of looking."""
    return words.said.verb in ASKED or (not words.said.verb and words.told.verb in ASKED)


def asks(action: Action, words: Words) -> str:
    """Why a POST only looks something up, as its path or its name has it; "" when that is not so or is contradicted."""
    if action.path.endswith("}") or _is_contradicted(words):
        return ""
    if word := _asking_tail(words):
        return f"its path says {word!r}"
    is_asked = words.called in NAMED or words.name[:1] == ("get",)
    if is_asked and _looks(words) and words.route.verb in ("", *verbs.READING):
        return f"its name says {words.called or 'get'!r} and so does its summary"
    return ""


def _is_contradicted(words: Words) -> bool:
    route, said = words.route, words.said
    is_drawn = said.verb in ("generate", "create") and said.head in nouns.DRAWN
    spoken = {words.called} if is_drawn else {words.called, said.verb}
    pieces = {piece for segment in route.segments for piece in segment.split("_")} | set(words.name)
    if pieces & HELD or (spoken & CONTRARY) - set(route.tail):
        return True
    is_sure = route.tail[-1:] in SURE and _looks(words)
    return not is_sure and bool(pieces & UNSURE)


def _asking_tail(words: Words) -> str:
    """The asking word a path ends in, as its verb or its last word: `/search`, `/validate-name`, `/batch-retrieve`."""
    route = words.route
    tail = route.tail[1:] if len(route.tail) > 1 and route.tail[0] in verbs.MODIFIERS else route.tail
    asked = next((word for word in (*tail[:1], *tail[-1:]) if word in verbs.ASKING), "")
    if not asked or tail[1:2] in (("in",), ("out",), ("off",)):
        return ""
    is_verb = asked == tail[0] and len(tail) > 1
    return asked if is_verb or asked not in verbs.ASKING_OR_THING or _is_asked(asked, words) else ""


def _is_asked(asked: str, words: Words) -> bool:
    """Whether a word that may be a thing is a question: `POST /list` makes a list, `POST /x/{id}/read` marks it."""
    if len(words.route.segments) < 2 and not words.route.is_record and asked != "check":
        return False
    if asked == "read":
        return _looks(words) and not words.route.is_below_record
    return _looks(words) or words.called in verbs.ASKING
