"""Whether an action only looks: what must be true of a GET, and what of a POST, before it is proposed as a read.

A document's free text may make a proposal more careful, never less. A GET is a read when nothing about it speaks of an
effect. A POST is one only when its path or its name asks, its text does not contradict, and it hands out no credential.
"""

from __future__ import annotations

import re

from discovery import verbs
from discovery.sentences import Sentence
from discovery.spoken import Words
from discovery.words import singular, split, vocabulary
from tools.action import Action, Place

SIDE = re.compile(
    r"\b(?:side[- ]effects?|mark(?:s|ed)? (?:\w+ ){0,4}as|kicks? off|logs? (?:\w+ ){0,3}out|consum(?:es|ed) (?:the|a|your)|"
    r"(?:and|then|also) (?:then )?(?:" + "|".join(sorted(verbs.EFFECTS | verbs.DELETING | {"set", "mark", "update"}))
    + r")(?:e?s)? (?:it|them|the|an?|its|this|that|all)|(?:will|to) be (?:deleted|removed|sent|revoked|reset|cancelled)|"
    r"(?:sends?|generates?|creates?|resets?|initiates?|triggers?|issues?|starts?) (?:an?|the) (?!GET|POST|request)(?:new )?\w+)\b",
    re.IGNORECASE,
)  # fmt: skip
#: words inside a first sentence that tell of an effect: "returns the message and marks it as seen"
SPEAKING = frozenset(
    word + ending
    for word in verbs.EFFECTS | verbs.DELETING | vocabulary("set mark update consume kick log issue side-effect side effect")
    for ending in ("", "s", "es", "d", "ed", "led")
)
#: without one of these, no need to search a sentence with `SIDE`
NOT_DONE = re.compile(r"\b(?:without|not|never|who|that|which|whether|if|how|when|where|would|can|could|used to)\b", re.IGNORECASE)
SURE = (("validate",), ("preview",), ("search",), ("query",), ("list",), ("get",), ("lookup",))
SWITCHES = vocabulary("delete reset mark clear remove purge create consume ack acknowledge regenerate update expire revoke")
CONTRARY = verbs.DOING - verbs.ASKING - verbs.READING | {"new"}
HELD = verbs.CREDENTIALS | {"login", "saved", "new"}
UNSURE = verbs.EFFECTS - {"generate"} | {"auth", "session"}
#: a POST whose path or name holds one of these may hand out a credential, or do something
ASKED = verbs.READING - vocabulary("test verify print")


def doubt(action: Action, words: Words) -> str:
    """Why a GET may have an effect; "" when nothing speaks of one."""
    return _of_path(words) or _of_name(words) or _of_text(action, words) or _of_arguments(action)


def _of_path(words: Words) -> str:
    route, said = words.route, words.said
    is_plural = len(route.tail) > 1 and singular(route.tail[-1]) != route.tail[-1]
    is_told = bool(route.rest) and _looks(words) and (is_plural or set(route.tail) <= set(split(" ".join(said.words))))
    if route.verb in verbs.EFFECTS and not is_told:
        return f"its path ends in {route.verb!r}"
    looks = _looks(words) or words.called in ASKED
    if route.verb in verbs.DOUBTFUL and not looks and not (route.rest and is_plural):
        return f"its path ends in {route.verb!r} and no word says that it only looks"
    if route.is_dotted and not (looks or route.verb in ASKED):
        return f"its path names a method, {' '.join(route.tail)!r}, that is not known to look"
    if ending := next((one for one in route.pieces if one in verbs.ENDINGS), ""):
        return f"its path says {ending!r}"
    deed = next((one for one in route.pieces if one in verbs.EFFECTS and one not in verbs.MONEY_NOUNS), "")
    return f"its path says {deed!r}" if deed and not is_told else ""


def _of_name(words: Words) -> str:
    if _looks(words) and (words.called in words.route.tail or {"get", "list"} & set(words.name)):
        return ""
    if words.called in verbs.EFFECTS:
        return f"its name says {words.called!r}"
    is_doubtful = words.called in verbs.DOUBTFUL and words.name[:1] == (words.called,)
    return f"its name says {words.called!r}" if is_doubtful and not _looks(words) else ""


def _of_text(action: Action, words: Words) -> str:
    for sentence in (words.said, words.told):
        is_unknown = sentence.is_order and sentence.verb not in ASKED and not _looks(words)
        does = sentence.verb in verbs.EFFECTS or is_unknown
        if does and not _is_of_path(sentence, words):
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
        if argument.place is not Place.QUERY:
            continue
        first = split(argument.wire_name)[:1]
        if first and first[0] in SWITCHES and argument.json_schema.get("type") == "boolean":
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
    is_asked = words.called in verbs.ASKING - {"read"} or words.name[:1] == ("get",)
    if is_asked and _looks(words) and words.route.verb in ("", *verbs.READING):
        return f"its name says {words.called or 'get'!r} and so does its summary"
    return ""


def _is_contradicted(words: Words) -> bool:
    route, said = words.route, words.said
    is_drawn = said.verb in ("generate", "create") and said.head in verbs.DRAWN
    spoken = {words.called, *([] if is_drawn else [said.verb])}
    deeds = spoken & CONTRARY
    pieces = {piece for segment in route.segments for piece in segment.split("_")} | set(words.name)
    is_sure = route.tail[-1:] in SURE and _looks(words)
    if pieces & HELD or deeds - set(route.tail):
        return True
    return not is_sure and bool(pieces & UNSURE)


def _asking_tail(words: Words) -> str:
    """The asking word a path ends in, as its verb or its last word: `/search`, `/validate-name`, `/batch-retrieve`."""
    tail = words.route.tail
    if not tail:
        return ""
    kept = tail[1:] if tail[0] in verbs.MODIFIERS and len(tail) > 1 else tail
    asked = next((word for word in (kept[0], kept[-1]) if word in verbs.ASKING), "")
    is_weak = asked in verbs.ASKING_OR_THING and not (asked == kept[0] and len(kept) > 1)
    if is_weak and not (len(words.route.segments) > 1 or words.route.is_record or asked == "check"):
        return ""  # `POST /list` makes a list
    if is_weak and not _looks(words) and (asked == "read" or words.called not in verbs.ASKING):
        return ""
    if asked == "read" and words.route.is_below_record:
        return ""  # `POST /messages/{id}/read` marks it
    return "" if kept[1:2] in (("in",), ("out",), ("off",)) else asked
