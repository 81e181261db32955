"""What an action that changes something does: permission, delete, message, money, write, or unknown. By the first rule
that speaks, the stricter classes first. Each rule gives its reason, or "" when it does not apply.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from discovery import rights, verbs
from discovery.spoken import Words, place
from discovery.words import singular, split
from tools.action import Action, ActionClass, Place

Told = tuple[ActionClass, str]
PLACED = re.compile(r"\bplaces? (?:an? |the )?order\b")


def of_write(action: Action, words: Words, places: frozenset[str], done: frozenset[str]) -> Told:
    """`places` and `done` as `classify.propose_class` takes them: a deed that another one undoes is a lesser one."""
    names = frozenset(one.wire_name.lower() for one in action.arguments if one.place is Place.BODY)
    if undoing := _undone_by(action, words, done):
        return ActionClass.WRITE, f"'archive', which {undoing} undoes"
    for kind, rule in RULES:
        if why := rule(action, words, names):
            return kind, why
    return _of_rest(action, words, places, done)


def _undone_by(action: Action, words: Words, done: frozenset[str]) -> str:
    """The path that takes out of the archive what `action` puts there."""
    if words.route.verb != "archive" or action.method == "DELETE":
        return ""
    at = place(action.path)
    others = (f"{at.removesuffix('archive')}{verb}" for verb in ("unarchive", "restore"))
    return next((other for other in others if other in done), "")


def _handed(action: Action, words: Words, names: frozenset[str]) -> str:
    return rights.why(action, words, names)


def _removed(action: Action, words: Words, names: frozenset[str]) -> str:
    return "DELETE" if action.method == "DELETE" else ""


def _sent(action: Action, words: Words, names: frozenset[str]) -> str:
    route, said = words.route, words.said
    if route.noun in verbs.MONEY_NOUNS and route.verb in verbs.MONEY_VERBS:
        return ""
    deed = next((verb for verb in (route.verb, words.called) if verb in verbs.SENDING), "")
    if deed and not _is_plain(action, words):
        return f"{deed!r} leaves the company"
    if said.verb in verbs.SENDING and action.method == "POST" and (said.verb != "send" or said.head in verbs.SENT):
        return f"its text says {said.words[0]!r}, which leaves the company"
    return _sent_by_noun(action, words) or _sent_by_shape(action, names)


def _is_plain(action: Action, words: Words) -> bool:
    """A create or update by its shape, whose name merely begins like a sending verb: `emailTemplates`."""
    is_verb = bool(words.route.verb) or (action.method == "POST" and words.called in ("send", "resend", "notify", "remind"))
    return not is_verb and words.route.noun not in verbs.MESSAGE_NOUNS


def _sent_by_noun(action: Action, words: Words) -> str:
    route = words.route
    if action.method != "POST" or (route.noun in ("email", "sms") and route.above in ("user", "profile", "contact")):
        return ""  # an address of somebody
    if route.is_below_record and route.tail[-1] in verbs.RELEASING and route.segments[-2] in verbs.MESSAGE_NOUNS:
        return f"{route.tail[-1]!r} of a {route.segments[-2]}"
    about = next((one for one in (route.rest, route.noun) if _is_of(one, verbs.MESSAGE_NOUNS, verbs.MESSAGE_HEADS)), "")
    if not about:
        return ""
    is_made = not route.is_record and (not route.verb or route.verb in verbs.CREATING | verbs.RELEASING)
    is_released = route.is_record and route.verb in verbs.RELEASING
    return f"makes or releases a {about}, which leaves the company" if is_made or is_released else ""


def _sent_by_shape(action: Action, names: frozenset[str]) -> str:
    whom, what = names & verbs.RECIPIENTS, names & verbs.TOLD
    return f"takes {min(whom)} and {min(what)}" if action.method == "POST" and whom and what else ""


def _paid(action: Action, words: Words, names: frozenset[str]) -> str:
    route, said = words.route, words.said
    deed = next((verb for verb in (route.verb, words.called) if verb in verbs.MONEY_VERBS), "")
    if deed and words.said.verb not in verbs.DELETING:
        return f"{deed!r} moves money"
    if said.verb in verbs.MONEY_VERBS | {"place"} and (said.verb != "place" or said.head == "order"):
        return f"its text says {said.words[0]!r}, which moves money"
    about = next((one for one in (route.rest, route.noun) if _is_of(one, verbs.MONEY_NOUNS, verbs.MONEY_HEADS)), "")
    if about:
        return _changed_money(action, words, names, about)
    return _paid_by_shape(action, words, names)


def _changed_money(action: Action, words: Words, names: frozenset[str], about: str) -> str:
    """A change of a payment is one of money, unless nothing it takes could move any."""
    route = words.route
    is_watched = about == "subscription" and route.is_below_record and route.tail == ("subscription",)
    if route.verb in verbs.NEUTRAL or route.verb in verbs.DELETING or is_watched:
        return ""
    is_change = not route.verb and (route.is_record or action.method == "PATCH")
    if is_change and names and not any(verbs.MONEY_WORDS & set(split(name)) for name in names):
        return ""
    return f"changes a {about}"


def _paid_by_shape(action: Action, words: Words, names: frozenset[str]) -> str:
    route = words.route
    if route.verb not in verbs.READING and any("amount" in name for name in names) and (through := names & verbs.PAYING):
        return f"takes an amount and {min(through)}"
    last = route.tail[-1:] and singular(route.tail[-1])
    below = verbs.MONEY_NOUNS & set(route.segments[:-1])
    if not last or not below or not route.segments:
        return _bought(words)
    pieces = set(route.segments[-1].split("_"))
    acts = "amount" in pieces or (route.is_below_record and last == route.tail[-1] and not pieces & verbs.NEUTRAL)
    return f"acts on a {min(below)}" if acts and action.method != "GET" else _bought(words)


def _bought(words: Words) -> str:
    segments = words.route.segments
    if "account" in segments and ("plan" in segments or "billing" in words.route.noun.split("_")):
        return "changes what an account pays"
    if "order" not in words.route.pieces[-1:] and "order" not in words.said.words + words.told.words:
        return ""
    text = " ".join((*words.said.words, *words.told.words))
    return "its text says that an order is placed" if PLACED.search(text) else ""


def _ended(action: Action, words: Words, names: frozenset[str]) -> str:
    deed = next((verb for verb in (words.route.verb, words.called) if verb in verbs.DELETING), "")
    about = words.route.noun
    if deed and not (deed == "cancel" and set(about.split("_")) & verbs.STOPPABLE):
        return f"{deed!r} ends or removes a {about or 'record'}"
    if words.route.verb == "close" and about == "account":
        return "'close' ends an account"
    is_said = words.said.verb in verbs.DELETING - {"cancel", "archive", "clear", "void"}
    return f"its text says {words.said.words[0]!r}" if is_said and action.method == "POST" else ""


def _is_of(about: str, nouns: frozenset[str], heads: frozenset[str]) -> bool:
    return about in nouns or about.rpartition("_")[2] in heads


CHANGING = verbs.PLAIN - verbs.READING | {"test", "verify", "export", "report"}
Rule = Callable[[Action, Words, frozenset[str]], str]
RULES: tuple[tuple[ActionClass, Rule], ...] = (
    (ActionClass.PERMISSION, _handed),
    (ActionClass.DELETE, _removed),
    (ActionClass.DELETE, _ended),
    (ActionClass.MESSAGE, _sent),
    (ActionClass.MONEY, _paid),
)


def _of_rest(action: Action, words: Words, places: frozenset[str], done: frozenset[str]) -> Told:
    route = words.route
    about, at = route.noun, place(action.path)
    if about in ("comment", "reply") and {"public", "is_public", "visibility"} & {one.wire_name for one in action.arguments}:
        return ActionClass.MESSAGE, "makes a comment that the other side may see"
    verb = next((one for one in (route.verb, words.called, words.said.verb) if one in CHANGING), "")
    if route.verb in verbs.OPAQUE or set(route.segments[-1:]) & verbs.OPAQUE:
        return _of_opaque(action, words)
    if action.method in ("PUT", "PATCH"):
        return ActionClass.WRITE, action.method
    if verb and verb not in verbs.OPAQUE:
        return ActionClass.WRITE, f"{verb!r} in its path, name or text"
    if f"{at}/{{}}" in places or (route.tail and not route.verb and singular(route.tail[-1]) != route.tail[-1]):
        return ActionClass.WRITE, "POST to a collection"
    if action.path.endswith("}"):
        return ActionClass.WRITE, "POST to a record"
    return ActionClass.UNKNOWN, "no word says what it does"


def _of_opaque(action: Action, words: Words) -> Told:
    said = words.said.verb
    if said in verbs.CREATING | {"update"}:
        return ActionClass.WRITE, f"its text says {words.said.words[0]!r}"
    return ActionClass.UNKNOWN, f"{words.route.verb or words.route.noun!r} may do anything"
