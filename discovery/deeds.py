"""What an action that changes something does: permission, delete, message, money, write, or unknown. By the first rule
that speaks, the stricter classes first. Each rule gives its reason, or "" when it does not apply.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from discovery import nouns, rights, verbs
from discovery.spoken import Words, place
from discovery.words import singular, split
from tools.action import Action, ActionClass, Place

Told = tuple[ActionClass, str]
LETTING_GO = verbs.CREATING | verbs.RELEASING
PAYING = verbs.MONEY_VERBS | {"place"}
SAID_TO_REMOVE = verbs.DELETING - {"cancel", "archive", "clear", "void"}
CHANGING = verbs.PLAIN - verbs.READING | {"test", "verify", "export", "report"}
SHOWN = ("public", "is_public", "visibility")
#: arguments by which a comment reaches the other side
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


def _removed(action: Action, words: Words, names: frozenset[str]) -> str:
    return "DELETE" if action.method == "DELETE" else ""


def _sent(action: Action, words: Words, names: frozenset[str]) -> str:
    route, said = words.route, words.said
    if route.noun in nouns.MONEY_NOUNS and route.verb in verbs.MONEY_VERBS:
        return ""
    deed = next((verb for verb in (route.verb, words.called) if verb in verbs.SENDING), "")
    if deed and not _is_plain(action, words):
        return f"{deed!r} leaves the company"
    if said.verb in verbs.SENDING and action.method == "POST" and (said.verb != "send" or said.head in nouns.SENT):
        return f"its text says {said.words[0]!r}, which leaves the company"
    return _sent_by_noun(action, words) or _sent_by_shape(action, names)


def _is_plain(action: Action, words: Words) -> bool:
    """A create or update by its shape, whose name merely begins like a sending verb: `emailTemplates`."""
    is_named = action.method == "POST" and words.called in ("send", "resend", "notify", "remind")
    return not (words.route.verb or is_named or words.route.noun in nouns.MESSAGE_NOUNS)


def _sent_by_noun(action: Action, words: Words) -> str:
    route = words.route
    if action.method != "POST" or (route.noun in ("email", "sms") and route.above in ("user", "profile", "contact")):
        return ""  # an address of somebody
    if route.is_below_record and route.tail[-1] in verbs.RELEASING and route.segments[-2] in nouns.MESSAGE_NOUNS:
        return f"{route.tail[-1]!r} of a {route.segments[-2]}"
    about = _about(words, nouns.MESSAGE_NOUNS, nouns.MESSAGE_HEADS)
    is_made = not route.is_record and (not route.verb or route.verb in LETTING_GO)
    is_released = route.is_record and route.verb in verbs.RELEASING
    is_sent = about and (is_made or is_released)
    return f"makes or releases a {about}, which leaves the company" if is_sent else ""


def _sent_by_shape(action: Action, names: frozenset[str]) -> str:
    whom, what = names & nouns.RECIPIENTS, names & nouns.TOLD
    return f"takes {min(whom)} and {min(what)}" if action.method == "POST" and whom and what else ""


def _paid(action: Action, words: Words, names: frozenset[str]) -> str:
    route, said = words.route, words.said
    deed = next((verb for verb in (route.verb, words.called) if verb in verbs.MONEY_VERBS), "")
    if deed and said.verb not in verbs.DELETING:
        return f"{deed!r} moves money"
    if said.verb in PAYING and (said.verb != "place" or said.head == "order"):
        return f"its text says {said.words[0]!r}, which moves money"
    if about := _about(words, nouns.MONEY_NOUNS, nouns.MONEY_HEADS):
        return _changed_money(action, words, names, about)
    return _paid_by_shape(words, names) or _acted_upon(words) or _bought(words)


def _changed_money(action: Action, words: Words, names: frozenset[str], about: str) -> str:
    """A change of a payment is one of money, unless nothing it takes could move any."""
    route = words.route
    is_watched = about == "subscription" and route.is_below_record and route.tail == ("subscription",)
    if route.verb in nouns.NEUTRAL or route.verb in verbs.DELETING or is_watched:
        return ""
    is_change = not route.verb and (route.is_record or action.method == "PATCH")
    if is_change and names and not any(nouns.MONEY_WORDS & set(split(name)) for name in names):
        return ""
    return f"changes a {about}"


def _paid_by_shape(words: Words, names: frozenset[str]) -> str:
    through = names & nouns.PAYING
    is_amount = words.route.verb not in verbs.READING and any("amount" in name for name in names)
    return f"takes an amount and {min(through)}" if is_amount and through else ""


def _acted_upon(words: Words) -> str:
    """What a path does to a payment, in whatever words: `/payouts/{id}/reverse`, `/payments/{id}/amountUpdates`."""
    route = words.route
    below = nouns.MONEY_NOUNS & set(route.segments[:-1])
    if not below or not route.tail:
        return ""
    pieces = set(route.segments[-1].split("_"))
    is_deed = route.is_below_record and not _is_plural(route.tail) and not pieces & nouns.NEUTRAL
    return f"acts on a {min(below)}" if is_deed or "amount" in pieces else ""


def _bought(words: Words) -> str:
    segments = words.route.segments
    if "account" in segments and ("plan" in segments or "billing" in words.route.noun.split("_")):
        return "changes what an account pays"
    text = " ".join((*words.said.words, *words.told.words))
    return "its text says that an order is placed" if PLACED.search(text) else ""


def _ended(action: Action, words: Words, names: frozenset[str]) -> str:
    deed = next((verb for verb in (words.route.verb, words.called) if verb in verbs.DELETING), "")
    about = words.route.noun
    if deed and not (deed == "cancel" and set(about.split("_")) & nouns.STOPPABLE):
        return f"{deed!r} ends or removes a {about or 'record'}"
    if words.route.verb == "close" and about == "account":
        return "'close' ends an account"
    is_said = words.said.verb in SAID_TO_REMOVE
    return f"its text says {words.said.words[0]!r}" if is_said and action.method == "POST" else ""


def _about(words: Words, names: frozenset[str], heads: frozenset[str]) -> str:
    """The noun of the path that is one of `names` or ends in one of `heads`; "" when none is."""
    both = (words.route.rest, words.route.noun)
    return next((one for one in both if one in names or one.rpartition("_")[2] in heads), "")


def _is_plural(tail: tuple[str, ...]) -> bool:
    return bool(tail) and singular(tail[-1]) != tail[-1]


Rule = Callable[[Action, Words, frozenset[str]], str]
RULES: tuple[tuple[ActionClass, Rule], ...] = (
    (ActionClass.PERMISSION, rights.why),
    (ActionClass.DELETE, _removed),
    (ActionClass.DELETE, _ended),
    (ActionClass.MESSAGE, _sent),
    (ActionClass.MONEY, _paid),
)


def _of_rest(action: Action, words: Words, places: frozenset[str], done: frozenset[str]) -> Told:
    route = words.route
    about, at = route.noun, place(action.path)
    if about in ("comment", "reply") and any(one.wire_name in SHOWN for one in action.arguments):
        return ActionClass.MESSAGE, "makes a comment that the other side may see"
    verb = next((one for one in (route.verb, words.called, words.said.verb) if one in CHANGING), "")
    if route.verb in verbs.OPAQUE or set(route.segments[-1:]) & verbs.OPAQUE:
        return _of_opaque(action, words)
    if action.method in ("PUT", "PATCH"):
        return ActionClass.WRITE, action.method
    if verb and verb not in verbs.OPAQUE:
        return ActionClass.WRITE, f"{verb!r} in its path, name or text"
    if f"{at}/{{}}" in places or (not route.verb and _is_plural(route.tail)):
        return ActionClass.WRITE, "POST to a collection"
    if action.path.endswith("}"):
        return ActionClass.WRITE, "POST to a record"
    return ActionClass.UNKNOWN, "no word says what it does"


def _of_opaque(action: Action, words: Words) -> Told:
    said = words.said.verb
    if said in verbs.CREATING or said == "update":
        return ActionClass.WRITE, f"its text says {words.said.words[0]!r}"
    return ActionClass.UNKNOWN, f"{words.route.verb or words.route.noun!r} may do anything"
