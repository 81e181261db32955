"""What the shortlisted signatures say, looked up by a person's words.

Which words name a resource, a field, an enum value or a system; what each action does; which argument names which
record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from agent.goal import Span, SpanKind
from agent.planners import names, verbs
from agent.planners.names import Words
from agent.planners.records import Record, reference_field, scalar_fields
from agent.planners.verbs import Kind, Verb
from discovery import words
from discovery.lower import ArgumentSignature, ResultField, Signature
from tools.action import ActionClass

#: Words about an API rather than about the business: no field of theirs is ever meant by a person.
PAGING = frozenset(
    "limit offset page per_page page_size page_token cursor starting_after ending_before start_index count skip top"
    " next_cursor next_page_token has_more object url".split()
)
_MESSAGES = frozenset({"email", "message", "notification", "mail", "sms"})
_UNSAID = frozenset({"api", "service", "system", "app", "web", "services", "the", "desk"})
_WORD_KEYS = ("name", "username", "slug", "code")
_OPENING = frozenset(
    "the a an our my your his her its their this that these those we i you he she it they please when if once then also"
    " in for on at from to with as by after before since because while there here everything nothing everyone nobody"
    " new another one all each every any both some no not now today tomorrow could can would should will do does did"
    " has have had is are was were be let what which who thanks thank dear hello hi and but so or use make sure under"
    " need kindly first finally next later only just still already enclosed following".split()
)
_KEYS = ("id", "uuid", "number", "key", "code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What an action does: its kind, its own verb, and the verbs of which one must be said (empty: none)."""

    kind: Kind
    verb: str
    must_say: frozenset[str]
    must_mention: frozenset[str] = frozenset()
    #: words that its path adds to the verb: `password` of `reset-password`


@dataclass(frozen=True, slots=True)
class Book:
    """The shortlist, indexed. Made once for each proposal."""

    signatures: tuple[Signature, ...]
    systems: tuple[tuple[str, str], ...]
    #: slug and title

    def deeds(self) -> Iterator[tuple[Signature, Deed]]:
        return ((signature, deed(signature)) for signature in self.signatures)

    def getter(self, resource: str, system: str) -> Signature | None:
        """The read that fetches one record of `resource` by its key."""
        found = [one for one in self._reads(resource, system) if one.items is None and one.path.endswith("}")]
        return found[0] if len(found) == 1 else None

    def listing(self, resource: str, system: str) -> Signature | None:
        """The read that lists the records of `resource`, needing nothing."""
        found = [
            one for one in self._reads(resource, system)
            if one.items is not None and not any(argument.required for argument in one.args)
        ]  # fmt: skip
        return found[0] if len(found) == 1 else None

    def kind(self, record: Record, field: str) -> str:
        """The JSON type that a record's field has."""
        getter = self.getter(record.resource, record.system)
        return next((one.type for one in (getter.result if getter else ()) if one.path == field), "")

    def resources(self) -> frozenset[tuple[str, str]]:
        """Every (resource, system) that some action works on."""
        return frozenset((one.resource, one.system) for one in self.signatures if one.resource)

    def systems_of(self, resource: str) -> tuple[str, ...]:
        return tuple(sorted(system for name, system in self.resources() if name == resource))

    def named(self, said: Words) -> frozenset[str]:
        """The resources that `said` names; its own words win over its synonyms."""
        for meant in names.meanings(said):
            found = frozenset(name for name, _ in self.resources() if names.spoken(name) == meant)
            if found:
                return found
        found = frozenset(resource for key, resource in self.keyed if key == said)
        return found if found or len(said) < 2 or said[-1] not in _KEYS else self.named(said[:-1])

    @property
    def keyed(self) -> frozenset[tuple[Words, str]]:
        """What a key calls its record, beside the name of its kind: `request_id` of a time off is a request."""
        found = set[tuple[Words, str]]()
        for one in self.signatures:
            argument = key_argument(one) if one.action_class is ActionClass.READ and one.items is None else None
            whole = names.spoken(argument) if argument else ()
            if len(whole) > 1 and whole[-1] in _KEYS:
                found.add((whole[:-1], one.resource))
        return frozenset(found)

    def refers(self, signature: Signature, argument: str) -> str | None:
        """The resource whose record `argument` names by its key, or None when it names none."""
        own = next((one.resource for one in self.signatures
                    if one.system == signature.system and one.items is None and key_argument(one) == argument),
                   None)  # fmt: skip
        if own is not None:
            return own
        whole = names.spoken(argument)
        told = next((one.description.lower() for one in signature.args if one.name == argument), "")
        stem = "_".join(whole[:-1] if whole[-1] in _KEYS else whole if re.match(r"(the )?id\b", told) else ())
        if stem in {name for name, _ in self.resources()}:
            return stem
        if argument in path_arguments(signature):
            return _noun_before(signature.path, argument)
        return None

    def examples(self, system: str, argument: str) -> frozenset[str]:
        """The example values that the system's document gives for arguments of this name."""
        found = (one for signature in self.signatures if signature.system == system for one in signature.args)
        return frozenset(str(one.example) for one in found if one.name == argument and one.example is not None)

    def _reads(self, resource: str, system: str) -> Iterator[Signature]:
        for one in self.signatures:
            is_read = one.action_class is ActionClass.READ and (one.resource, one.system) == (resource, system)
            if is_read and one.path.count("{") <= (1 if one.path.endswith("}") else 0):
                yield one


@dataclass(frozen=True)
class Lexicon:
    """The words that the shortlist gives meaning to."""

    book: Book

    @cached_property
    def heads(self) -> frozenset[Words]:
        """The wordings of resources and fields."""
        found: set[Words] = set()
        for signature in self.book.signatures:
            found |= names.forms(signature.resource) if signature.resource else set()
            for name in (*_argument_names(signature.args), *(leaf(field) for field in signature.result)):
                if name not in PAGING:
                    found |= names.forms(name)
        found |= {said for said, _ in self.book.keyed}
        found |= {said for said in names.said_as() if any(meant in found for meant in names.meanings(said))}
        return frozenset(said for said in found if len(said[-1]) > 1 and said not in self.aliases)

    @cached_property
    def fields(self) -> frozenset[Words]:
        """The wordings of fields, as against those of records."""
        return frozenset(said for said in self.heads if not self.book.named(said))

    @cached_property
    def settable(self) -> frozenset[str]:
        """The fields of one word that some action sets."""
        changing = [one for one in self.book.signatures if one.action_class is not ActionClass.READ]
        return frozenset(name for one in changing for name in _argument_names(one.args) if len(names.spoken(name)) == 1)

    @cached_property
    def verbs(self) -> frozenset[str]:
        """Verbs that only the shortlist knows: `POST /members/{id}/block`."""
        found = frozenset(done.verb for _, done in self.book.deeds() if done.kind is Kind.ACT)
        return found - self.heads_of_one

    @cached_property
    def heads_of_one(self) -> frozenset[str]:
        return frozenset(said[0] for said in self.heads if len(said) == 1)

    def verb(self, word: str) -> Verb | None:
        """The verb that `word`, in lower case, is: of the table, or an action's own."""
        for one in (word, word.replace("-", ""), word.removeprefix("re-")):
            if (found := verbs.of_table(one)) is not None:
                return found
        return Verb(said=word, kinds=frozenset({Kind.ACT})) if word in self.verbs else None

    @cached_property
    def flags(self) -> frozenset[str]:
        """The fields of one word that are true or false: `enabled`."""
        return frozenset(
            field.path
            for signature in self.book.signatures if signature.items is None
            for field in signature.result if field.type == "boolean" and field.path.isalpha()
        )  # fmt: skip

    @cached_property
    def choices(self) -> tuple[tuple[JsonValue, ...], ...]:
        """The values of each argument that takes one of several."""
        return tuple(tuple(one.enum) for signature in self.book.signatures for one in signature.args if one.enum)

    @cached_property
    def flag_arguments(self) -> tuple[ArgumentSignature, ...]:
        """The arguments that are true or false."""
        return tuple(one for signature in self.book.signatures for one in signature.args if one.type == "boolean")

    @cached_property
    def all_verbs(self) -> frozenset[str]:
        return verbs.known() | self.verbs

    @cached_property
    def nouns(self) -> frozenset[str]:
        """The last words of what records are called."""
        named = {names.spoken(name)[-1:] for name, _ in self.book.resources()}
        named |= {said[-1:] for said in names.said_as() if self.book.named(said)}
        return frozenset(word for (word,) in named if word)

    def is_foreign(self, word: str) -> bool:
        """Whether a capitalised word that opens a sentence is no word of the language, hence part of a name."""
        is_known = (word,) in self.heads or (word,) in self.aliases or word in self.enums
        return not (is_known or word in _OPENING or word in self.all_verbs)

    def is_state(self, value: Span) -> bool:
        """Whether a value is one that some field may have, told in words."""
        return value.kind is SpanKind.NAME and value.value in self.enums.values()

    def can_be(self, head: Words, state: Span) -> bool:
        """Whether a record that `head` names may be in the state."""
        return any(
            state.value in field.enum
            for signature in self.book.signatures
            if signature.method == "GET" and signature.resource in self.book.named(head)
            for field in signature.result
        )

    def is_named_by_word(self, head: Words) -> bool:
        """Whether the records that `head` names are called by a plain word: a group, by its name."""
        return any(
            argument.name in _WORD_KEYS
            for signature in self.book.signatures
            if signature.resource in self.book.named(head) and signature.items is not None
            for argument in signature.args
        )

    def is_reference(self, head: Words) -> bool:
        """Whether some record refers to another as its `head`."""
        found = {reference_field(scalar_fields(one), head) for one in self.book.signatures if one.method == "GET"}
        return any(field.endswith(("_id", "_email", "_number")) for field in found if field)

    def is_field(self, head: Words) -> bool:
        """Whether `head` is a field by its own name, not by that of the record it refers to (`owner` for
        `owner_id`)."""
        return any(
            names.closeness(head, name) in (1, 3)
            for signature in self.book.signatures
            for name in _argument_names(signature.args)
        )

    def is_role(self, head: Words) -> bool:
        """Whether `head` is what a field calls a person or thing it refers to: `manager` of `manager_id`."""
        spelled = [names.spoken(name) for one in self.book.signatures for name in _argument_names(one.args)]
        return any(
            whole[:-1] in names.meanings(head) and whole[-1] in ("id", "email") and len(whole) > 1 for whole in spelled
        )

    def is_key(self, head: Words, key: Words) -> bool:
        """Whether the records that `head` names can be searched by the field that `key` names."""
        return any(
            names.closeness(key, argument.name)
            for signature in self.book.signatures
            if signature.resource in self.book.named(head) and signature.items is not None
            for argument in signature.args
        )

    @cached_property
    def aliases(self) -> dict[Words, str]:
        """How a person may name a system: its slug, its title, and title words that no other system shares."""
        found: dict[Words, str] = {tuple(words.split(slug)): slug for slug, _ in self.book.systems}
        titles = {slug: [word.lower() for word in re.findall(r"\w+", title)] for slug, title in self.book.systems}
        for slug, said in titles.items():
            found.setdefault(tuple(said), slug)
            others = {word for other, title in titles.items() if other != slug for word in title}
            for word in said:
                if word not in others | _UNSAID and len(word) > 1:
                    found.setdefault((word,), slug)
        for role, told in names.SYSTEM_ROLES.items():
            slugs = {slug for slug, said in titles.items() if {slug, *said} & told}
            if len(slugs) == 1:
                found.setdefault(tuple(role.split()), slugs.pop())
        return {said: slug for said, slug in found.items() if said}

    @cached_property
    def enums(self) -> dict[str, JsonValue]:
        """Enum value in words -> the value: `in progress`, `net 30`."""
        found: dict[str, JsonValue] = {}
        for signature in self.book.signatures:
            shown = [(leaf(field), field.enum) for field in signature.result]
            for name, values in (*((argument.name, argument.enum) for argument in signature.args), *shown):
                for value in values if name not in PAGING else ():
                    if isinstance(value, str):
                        found.setdefault(in_words(value), value)
                        if (days := re.fullmatch(r"([a-z]+) (\d+)", in_words(value))) is not None:
                            found.setdefault(f"{days[2]} days {days[1]}", value)  # net 30, 30 days net
                            found.setdefault(f"{days[1]} {days[2]} days", value)
        return found


def in_words(value: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", value)).lower()


def leaf(field: ResultField) -> str:
    return field.path.rpartition(".")[2].removesuffix("[]")


def path_arguments(signature: Signature) -> tuple[str, ...]:
    """The arguments that stand in the path, in its order."""
    known = {argument.name for argument in signature.args}
    return tuple(name for name in re.findall(r"\{([^}]+)\}", signature.path) if name in known)


def key_argument(signature: Signature) -> str | None:
    """The argument that names the one record a read fetches."""
    placed = path_arguments(signature)
    return placed[-1] if signature.path.endswith("}") and placed and signature.method == "GET" else None


def deed(signature: Signature) -> Deed:
    """What the action does, read off its name, then its path, then its method."""
    said = words.split(signature.id.partition(".")[2])
    own = {words.singular(word) for word in words.split(signature.resource)}
    *_, before, last = ["", "", *signature.path.strip("/").split("/")]
    tail = words.split(last) if before.startswith("{") and not last.startswith("{") else []
    told = {*said[:1], *words.split(signature.summary)[:1]}
    acts = [
        word for word in (*tail[:1], *said)
        if word not in own and (verbs.is_action_word(word) or (word in tail[:1] and word in told))
    ]  # fmt: skip
    first = verbs.plain(acts[0]) if acts else ""
    kind = _kind(signature, acts[0] if acts else "", is_tail=bool(tail) and acts[:1] == tail[:1])
    return Deed(
        kind=kind,
        verb=first,
        must_say=_must_say(signature, kind, first, {*said, *tail}),
        must_mention=frozenset(tail[1:]) if kind is Kind.ACT else frozenset(),
    )


def _kind(signature: Signature, first: str, *, is_tail: bool) -> Kind:
    if signature.action_class is ActionClass.READ:
        return Kind.READ
    if signature.method == "DELETE" or verbs.OPERATION_KINDS.get(first) is Kind.DELETE:
        return Kind.DELETE
    if signature.method == "POST" and signature.resource in _MESSAGES:
        return Kind.MESSAGE
    if first in verbs.OPERATION_KINDS:
        return verbs.OPERATION_KINDS[first]
    if first and (is_tail or verbs.of_table(first) is not None):
        return Kind.ACT
    if signature.method in ("PUT", "PATCH") or signature.path.endswith("}"):
        return Kind.UPDATE
    return Kind.CREATE


def _must_say(signature: Signature, kind: Kind, first: str, said: Iterable[str]) -> frozenset[str]:
    if kind is Kind.READ:
        return frozenset()
    found = [verbs.MUST_BE_SAID[word] for word in map(words.singular, said) if word in verbs.MUST_BE_SAID]
    if found:
        return frozenset.intersection(*found) or frozenset.union(*found)
    if kind is Kind.DELETE or signature.action_class is ActionClass.DELETE:
        return verbs.MUST_BE_SAID["delete"] | ({first} if first else frozenset())
    return frozenset()


def _argument_names(arguments: Iterable[ArgumentSignature]) -> Iterator[str]:
    for argument in arguments:
        yield argument.name
        yield from _argument_names(argument.fields)


def _noun_before(path: str, argument: str) -> str | None:
    segments = path.strip("/").split("/")
    place = segments.index(f"{{{argument}}}") if f"{{{argument}}}" in segments else 0
    return words.noun(segments[place - 1]) if place and not segments[place - 1].startswith("{") else None
