"""Proposes what each action does, from its method, path and names. A proposal with its evidence; an admin decides.

A document's free text may make a proposal more careful, never less: a summary can turn a read into unknown, and nothing
turns a write into a read but a path that says so. The worst error would be a write called a read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from discovery import pages, relations, targets, verbs
from discovery.words import noun, singular, snake, split
from tools.action import Action, ActionClass, Evidence, Place, Schema

VERSION = re.compile(r"v?\d+(\.\d+)*|api|rest|latest|beta", re.IGNORECASE)
READ_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    action_class: ActionClass
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of an action by which its class is guessed."""

    segments: tuple[str, ...]
    #: the path's fixed segments as singular nouns
    verb: str
    #: the last segment's verb when the path ends in one: `/deals/{id}/win`
    rest: str
    #: what stands beside the verb in the last segment: password, of `/reset-password`
    noun: str
    #: what it works on
    named: tuple[str, ...]
    #: the words of the operation's name
    said: str
    #: the first word of the summary, without its s: `Deletes a contact` -> delete


def classify(
    actions: Sequence[Action], defs: Mapping[str, Schema], headers: Mapping[str, frozenset[str]]
) -> tuple[Action, ...]:
    """The actions with class, targets, units, resolver, read-back, inverse, pagination and resource proposed.

    `headers` are the documented answer headers by operation pointer.
    """
    records = frozenset(relations.template(action.path) for action in actions if action.path.endswith("}"))
    classed = [_with_class(action, records) for action in actions]
    references = targets.references(actions)
    marked = [targets.mark(action, references, defs) for action in classed]
    paged = [pages.propose(action, defs, headers.get(action.pointer, frozenset())) for action in marked]
    return relations.relate(paged, defs)


def propose_class(action: Action, records: frozenset[str] = frozenset()) -> Proposed:
    """What `action` does, by the first rule that speaks; `records` are the path templates of the surface's records."""
    words = read_words(action)
    if action.method in READ_METHODS:
        return _of_get(action, words)
    if action.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return Proposed(action_class=ActionClass.UNKNOWN, why=f"{action.method} has no common meaning in an API")
    if action.method == "POST" and not action.path.endswith("}") and (asking := _asks(words)):
        return Proposed(action_class=ActionClass.READ, why=f"POST whose path says {asking!r}")
    return _of_write(action, words, records)


def read_words(action: Action) -> Words:
    fixed = [part for part in re.split(r"[/:.]", action.path) if part and "{" not in part]
    segments = [noun(part) for part in fixed if not VERSION.fullmatch(part)]
    segments = [segment for segment in segments if segment]
    verb, rest = _path_verb(action, fixed[-1]) if fixed else ("", "")
    nouns = segments[:-1] if verb and len(segments) > 1 else segments
    first = split(action.summary)[:1]
    return Words(
        segments=tuple(segments),
        verb=verb,
        rest=rest,
        noun=nouns[-1] if nouns else "",
        named=_named(action),
        said=_stem(first[0]) if first else "",
    )


def _named(action: Action) -> tuple[str, ...]:
    """The words of the name; the method before them says nothing, unless somebody chose to write `get`."""
    words = split(action.operation)
    is_derived = action.operation.startswith(snake(f"{action.method} {action.path}")[:50])
    is_method = words[:1] == [action.method.lower()]
    return tuple(words[1:] if is_method and (action.method not in READ_METHODS or is_derived) else words)


def _path_verb(action: Action, last: str) -> tuple[str, str]:
    """The verb a path ends in and what stands beside it: `send`, `reset-password`, `force-cancel`.

    Only plain forms are verbs, because `/archives` and `/runs` are things.
    """
    words = split(last)
    if not words or re.search(r"\}[^/]*\Z", action.path):
        return "", ""
    if "_".join(words) in verbs.MONEY_NOUNS | verbs.MESSAGE_NOUNS | verbs.PERMISSION_NOUNS and len(words) > 1:
        return "", ""
    if words[0] in verbs.MODIFIERS and len(words) > 1:
        words = words[1:]
    if words[0] in verbs.PLAIN:
        return words[0], noun("_".join(words[1:]))
    return (words[-1], "") if words[-1] in verbs.PLAIN and len(words) == 2 else ("", "")


def _of_get(action: Action, words: Words) -> Proposed:
    if words.verb in verbs.EFFECTS and words.verb not in verbs.READING:
        return Proposed(action_class=ActionClass.UNKNOWN, why=f"{action.method}, but its path ends in {words.verb!r}")
    name = _first_verb(words)
    if name in verbs.EFFECTS:
        return Proposed(action_class=ActionClass.UNKNOWN, why=f"{action.method}, but its name says {name!r}")
    if words.said in verbs.EFFECTS and name not in verbs.READING:
        return Proposed(action_class=ActionClass.UNKNOWN, why=f"{action.method}, but its summary says {words.said!r}")
    if {"logout", "signout", "unsubscribe"} & set(words.segments):
        return Proposed(action_class=ActionClass.UNKNOWN, why=f"{action.method}, but its path ends something")
    return Proposed(action_class=ActionClass.READ, why=f"{action.method} without a word of effect")


def _asks(words: Words) -> str:
    """The asking word a path ends in, when nothing else contradicts it."""
    last = words.segments[-1].split("_") if words.segments else []
    asked = next((word for word in last if word in verbs.ASKING), "")
    if asked in verbs.ASKING_OR_THING and (len(words.segments) < 2 or words.said not in verbs.READING):
        return ""  # `POST /list` makes a list
    said = {words.said, _first_verb(words), *words.segments}
    return "" if said & (verbs.EFFECTS | {"new"}) else asked


def _of_write(action: Action, words: Words, records: frozenset[str]) -> Proposed:
    verb = words.verb if words.verb not in verbs.READING else ""
    verb = verb or _first_verb(words)
    about = words.noun
    names = {argument.name.lower() for argument in action.arguments if argument.place is not Place.PATH}
    if rights := {about, words.rest} & verbs.PERMISSION_NOUNS:
        return Proposed(action_class=ActionClass.PERMISSION, why=f"changes a {min(rights)}")
    if verb in verbs.PERMISSION_VERBS and (verb not in verbs.ABOUT_ACCOUNTS or about in verbs.ACCOUNTS):
        return Proposed(action_class=ActionClass.PERMISSION, why=f"{verb!r} on {about or 'the API'}")
    if action.method == "DELETE":
        return Proposed(action_class=ActionClass.DELETE, why="DELETE")
    if verb in verbs.DELETING or (verb == "close" and about == "account"):
        return Proposed(action_class=ActionClass.DELETE, why=f"{verb!r} ends or removes a {about or 'record'}")
    if verb in verbs.MONEY_VERBS:
        return Proposed(action_class=ActionClass.MONEY, why=f"{verb!r} moves money")
    if verb in verbs.SENDING and not _is_plain(action, words):
        return Proposed(action_class=ActionClass.MESSAGE, why=f"{verb!r} leaves the company")
    if about in verbs.MESSAGE_NOUNS and action.method == "POST":
        return Proposed(action_class=ActionClass.MESSAGE, why=f"makes a {about}, which leaves the company")
    if about in verbs.MONEY_NOUNS:
        return Proposed(action_class=ActionClass.MONEY, why=f"changes a {about}")
    if handed := names & verbs.RIGHTS:
        return Proposed(action_class=ActionClass.PERMISSION, why=f"takes {', '.join(sorted(handed))}")
    if about in ("comment", "reply") and names & {"public", "is_public", "visibility"}:
        return Proposed(action_class=ActionClass.MESSAGE, why="makes a comment that the other side may see")
    return _of_plain_write(action, words, verb, records)


def _of_plain_write(action: Action, words: Words, verb: str, records: frozenset[str]) -> Proposed:
    if words.said in verbs.DELETING:
        return Proposed(action_class=ActionClass.UNKNOWN, why=f"its summary says {words.said!r}, its path does not")
    if verb in verbs.OPAQUE or set(words.segments[-1:]) & verbs.OPAQUE:
        return Proposed(action_class=ActionClass.UNKNOWN, why=f"{verb or words.noun!r} may do anything")
    if action.method in ("PUT", "PATCH"):
        return Proposed(action_class=ActionClass.WRITE, why=action.method)
    if verb in verbs.WRITING:
        return Proposed(action_class=ActionClass.WRITE, why=f"{verb!r} in its path or name")
    if f"{relations.template(action.path)}/{{}}" in records or _ends_in_plural(action):
        return Proposed(action_class=ActionClass.WRITE, why="POST to a collection")
    if action.path.endswith("}"):
        return Proposed(action_class=ActionClass.WRITE, why="POST to a record")
    return Proposed(action_class=ActionClass.UNKNOWN, why="no word says what it does")


def _is_plain(action: Action, words: Words) -> bool:
    """A create or update by its shape, whose name merely begins like a sending verb: `emailTemplates`."""
    return not words.verb and words.noun not in verbs.MESSAGE_NOUNS and action.method in ("PUT", "PATCH")


def _ends_in_plural(action: Action) -> bool:
    """As the paths of collections do."""
    last = action.path.rstrip("/").rpartition("/")[2]
    words = split(last)
    return bool(words) and "{" not in last and singular(words[-1]) != words[-1]


def _first_verb(words: Words) -> str:
    """The first word of the name that is a verb we know: names are `verbNoun`, or `noun/verb`, or `noun-verb-noun`."""
    nouns = {piece for segment in words.segments for piece in segment.split("_")} - {words.verb}
    return next((word for word in words.named if word in verbs.PLAIN and word not in nouns), "")


def _stem(word: str) -> str:
    if word.endswith("es") and word[:-1] in verbs.EFFECTS | verbs.WRITING:
        return word[:-1]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _with_class(action: Action, records: frozenset[str]) -> Action:
    proposed = propose_class(action, records)
    words = read_words(action)
    evidence = (
        Evidence(field="action_class", why=proposed.why),
        Evidence(field="resource", why="the last noun of the path"),
    )
    return action.model_copy(
        update={
            "action_class": proposed.action_class,
            "resource": words.noun,
            "evidence": (*action.evidence, *evidence),
        }
    )
