"""From what a person calls a thing to the record itself.

By its key, by a search, by a reference from another record, or across to the record of the same e-mail address in
another system.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from pydantic import JsonValue

from agent.goal import Span, SpanKind
from agent.plan import Step
from agent.planners import names, scans, searches
from agent.planners.book import Book, key_argument, path_arguments
from agent.planners.draft import Draft, Misfit, step_name
from agent.planners.names import Words
from agent.planners.phrases import Phrase
from agent.planners.records import (
    OWN_EMAIL,
    SELF_REFERENCES,
    Record,
    Wanted,
    email_field,
    is_person,
    is_person_listing,
    reference_field,
    scalar_fields,
)  # fmt: skip
from agent.planners.scanner import is_keylike
from agent.planners.searches import OWN_KEY, Found, Search
from agent.planners.tokens import POSSESSIVES
from discovery.lower import Signature

BELONGS = "belonging to"
#: said of an owner: `the deal of Acme` is found through Acme before by a name of its own
_ASKED_BY = ("requester_email", "customer_email", "reporter_email", "contact_email", "created_by")
_PARTY = ("vat_number", "vat_id", "tax_id", "billing_email")
#: fields of companies and customers
_NAMING = frozenset({SpanKind.ID, SpanKind.EMAIL, SpanKind.NAME, SpanKind.QUOTED})
_PREDICATIVE = frozenset({"is", "becomes", "became", "as"})
_PEOPLE = frozenset({"him", "her", "his", "he", "she"})
_THINGS = frozenset({"it", "its"})
_OWN_PEOPLE = frozenset({"owner", "account", "agent"})
#: colleagues as one system knows them: each is an employee, too
_HUMANS = frozenset({"contact", "employee", "owner", "agent", "user", "person", "member"})
_PERSONS = frozenset({"account", "employee", "user", "contact", "agent", "person", "member", "owner"})


@dataclass(frozen=True, slots=True)
class Chain:
    """Resolves phrases against the shortlist."""

    book: Book

    def record(self, phrase: Phrase, draft: Draft, resource: str | None = None, system: str | None = None) -> Found:
        """The record that `phrase` speaks of; of `resource` in `system` where the place it stands in asks for that.

        Raises Misfit when there is none, or more than one reading.
        """
        system = phrase.system or system
        if phrase.pronoun:
            self._require_kind(phrase.pronoun, draft, resource)
            if draft.mentions and not any(phrase.pronoun not in _PEOPLE or is_person(one) for one in draft.records):
                return self.mentioned(draft, frozenset({resource} if resource else ()), system, phrase.pronoun)
            spoken_of = self._pronoun(phrase.pronoun, draft, resource)
            try:
                return self._cross(spoken_of, draft, resource, system, phrase.pronoun)
            except Misfit:
                if phrase.pronoun not in POSSESSIVES or not draft.mentions or resource is None:
                    raise
                return self.mentioned(draft, frozenset({resource}), system, phrase.pronoun)
        if phrase.of is not None:
            return self._belonging(phrase, draft, resource, system)
        if phrase.value is None:
            return self._definite(phrase, draft, resource, system)
        return self._keyed(phrase, draft, resource, system)

    def _require_kind(self, pronoun: str, draft: Draft, resource: str | None) -> None:
        """Raises Misfit when the remarks call a thing by the noun of another kind, which `it` then is."""
        nouns = [self.book.named(one.head) for one in draft.mentions if one.value is not None and one.head]
        things = frozenset[str]().union(*nouns) - _HUMANS
        if pronoun in _THINGS and not draft.records and resource and things and resource not in things:
            raise Misfit(f"'{pronoun}' is a {' or '.join(sorted(things))}, not a {resource}")

    def key(self, phrase: Phrase, draft: Draft, wanted: Wanted) -> tuple[JsonValue, Draft]:
        """What `wanted.argument` must hold to name the record that `phrase` speaks of."""
        if phrase.value is not None and phrase.of is None and not phrase.key:
            is_named = not phrase.head or wanted.resource in self.book.named(phrase.head) or bool(phrase.cue)
            if is_named and self.looks_right(phrase.value, wanted):
                draft = self._mentioned(_literal(phrase.value), draft, wanted)
                return _literal(phrase.value), draft.using(phrase.value.start, phrase.value.end)
        record, draft = self.record(phrase, draft, wanted.resource, wanted.system)
        return self._key_of(record, wanted), draft

    def email(self, phrase: Phrase, draft: Draft, system: str = "") -> tuple[JsonValue, Draft]:
        """The e-mail address that `phrase` gives or leads to."""
        if phrase.value is not None and phrase.value.kind is SpanKind.EMAIL and phrase.of is None:
            return phrase.value.value, draft.using(phrase.value.start, phrase.value.end)
        if (direct := self._referenced_email(phrase, draft)) is not None:
            return direct
        if phrase.value is not None and phrase.value.kind is SpanKind.NAME and phrase.is_bare():
            email, draft = self._email_of(*self._person(phrase.value, draft, system))
            return {**email}, draft
        try:
            email, draft = self._email_of(*self.record(phrase, draft))
        except Misfit:
            if phrase.pronoun not in _PEOPLE or any(map(is_person, draft.records)):
                raise
            value = _one_person(draft.mentions, phrase.pronoun)
            return self.email(Phrase(start=value.start, end=value.end, value=value), draft, system)
        return {**email}, draft

    def _person(self, value: Span, draft: Draft, system: str) -> Found:
        """The person so called: the one looked up before, else the one that `system` or the only system finds."""
        found: list[Found] = []
        for resource, place in sorted(self.book.resources()):
            listing = self.book.listing(resource, place)
            if listing is None or not is_person_listing(listing):
                continue
            try:
                person = searches.find(listing, draft, searches.search_for(listing, value, ()))
            except Misfit:
                continue
            if person[1].steps == draft.steps:
                return person
            found.append(person)
        found = [one for one in found if one[0].system == system] or found
        if len(found) != 1:
            raise Misfit(f"it is not plain where {value.text!r} is kept")
        return found[0][0], found[0][1].using(value.start, value.end)

    def _askers_email(self, value: Span, draft: Draft, listing: Signature) -> tuple[str, Draft]:
        """The address of the one person so called who may have asked for a record of `listing`: somebody whom another
        system keeps, for those of its own system work on such records."""
        people: list[Signature] = []
        for resource, place in sorted(self.book.resources()):
            persons = self.book.listing(resource, place)
            is_other = persons is not None and place != listing.system and resource not in _OWN_PEOPLE
            if persons is not None and is_other and is_person_listing(persons) and self._is_found_by(persons, value):
                people.append(persons)
        told, draft = searches.address_of(people, draft, value)
        return told, draft.using(value.start, value.end)

    def loaded(self, record: Record, draft: Draft) -> Found:
        """`record` with a step that reads it."""
        if record.at:
            return record, draft
        getter = self.book.getter(record.resource, record.system)
        argument = key_argument(getter) if getter else None
        if getter is None or argument is None:
            raise Misfit(f"nothing reads a {record.resource} of {record.system}")
        step = Step(id=step_name(record.resource), action=getter.id, args={argument: record.literal})
        name, draft = draft.called(step, is_effect=False)
        read = replace(record, at=name)
        return read, draft.known(read)

    def is_referenced(self, phrase: Phrase, draft: Draft) -> bool:
        """Whether the phrase is what a record spoken of refers to: the customer of an order that an order has."""
        if phrase.of is None or not phrase.of.pronoun:
            return False
        try:
            owner = self._pronoun(phrase.of.pronoun, draft, None, phrase.head)
        except Misfit:
            return False
        return reference_field(owner.fields, phrase.head) is not None

    def find_or_none(self, record: Record, draft: Draft, resource: str, system: str) -> tuple[str, Draft]:
        """The rows, as an expression, of the search for `record`'s e-mail address elsewhere."""
        listing = self.book.listing(resource, system)
        if listing is None:
            raise Misfit(f"nothing finds a {resource} in {system}")
        email, draft = self._email_of(record, draft)
        return searches.find_or_none(listing, draft, email["$"])

    # By a key or a search ------------------------------------------------------------------------------------------

    def _mentioned(self, literal: JsonValue, draft: Draft, wanted: Wanted) -> Draft:
        """The draft in which the record with this key was spoken of, though nothing has read it yet."""
        getter = self.book.getter(wanted.resource, wanted.system)
        fields = scalar_fields(getter) if getter else ()
        told = Record(resource=wanted.resource, system=wanted.system, literal=literal, fields=fields, is_said=True)
        return draft.known(next((one for one in draft.records if one.is_same(told)), told))

    def looks_right(self, value: Span, wanted: Wanted) -> bool:
        """Whether the value can be the key itself, going by the examples that the documents give."""
        own = self.book.examples(wanted.system, wanted.argument)
        if value.kind is SpanKind.NAME:
            is_spelled = wanted.argument in OWN_KEY and value.text.islower()
            return is_spelled and (not own or any(not re.search(r"\d", one) for one in own))
        if value.kind not in (SpanKind.ID, SpanKind.NUMBER):
            return False
        if own:
            return any(_shape(one) == _shape(value.text) for one in own)
        styles = {_style(one) for one in self._key_examples(wanted.system)}
        if styles and _style(value.text) not in styles:
            return False
        return value.kind is SpanKind.ID and _shape(value.text) not in self._foreign_shapes(wanted.resource)

    def _key_examples(self, system: str) -> set[str]:
        return {
            example
            for one in self.book.signatures if one.system == system
            for argument in one.args if self.book.refers(one, argument.name) is not None
            for example in self.book.examples(system, argument.name)
        }  # fmt: skip

    def _foreign_shapes(self, resource: str) -> set[str]:
        """What ids of other kinds of record look like."""
        return {
            _shape(example)
            for one in self.book.signatures
            for argument in one.args
            if self.book.refers(one, argument.name) not in (None, resource)
            for example in self.book.examples(one.system, argument.name)
        }

    def _keyed(self, phrase: Phrase, draft: Draft, resource: str | None, system: str | None) -> Found:
        assert phrase.value is not None
        found: list[Found] = []
        why = Misfit(f"nothing here finds {_said(phrase)}")
        for name, place in self._places(phrase.head, resource, system):
            try:
                found.append(self._fetch(phrase, draft, name, place, is_named=bool(phrase.head)))
            except Misfit as misfit:
                why = misfit
        if len(found) > 1:
            raise Misfit(f"{_said(phrase)} may be one of " + ", ".join(f"{r.system} {r.resource}" for r, _ in found))
        if not found:
            raise why
        record, draft = replace(found[0][0], is_said=True), found[0][1]
        draft = draft.known(record).using(phrase.value.start, phrase.value.end)
        if resource is not None and record.resource != resource:
            return self._cross(record, draft, resource, system)
        return record, draft

    def _places(self, head: Words, resource: str | None, system: str | None) -> list[tuple[str, str]]:
        """Where a record so called may be: where it is asked for, else anywhere."""
        named = self.book.named(head) if head else frozenset({resource} if resource else set())
        if not named:
            raise Misfit(f"'{' '.join(head)}' is no kind of record here" if head else "it does not say what it is")
        places = sorted(place for place in self.book.resources() if place[0] in named)
        return [place for place in places if place[1] == system] or places

    def _fetch(self, phrase: Phrase, draft: Draft, resource: str, system: str, *, is_named: bool = True) -> Found:
        assert phrase.value is not None
        value, key = phrase.value, phrase.key
        getter = self.book.getter(resource, system)
        argument = key_argument(getter) if getter else None
        if argument and not key:
            wanted = Wanted(resource, system, argument)
            if self.looks_right(value, wanted):
                draft = self._mentioned(_literal(value), draft, wanted)
                return draft.records[-1], draft
        listing = self.book.listing(resource, system)
        if listing is None:
            raise Misfit(f"nothing finds the {resource} {value.text!r} in {system}")
        if phrase.prep == BELONGS and value.kind is SpanKind.NAME and not key:
            try:
                return self._of_someone(phrase, draft, listing)
            except Misfit:
                if self._is_asked_for(listing):
                    raise
        try:
            return _find(listing, draft, searches.search_for(listing, value, key), phrase)
        except Misfit:
            if value.kind is SpanKind.ID and not key:
                return scans.find(listing, draft, str(value.value))
            if key or value.kind not in (SpanKind.EMAIL, SpanKind.NAME):
                raise
            if not is_named:
                return self._namesake(value, draft, listing)
            try:
                return self._of_someone(phrase, draft, listing)
            except Misfit:
                return self._namesake(value, draft, listing)

    def _of_someone(self, phrase: Phrase, draft: Draft, listing: Signature) -> Found:
        """The one record that belongs to a person or company: by the address of who asked for it, or by a
        reference."""
        assert phrase.value is not None
        value = phrase.value
        asked = next((one for one in _ASKED_BY if searches.filters(listing, one)), None)
        if asked and value.kind is SpanKind.NAME:
            told, draft = self._askers_email(value, draft, listing)
            return _find(listing, draft, Search(args={asked: {"$": told}}, bears={asked: f"lower({told})"},
                                                folded=frozenset({asked})), phrase)  # fmt: skip
        if asked and value.kind is SpanKind.EMAIL:
            search = searches.by_address(asked, str(value.value))
            return _find(listing, draft, search, phrase)
        for argument in listing.args:
            resource = self.book.refers(listing, argument.name)
            if resource is None or resource == listing.resource or not searches.filters(listing, argument.name):
                continue
            if self.book.listing(resource, listing.system) is None:
                continue
            named = Phrase(start=value.start, end=value.end, value=value)
            owner, after = self._fetch(named, draft, resource, listing.system)
            search = self._by_reference(owner, Wanted(resource, listing.system, argument.name))
            return _find(listing, after, search, phrase)
        raise Misfit(f"nothing finds the {listing.resource} of {value.text!r} in {listing.system}")

    def _is_asked_for(self, listing: Signature) -> bool:
        """Whether its records tell by an e-mail address who asked for them."""
        return any(searches.filters(listing, one) for one in _ASKED_BY)

    def _by_reference(self, owner: Record, wanted: Wanted) -> Search:
        """The search for what refers to `owner` by `wanted.argument`."""
        key = self._key_of(owner, wanted)
        told = str(key["$"]) if isinstance(key, dict) else json.dumps(key)
        return Search(args={wanted.argument: key}, bears={wanted.argument: told})

    def _namesake(self, value: Span, draft: Draft, listing: Signature) -> Found:
        """The record with the address of the one so called in another system."""
        if value.kind is not SpanKind.NAME or value.text.islower():
            raise Misfit(f"nothing finds the {listing.resource} {value.text!r} in {listing.system}")
        searches.require_email(listing)
        for resource, system in sorted(self.book.resources(), key=lambda one: (one[0] != listing.resource, one)):
            other = self.book.listing(resource, system)
            if other is None or system == listing.system or not set(_PARTY) & set(scalar_fields(other)):
                continue
            try:
                owner, after = searches.find(other, draft, searches.search_for(other, value, ()))
                email, after = self._email_of(owner, after)
            except Misfit:
                continue
            return searches.find(listing, after, searches.by_email(listing, email["$"]))
        raise Misfit(f"nothing finds the {listing.resource} {value.text!r} in {listing.system}")

    # By what was said before ---------------------------------------------------------------------------------------

    def _pronoun(self, pronoun: str, draft: Draft, resource: str | None, head: Words = ()) -> Record:
        """The latest record that a pronoun may stand for: of the wanted kind, or one that has a `head`."""
        records = [one for one in reversed(draft.records) if pronoun not in _PEOPLE or is_person(one)]
        fitting = [one for one in records if resource in (None, one.resource)]
        if head:
            fitting = [one for one in fitting if reference_field(one.fields, head)] or fitting
        found = fitting or records
        if pronoun in _THINGS:
            found = [one for one in found if one.resource not in _HUMANS] or found
        if not found:
            raise Misfit(f"nothing before it says who or what '{pronoun}' is")
        return found[0]

    def _definite(self, phrase: Phrase, draft: Draft, resource: str | None, system: str | None) -> Found:
        """`the customer`: the latest record of that kind, or what a record refers to by that name."""
        named = self.book.named(phrase.head)
        for record in reversed(draft.records):
            if record.resource in named and (not phrase.system or record.system == phrase.system):
                return self._cross(record, draft, resource, system)
        is_named = any(
            self.book.named(one.head) & named for one in draft.mentions if one.value is not None and one.head
        )
        if draft.mentions and not is_named and self.is_referred_to(phrase.head, draft):
            followed, draft = self._follow(self._owner_of(phrase.head, draft), phrase.head, draft)
            return self._cross(followed, draft, resource, system)
        if draft.mentions:
            try:
                return self.mentioned(draft, named, system if resource in (None, *named) else None)
            except Misfit:
                pass
        followed, draft = self._follow(self._owner_of(phrase.head, draft), phrase.head, draft)
        return self._cross(followed, draft, resource, system)

    def is_referred_to(self, head: Words, draft: Draft) -> bool:
        """Whether the record spoken of last, and named by the goal, has a `head` of its own."""
        latest = draft.records[-1] if draft.records else None
        return latest is not None and latest.is_said and reference_field(latest.fields, head) is not None

    def _owner_of(self, head: Words, draft: Draft) -> Record:
        """The one record whose `head` may be meant: of a deal and its company, the one that the goal names."""
        having = [one for one in draft.records if reference_field(one.fields, head)]
        said = [one for one in having if one.is_said] or having
        if len(said) != 1:
            many = " or ".join(f"the {one.resource}'s" for one in said)
            raise Misfit(
                f"'{' '.join(head)}' may be {many}" if many else f"nothing says which {' '.join(head)} is meant"
            )
        return said[0]

    def remarked(self, wanted: Wanted, draft: Draft) -> tuple[JsonValue, Draft]:
        """The key of the one wanted record that the remarks speak of."""
        record, draft = self.mentioned(draft, frozenset({wanted.resource}), wanted.system)
        return self._key_of(record, wanted), draft

    def mentioned(self, draft: Draft, resources: frozenset[str], system: str | None, pronoun: str = "") -> Found:
        """The record that the remarks name: by its id, else by an address, else by its name.

        Raises Misfit when they name none, or two in the same way.
        """
        found: list[tuple[int, Span, Found]] = []
        for mention in draft.mentions:
            if mention.of is not None and mention.value is None and self.book.named(mention.head) & resources:
                return self.record(mention, draft, None, system)
            for phrase in (mention, *([mention.of] if mention.of else [])):
                is_numbered = phrase.value is not None and phrase.value.kind is SpanKind.NUMBER and bool(phrase.head)
                if phrase.value is None or (phrase.value.kind not in _NAMING and not is_numbered):
                    continue
                is_holder = phrase is mention.of and self._holds(mention.head, resources)
                rank = self._rank(phrase, resources) + 5 * is_holder
                try:
                    found.append((rank, phrase.value, self._named_in(phrase, draft, resources, system, pronoun)))
                except Misfit:
                    continue
        best = max((rank for rank, _, _ in found), default=0)
        told = {str(value.value): place for rank, value, place in found if rank == best}
        if len(told) != 1:
            raise Misfit(
                "it is not plain which record is meant" if told else "nothing said before tells which is meant"
            )
        return next(iter(told.values()))

    def _holds(self, head: Words, resources: frozenset[str]) -> bool:
        """Whether what `head` names is kept under such a record: a member *of a group*, a note *on a deal*."""
        parts = [one for one in self.book.signatures if one.resource in self.book.named(head)]
        return any(self.book.refers(one, name) in resources - {one.resource} for one in parts
                   for name in path_arguments(one)[:1])  # fmt: skip

    def _rank(self, phrase: Phrase, resources: frozenset[str]) -> int:
        assert phrase.value is not None
        is_named = bool(phrase.head) and bool(self.book.named(phrase.head) & resources)
        is_subject = not phrase.prep and not phrase.before
        by_name = 3 if is_subject else 2 if not phrase.prep else 1
        by_email = 4 if phrase.prep not in ("to", "into") else 1  # what is to go to an address is not found by it
        if phrase.before[-1:] and phrase.before[-1] in _PREDICATIVE and phrase.is_bare():
            return 0  # Ada Lovelace is Head of Sales now
        kind = {SpanKind.ID: 5, SpanKind.EMAIL: by_email}.get(phrase.value.kind, by_name)
        return (5 if is_named else 0) + kind

    def _named_in(
        self, phrase: Phrase, draft: Draft, resources: frozenset[str], system: str | None, pronoun: str
    ) -> Found:
        """The record that one phrase of a remark names, of one of these kinds."""
        assert phrase.value is not None
        if phrase.head and self.book.named(phrase.head) and not self.book.named(phrase.head) & resources:
            raise Misfit("it names another kind of record")
        is_plain = phrase.value.text.islower() and not is_keylike(phrase.value.text)
        if phrase.value.kind is SpanKind.NAME and (is_plain or phrase.cue) and not phrase.key:
            raise Misfit("it is a plain word")
        places = sorted(one for one in self.book.resources() if one[0] in resources and system in (None, one[1]))
        found: list[Found] = []
        for name, place in places:
            try:
                found.append(self._fetch(phrase, draft, name, place))
            except Misfit:
                continue
        if len(found) != 1:
            raise Misfit("nothing, or more than one thing, is so called")
        record, draft = replace(found[0][0], is_said=True), found[0][1]
        if pronoun in _PEOPLE and not is_person(record):
            raise Misfit("it is no person")
        return record, draft.known(record).using(phrase.value.start, phrase.value.end)

    def _is_spoken_of(self, pronoun: str, draft: Draft, resource: str | None) -> bool:
        """Whether a record was spoken of that the pronoun may stand for."""
        records = [one for one in draft.records if pronoun not in _PEOPLE or is_person(one)]
        return any(resource in (None, one.resource) or (is_person(one) and resource in _PERSONS) for one in records)

    # By what it belongs to -----------------------------------------------------------------------------------------

    def _belonging(self, phrase: Phrase, draft: Draft, resource: str | None, system: str | None) -> Found:
        assert phrase.of is not None
        named = self.book.named(phrase.head)
        if (
            phrase.of.is_bare()
            and phrase.of.value is not None
            and named
            and not self._is_foreign(phrase.of.value, named)
        ):
            if (holder := self._holder(phrase)) is not None:  # the account manager of Acme
                owner, draft = self._fetch(phrase.of, draft, *holder)
                draft = draft.known(owner).using(phrase.of.value.start, phrase.of.value.end)
                return self._cross(*self._follow(owner, phrase.head, draft), resource, system)
            # the account of jane@…: the address is the account's own
            place = phrase.system or phrase.of.system
            told = replace(phrase.of, head=phrase.head, system=place, prep=BELONGS)
            own = replace(told, states=phrase.states, traits=phrase.traits)
            return self._keyed(own, draft, resource, system)
        latest = next((one for one in reversed(draft.records) if is_person(one)), None)
        if phrase.of.pronoun in _PEOPLE and latest is not None and latest.resource in named and is_person(latest):
            return self._cross(latest, draft, resource, system)  # her account, which was just spoken of
        if phrase.of.pronoun and named and draft.mentions and not self._is_spoken_of(phrase.of.pronoun, draft, None):
            subject = next((one for one in draft.mentions if one.value is not None and one.is_bare()), None)
            if (phrase.states or phrase.traits) and subject is not None and not subject.prep:
                return self._belonging(replace(phrase, of=subject), draft, resource, system)
            try:
                found, draft = self.mentioned(draft, named, system)
                return self._cross(found, draft, resource, system)
            except Misfit:
                pass  # the remarks speak of its owner: `deal D-1 is won; create its company`
        places = {place for name, place in self.book.resources() if name in named}
        owner, draft = self._possessor(phrase, draft, places.pop() if len(places) == 1 else None)
        try:
            found, draft = self._follow(owner, phrase.head, draft)
        except Misfit:
            if not named:
                raise
            found, draft = self._related(owner, named, draft, system, phrase)
        return self._cross(found, draft, resource, system)

    def _holder(self, phrase: Phrase) -> tuple[str, str] | None:
        """The one kind of company or person, and its system, that refers to its `head` and is called by such a value.

        None where what `head` names is found by what it belongs to, or stands for itself.
        """
        assert phrase.of is not None
        assert phrase.of.value is not None
        if phrase.of.value.kind not in (SpanKind.NAME, SpanKind.EMAIL):
            return None
        found: list[tuple[str, str]] = []
        for resource, system in sorted(self.book.resources()):
            listing = self.book.listing(resource, system)
            if listing is None or resource in self.book.named(phrase.head) or system != (phrase.system or system):
                continue
            fields = scalar_fields(listing)
            field = reference_field(fields, phrase.head)
            is_reference = field is not None and field.endswith(("_id", "_number"))
            is_party = any(one in fields for one in OWN_EMAIL)
            if is_reference and is_party and self._is_found_by(listing, phrase.of.value):
                found.append((resource, system))
        mine = [self.book.listing(*one) for one in self.book.resources() if one[0] in self.book.named(phrase.head)]
        is_own = any(self.book.refers(one, argument.name) for one in mine if one for argument in one.args)
        return found[0] if len(found) == 1 and not is_own else None

    def _is_found_by(self, listing: Signature, value: Span) -> bool:
        try:
            searches.search_for(listing, value, ())
        except Misfit:
            return False
        return True

    def _possessor(self, phrase: Phrase, draft: Draft, system: str | None = None) -> Found:
        """What the phrase belongs to, in `system` rather than elsewhere."""
        assert phrase.of is not None
        if phrase.of.pronoun and not draft.records and draft.mentions:
            having = {name for name, place in self.book.resources() if self._has(name, place, phrase.head)}
            return self.mentioned(draft, frozenset(having), None, phrase.of.pronoun)
        if phrase.of.pronoun:
            return self._pronoun(phrase.of.pronoun, draft, None, phrase.head), draft
        if phrase.of.is_bare() and phrase.of.value is not None:
            # the manager of jane@…: of the one kind of record here that has a manager
            having = {name for name, place in self.book.resources() if self._has(name, place, phrase.head)}
            fitting = {name for name in having if not self._is_foreign(phrase.of.value, frozenset({name}))}
            return self.record(phrase.of, draft, fitting.pop() if len(fitting) == 1 else None)
        return self._at_home(phrase.of, draft, system)

    def _at_home(self, phrase: Phrase, draft: Draft, system: str | None) -> Found:
        """The record in `system`, where that keeps such records, else anywhere."""
        is_kept = any(place == system and name in self.book.named(phrase.head) for name, place in self.book.resources())
        return self.record(phrase, draft, None, system if is_kept else None)

    def _is_foreign(self, value: Span, resources: frozenset[str]) -> bool:
        """Whether an id looks like none of these resources'."""
        if value.kind is not SpanKind.ID:
            return False
        for resource, system in self.book.resources():
            getter = self.book.getter(resource, system) if resource in resources else None
            argument = key_argument(getter) if getter else None
            if argument and self.looks_right(value, Wanted(resource, system, argument)):
                return False
        return True

    def _has(self, resource: str, system: str, head: Words) -> bool:
        getter = self.book.getter(resource, system)
        return getter is not None and reference_field(scalar_fields(getter), head) is not None

    def _follow(self, record: Record, head: Words, draft: Draft) -> Found:
        """What a field of `record` refers to: `company_id` for company, `manager_id` for her manager."""
        field = reference_field(record.fields, head)
        if field is None:
            raise Misfit(f"a {record.resource} of {record.system} says nothing of its {' '.join(head)}")
        record, draft = self.loaded(record, draft)
        if names.is_email(field):
            return self._by_address(record, field, head, draft)
        spoken = names.spoken(field)
        stem = "_".join(spoken[:-1]) if spoken[-1] in ("id", "number") else "_".join(spoken)
        kinds = [one for one in (stem, *sorted(self.book.named(head))) if self.book.getter(one, record.system)]
        kinds += [record.resource] if stem in SELF_REFERENCES else []
        getter = self.book.getter(kinds[0], record.system) if kinds else None
        argument = key_argument(getter) if getter else None
        if getter is None or argument is None:
            raise Misfit(f"nothing fetches the {' '.join(head)} that {record.resource}.{field} names")
        step = Step(id=step_name(*head), action=getter.id, args={argument: record.read(field)})
        name, draft = draft.called(step, is_effect=False)
        return searches.known(getter, name, draft)

    def _by_address(self, record: Record, field: str, head: Words, draft: Draft) -> Found:
        named = self.book.named(head)
        places = [place for place in self.book.resources() if place[0] in named and place[1] == record.system]
        listing = self.book.listing(*places[0]) if len(places) == 1 else None
        if listing is None:
            raise Misfit(f"{record.resource}.{field} gives an address only")
        return searches.find(listing, draft, searches.by_email(listing, f"{record.at}.{field}"))

    def _related(self, owner: Record, named: frozenset[str], draft: Draft, system: str | None, phrase: Phrase) -> Found:
        """The one record of a kind that refers to `owner`: the payment of an invoice, the deal of a company; or, in
        another system, the one with the same e-mail address."""
        for resource, place in sorted(self.book.resources()):
            listing = self.book.listing(resource, place)
            if resource not in named or place != (system or place) or listing is None:
                continue
            if place != owner.system:
                return self._abroad(owner, draft, listing, phrase)
            for argument in listing.args:
                is_owner = self.book.refers(listing, argument.name) == owner.resource
                if is_owner and searches.filters(listing, argument.name):
                    search = self._by_reference(owner, Wanted(owner.resource, place, argument.name))
                    return _find(listing, draft, search, phrase)
        raise Misfit(f"nothing leads from a {owner.resource} to its {' or '.join(sorted(named))}")

    def _abroad(self, owner: Record, draft: Draft, listing: Signature, phrase: Phrase) -> Found:
        """The record with `owner`'s e-mail address in another system, or the one that belongs to whoever has it
        there: the invoice in billing of a customer of the ERP."""
        try:
            return self._bridge(owner, draft, listing.resource, listing.system)
        except Misfit as misfit:
            for argument in listing.args:
                resource = self.book.refers(listing, argument.name)
                if resource != owner.resource or not searches.filters(listing, argument.name):
                    continue
                twin, after = self._bridge(owner, draft, resource, listing.system)
                search = self._by_reference(twin, Wanted(resource, listing.system, argument.name))
                return _find(listing, after, search, phrase)
            raise misfit

    # Across systems ------------------------------------------------------------------------------------------------

    def _cross(
        self, record: Record, draft: Draft, resource: str | None, system: str | None, pronoun: str = ""
    ) -> Found:
        """`record`, or the one of the wanted kind and system that stands for the same person or company."""
        draft = draft.known(record)
        if resource is None or (resource == record.resource and system in (None, record.system)):
            return record, draft
        # A deal is nobody whom the ticket that was just opened could stand for; a company may be the new customer.
        is_party = bool(pronoun) or email_field(record) is not None
        for one in reversed(draft.records):
            if one.resource == resource and one.system == (system or one.system) and one.is_new and is_party:
                return one, draft
        places = [place for place in self.book.resources() if place[0] == resource and system in (None, place[1])]
        if len(places) != 1:
            raise Misfit(f"it is not plain in which system the {resource} is")
        if pronoun and resource != record.resource and not (is_person(record) and resource in _PERSONS):
            raise Misfit(f"'{pronoun}' is a {record.resource}, not a {resource}")
        found, draft = self._bridge(record, draft, *places[0])
        return found, draft.known(found)

    def _bridge(self, record: Record, draft: Draft, resource: str, system: str) -> Found:
        listing = self.book.listing(resource, system)
        if listing is None:
            raise Misfit(f"nothing finds a {resource} in {system}")
        email, draft = self._email_of(record, draft)
        return searches.find(listing, draft, searches.by_email(listing, email["$"]))

    def _email_of(self, record: Record, draft: Draft) -> tuple[dict[str, str], Draft]:
        field = email_field(record)
        if field is None:
            raise Misfit(f"a {record.resource} of {record.system} has no e-mail address of its own")
        record, draft = self.loaded(record, draft)
        return {"$": f"{record.at}.{field}"}, draft

    def _referenced_email(self, phrase: Phrase, draft: Draft) -> tuple[JsonValue, Draft] | None:
        """`requester_email` of the record that the phrase belongs to, when it has such a field."""
        if phrase.pronoun or not phrase.head or phrase.value is not None:
            return None
        if phrase.of is not None:
            if phrase.of.is_bare() and phrase.of.value is not None:
                return None
            owner, draft = self._possessor(phrase, draft)
        elif any(one.resource in self.book.named(phrase.head) for one in draft.records):
            return None
        else:
            owner = self._owner_of(phrase.head, draft)
        field = reference_field(owner.fields, phrase.head)
        if field is None or not names.is_email(field):
            return None
        owner, draft = self.loaded(owner, draft)
        return owner.read(field), draft.known(owner)

    def _key_of(self, record: Record, wanted: Wanted) -> JsonValue:
        """The value by which `wanted.argument` names `record`."""
        if record.resource != wanted.resource or record.system != wanted.system:
            raise Misfit(f"a {record.resource} of {record.system} is no {wanted.resource} of {wanted.system}")
        if record.literal is not None:
            return record.literal
        getter = self.book.getter(record.resource, record.system)
        own = key_argument(getter) if getter else None
        for field in (wanted.argument, "id", own, f"{record.resource}_id"):
            if field and record.has(field) and (field != wanted.argument or not names.is_email(field)):
                return record.read(field)
        raise Misfit(f"the {record.resource} of {record.system} shows no id")


def _find(listing: Signature, draft: Draft, search: Search, phrase: Phrase) -> Found:
    """The one record that the search finds, told apart by what the phrase says of it."""
    for _, value in phrase.traits:
        draft = draft.using(value.start, value.end)
    return searches.find(listing, draft, searches.told_apart(listing, search, phrase))


def _one_person(mentions: tuple[Phrase, ...], pronoun: str) -> Span:
    """The name or address of the one person whom the remarks speak of. Raises Misfit when there is none, or another."""
    values = [one.value for one in mentions if one.value is not None and one.is_bare()]
    called = [one for one in values if one.kind is SpanKind.EMAIL or (one.kind is SpanKind.NAME and " " in one.text)]
    if len({str(one.value) for one in called}) != 1:
        raise Misfit(f"it is not plain who '{pronoun}' is")
    return called[0]


def _literal(value: Span) -> JsonValue:
    return value.value if value.kind is SpanKind.ID else value.text


def _shape(text: str) -> str:
    """What an id looks like: its prefix (`D-104` -> `D-`, `cus_9x` -> `cus_`), else its runs of letters and digits."""
    prefixed = re.match(r"[A-Za-z]+[-_]", text)
    return prefixed[0] if prefixed else re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "9", text))


def _style(text: str) -> str:
    """How a system spells its ids: `cus_4fT0a` with an underscore, `INV-2026-7` with a hyphen."""
    return "_" if re.match(r"[a-z]+_", text) else "-" if "-" in text else ""


def _said(phrase: Phrase) -> str:
    return " ".join([*phrase.head, *([repr(phrase.value.text)] if phrase.value else [])])
