"""From what a person calls a thing to the record itself: read it by its key, find it by what is known of it, follow a
reference to it, or cross to the record of the same e-mail address in another system.

A find acts on its record only when there is exactly one and it bears what it was searched by; the step fails otherwise,
before anything is changed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from pydantic import JsonValue

from agent.goal import Span, SpanKind
from agent.plan import Step
from agent.planners import names
from agent.planners.book import Book, key_argument
from agent.planners.draft import Draft, Misfit, Record, scalar_fields, step_name
from agent.planners.names import Words
from agent.planners.phrases import Phrase
from discovery.lower import Signature

_OWN_EMAIL = ("email", "work_email", "primary_email", "email_address", "mail", "billing_email")
_OWN_NAME = ("name", "full_name", "display_name", "title", "subject")
_OWN_KEY = ("username", "login", "name", "slug", "code", "sku", "key", "number", "reference", "external_ref")
_PEOPLE = frozenset({"him", "her", "his"})
_PERSONS = frozenset({"account", "employee", "user", "contact", "agent", "person", "member", "owner"})
_SELF = frozenset({"manager", "parent", "supervisor"})
#: references to a record of the same kind

Found = tuple[Record, Draft]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The record that an argument names: of which resource, in which system, by the value of which argument."""

    resource: str
    system: str
    argument: str


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
            spoken_of = self._pronoun(phrase.pronoun, draft, resource)
            return self._cross(spoken_of, draft, resource, system, phrase.pronoun)
        if phrase.of is not None:
            return self._belonging(phrase, draft, resource, system)
        if phrase.value is None:
            return self._definite(phrase, draft, resource, system)
        return self._keyed(phrase, draft, resource, system)

    def key(self, phrase: Phrase, draft: Draft, wanted: Wanted) -> tuple[JsonValue, Draft]:
        """What `wanted.argument` must hold to name the record that `phrase` speaks of."""
        if phrase.value is not None and phrase.of is None and not phrase.key:
            if self._names(phrase, wanted) and self._looks_right(phrase.value, wanted):
                return _literal(phrase.value), draft.using(phrase.value.start, phrase.value.end)
        record, draft = self.record(phrase, draft, wanted.resource, wanted.system)
        return key_of(record, wanted, self.book), draft

    def email(self, phrase: Phrase, draft: Draft) -> tuple[JsonValue, Draft]:
        """The e-mail address that `phrase` gives or leads to."""
        if phrase.value is not None and phrase.value.kind is SpanKind.EMAIL and phrase.of is None:
            return phrase.value.value, draft.using(phrase.value.start, phrase.value.end)
        if phrase.of is not None or phrase.pronoun or phrase.value is None:
            direct = self._referenced_email(phrase, draft)
            if direct is not None:
                return direct
        record, draft = self.record(phrase, draft)
        return {"$": f"{record.at}.{_email_field(record)}"}, draft

    def bridge(self, record: Record, draft: Draft, resource: str, system: str) -> Found:
        """The record of `resource` in `system` that has the same e-mail address as `record`."""
        email = _email_field(record)
        listing = self.book.listing(resource, system)
        if listing is None:
            raise Misfit(f"nothing finds a {resource} in {system}")
        by = next((one for one in _OWN_EMAIL if _filters(listing, one)), None)
        if by is None:
            raise Misfit(f"{listing.id} cannot search by e-mail")
        return self._find(listing, draft, {by: {"$": f"{record.at}.{email}"}}, {by: f"lower({record.at}.{email})"})

    def _names(self, phrase: Phrase, wanted: Wanted) -> bool:
        return not phrase.head or wanted.resource in self.book.named(phrase.head)

    def _looks_right(self, value: Span, wanted: Wanted) -> bool:
        """Whether the value can be the key itself, going by the examples that the documents give."""
        if value.kind not in (SpanKind.ID, SpanKind.NUMBER, SpanKind.NAME):
            return False
        own = self.book.examples(wanted.system, wanted.argument)
        if value.kind is SpanKind.NAME:
            spelled = wanted.argument in _OWN_KEY
            return spelled and value.text.islower() and (not own or any(not re.search(r"\d", one) for one in own))
        if own:
            return any(_shape(one) == _shape(value.text) for one in own)
        others = {
            (one.system, argument.name)
            for one in self.book.signatures
            for argument in one.args
            if self.book.refers(one, argument.name) not in (None, wanted.resource)
        }
        foreign = {_shape(one) for system, name in others for one in self.book.examples(system, name)}
        return value.kind is SpanKind.ID and _shape(value.text) not in foreign

    def _keyed(self, phrase: Phrase, draft: Draft, resource: str | None, system: str | None) -> Found:
        assert phrase.value is not None
        choices = self._places(phrase.head, resource, system)
        found: list[Found] = []
        why = Misfit(f"nothing here finds {_said(phrase)}")
        for name, place in choices:
            try:
                found.append(self._fetch(phrase.value, phrase.key, draft, name, place))
            except Misfit as misfit:
                why = misfit
        if len(found) > 1 and resource is not None and phrase.head:
            found = [one for one in found if one[0].resource in self.book.named(phrase.head)] or found
        if len(found) > 1:
            raise Misfit(f"{_said(phrase)} may be one of " + ", ".join(f"{r.system} {r.resource}" for r, _ in found))
        if not found:
            raise why
        record, draft = replace(found[0][0], is_said=True), found[0][1]
        draft = draft.using(phrase.value.start, phrase.value.end)
        if resource is not None and record.resource != resource:
            return self._cross(record, draft, resource, system)
        return record, draft.known(record)

    def _places(self, head: Words, resource: str | None, system: str | None) -> list[tuple[str, str]]:
        """Where a record so called may be, the place that is asked for first."""
        named = self.book.named(head) if head else frozenset({resource} if resource else set())
        if not named:
            raise Misfit(f"'{' '.join(head)}' is no kind of record here" if head else "it does not say what it is")
        places = sorted(place for place in self.book.resources() if place[0] in named)
        here = [place for place in places if place[1] == system]
        return here or places

    def _fetch(self, value: Span, key: Words, draft: Draft, resource: str, system: str) -> Found:
        getter = self.book.getter(resource, system)
        argument = key_argument(getter) if getter else None
        if getter and argument and not key and self._looks_right(value, Wanted(resource, system, argument)):
            step = Step(id=step_name(resource), action=getter.id, args={argument: _literal(value)})
            name, draft = draft.called(step, getter, is_effect=False)
            return _known(getter, name, draft)
        listing = self.book.listing(resource, system)
        if listing is None:
            raise Misfit(f"nothing finds the {resource} {value.text!r} in {system}")
        return self._search(listing, draft, value, key)

    def _search(self, listing: Signature, draft: Draft, value: Span, key: Words) -> Found:
        text = str(value.value)
        if key:
            by = [one.name for one in listing.args if names.closeness(key, one.name) and _filters(listing, one.name)]
        elif value.kind is SpanKind.EMAIL:
            by = [one for one in _OWN_EMAIL if _filters(listing, one)]
        elif value.kind is SpanKind.NAME and not text.islower():
            by = [one for one in _OWN_NAME if _filters(listing, one)] or _surname(listing)
        elif value.kind is SpanKind.QUOTED:
            by = [one for one in _OWN_NAME if _filters(listing, one)]
        else:
            by = [one for one in _OWN_KEY if _filters(listing, one)]
        if not by:
            raise Misfit(f"{listing.id} cannot search for {value.text!r}")
        if by == _surname(listing) and " " in text:
            return self._by_full_name(listing, draft, by[0], text)
        is_email = value.kind is SpanKind.EMAIL
        told = json.dumps(text.lower() if is_email else text, ensure_ascii=False)
        return self._find(listing, draft, {by[0]: text}, {by[0]: told}, is_email=is_email)

    def _by_full_name(self, listing: Signature, draft: Draft, by: str, text: str) -> Found:
        first, _, last = text.partition(" ")
        given = next(one for one in ("given_name", "first_name") if one in scalar_fields(listing))
        told = {by: json.dumps(last, ensure_ascii=False), given: json.dumps(first, ensure_ascii=False)}
        return self._find(listing, draft, {by: last}, told, is_email=False)

    def _find(
        self,
        listing: Signature,
        draft: Draft,
        args: dict[str, JsonValue],
        bears: dict[str, str],
        *,
        is_email: bool = True,
    ) -> Found:
        """A search that must give exactly one record, which bears what was searched for."""
        name = step_name("find", listing.resource)
        rows = f"{name}.{listing.items}" if listing.items else name
        same = [f"{f'lower({rows}[0].{by})' if is_email else f'{rows}[0].{by}'} == {told}" for by, told in bears.items()]
        step = Step(id=name, action=listing.id, args=args, expect=" and ".join([f"len({rows}) == 1", *same]))
        name, draft = draft.called(step, listing, is_effect=False)
        return _known(listing, name, draft)

    def _pronoun(self, pronoun: str, draft: Draft, resource: str | None) -> Record:
        records = [one for one in reversed(draft.records) if pronoun not in _PEOPLE or _is_person(one)]
        fitting = [one for one in records if resource in (None, one.resource)]
        if not (fitting or records):
            raise Misfit(f"nothing before it says who or what '{pronoun}' is")
        return (fitting or records)[0]

    def _definite(self, phrase: Phrase, draft: Draft, resource: str | None, system: str | None) -> Found:
        """`the customer`: the latest record of that kind, or what the latest record refers to by that name."""
        named = self.book.named(phrase.head)
        for record in reversed(draft.records):
            if record.resource in named and (not phrase.system or record.system == phrase.system):
                return self._cross(record, draft, resource, system)
        followed, draft = self._follow(self._owner_of(phrase.head, draft), phrase.head, draft)
        return self._cross(followed, draft, resource, system)

    def _owner_of(self, head: Words, draft: Draft) -> Record:
        """The one record spoken of whose `head` may be meant: of a deal and its company, the one that the goal names."""
        having = [one for one in draft.records if reference_field(one, head)]
        said = [one for one in having if one.is_said] or having
        if len(said) != 1:
            many = " or ".join(f"the {one.resource}'s" for one in said)
            raise Misfit(f"'{' '.join(head)}' may be {many}" if many else f"nothing says which {' '.join(head)} is meant")
        return said[0]

    def _belonging(self, phrase: Phrase, draft: Draft, resource: str | None, system: str | None) -> Found:
        assert phrase.of is not None
        named = self.book.named(phrase.head)
        if phrase.of.is_bare() and phrase.of.value is not None and named:
            # the account of jane@…: the address is the account's own
            return self._keyed(_with_head(phrase.of, phrase), draft, resource, system)
        owner, draft = self.record(phrase.of, draft)
        try:
            found, draft = self._follow(owner, phrase.head, draft)
        except Misfit:
            found, draft = self._related(owner, named, draft, system)
        return self._cross(found, draft, resource, system)

    def _follow(self, record: Record, head: Words, draft: Draft) -> Found:
        """What a field of `record` refers to: `company_id` for company, `manager_id` for her manager."""
        field = reference_field(record, head)
        if field is None:
            raise Misfit(f"a {record.resource} of {record.system} says nothing of its {' '.join(head)}")
        if names.is_email(field):
            return self._by_address(record, field, head, draft)
        stem = "_".join(names.spoken(field)[:-1]) if names.spoken(field)[-1] in ("id", "number") else field
        kinds = [one for one in (stem, *self.book.named(head)) if self.book.getter(one, record.system)]
        if not kinds and stem in _SELF:
            kinds = [record.resource]
        getter = self.book.getter(kinds[0], record.system) if kinds else None
        argument = key_argument(getter) if getter else None
        if getter is None or argument is None:
            raise Misfit(f"nothing fetches the {' '.join(head)} that {record.resource}.{field} names")
        step = Step(id=step_name(head[-1]), action=getter.id, args={argument: record.read(field)})
        name, draft = draft.called(step, getter, is_effect=False)
        return _known(getter, name, draft)

    def _by_address(self, record: Record, field: str, head: Words, draft: Draft) -> Found:
        named = self.book.named(head)
        places = [place for place in self.book.resources() if place[0] in named and place[1] == record.system]
        if len(places) != 1:
            raise Misfit(f"{record.resource}.{field} gives an address only")
        listing = self.book.listing(*places[0])
        by = next((one for one in _OWN_EMAIL if listing and _filters(listing, one)), None)
        if listing is None or by is None:
            raise Misfit(f"nothing finds the {' '.join(head)} by e-mail")
        told = f"lower({record.at}.{field})"
        return self._find(listing, draft, {by: record.read(field)}, {by: told})

    def _related(self, owner: Record, named: frozenset[str], draft: Draft, system: str | None) -> Found:
        """The one record of a kind that refers to `owner`: the payment of an invoice, the deal of a company."""
        for resource, place in sorted(self.book.resources()):
            if resource not in named or place != (system or place):
                continue
            listing = self.book.listing(resource, place)
            if listing is None:
                continue
            if place != owner.system:
                return self.bridge(owner, draft, resource, place)
            for argument in listing.args:
                if self.book.refers(listing, argument.name) == owner.resource and _filters(listing, argument.name):
                    key = key_of(owner, Wanted(owner.resource, place, argument.name), self.book)
                    assert isinstance(key, dict)
                    told = {argument.name: str(key["$"])}
                    return self._find(listing, draft, {argument.name: key}, told, is_email=False)
        raise Misfit(f"nothing leads from a {owner.resource} to its {'/'.join(sorted(named)) or 'part'}")

    def find_or_none(self, record: Record, draft: Draft, resource: str, system: str) -> tuple[str, Draft]:
        """The rows (as an expression) of the search for `record`'s e-mail address elsewhere: none or one, never more."""
        listing = self.book.listing(resource, system)
        by = next((one for one in _OWN_EMAIL if listing and _filters(listing, one)), None)
        if listing is None or by is None:
            raise Misfit(f"nothing finds a {resource} in {system}")
        name = step_name("find", resource)
        rows = f"{name}.{listing.items}" if listing.items else name
        told = f"[one for one in {rows} if lower(one.{by}) == lower({record.at}.{_email_field(record)})]"
        expect = f"len({rows}) <= 1 and len({told}) == len({rows})"
        step = Step(id=name, action=listing.id, args={by: record.read(_email_field(record))}, expect=expect)
        name, draft = draft.called(step, listing, is_effect=False)
        return f"{name}.{listing.items}" if listing.items else name, draft

    def _cross(
        self, record: Record, draft: Draft, resource: str | None, system: str | None, pronoun: str = ""
    ) -> Found:
        """`record`, or the one of the wanted kind and system that stands for the same person or company."""
        draft = draft.known(record)
        if resource in (None, record.resource) and system in (None, record.system):
            return record, draft
        if resource is None:
            return record, draft
        for one in reversed(draft.records):
            if one.resource == resource and one.system == (system or one.system) and one.is_new:
                return one, draft
        places = [place for place in self.book.resources() if place[0] == resource and system in (None, place[1])]
        if len(places) != 1:
            raise Misfit(f"it is not plain in which system the {resource} is")
        if pronoun and not (_is_person(record) and resource in _PERSONS):
            raise Misfit(f"'{pronoun}' is a {record.resource}, not a {resource}")
        found, draft = self.bridge(record, draft, *places[0])
        return found, draft.known(found)

    def _referenced_email(self, phrase: Phrase, draft: Draft) -> tuple[JsonValue, Draft] | None:
        """`owner_email` of the record that the phrase belongs to, when it has one."""
        if phrase.pronoun or not phrase.head:
            return None
        if phrase.of is not None:
            if phrase.of.is_bare() and phrase.of.value is not None:
                return None
            owner, draft = self.record(phrase.of, draft)
        elif any(one.resource in self.book.named(phrase.head) for one in draft.records):
            return None
        else:
            owner = self._owner_of(phrase.head, draft)
        field = reference_field(owner, phrase.head)
        if field is None or not names.is_email(field):
            return None
        return owner.read(field), draft.known(owner)


def reference_field(record: Record, head: Words) -> str | None:
    """The field of `record` that refers to its `head`: `owner_id`, `assignee_email`, `customer`."""
    ranked: list[tuple[int, str]] = []
    for field in record.fields:
        spoken = names.spoken(field)
        for rank, meant in enumerate(names.meanings(head)):
            if spoken in ((*meant, "id"), (*meant, "number")):
                ranked.append((rank, field))
            elif spoken == (*meant, "email") or spoken == meant:
                ranked.append((rank + 10, field))
    return min(ranked)[1] if ranked else None


def key_of(record: Record, wanted: Wanted, book: Book) -> JsonValue:
    """The expression for the value by which `wanted.argument` names `record`."""
    if record.resource != wanted.resource or record.system != wanted.system:
        raise Misfit(f"a {record.resource} of {record.system} is no {wanted.resource} of {wanted.system}")
    getter = book.getter(record.resource, record.system)
    own = key_argument(getter) if getter else None
    for field in (wanted.argument, "id", own, f"{record.resource}_id"):
        if field and record.has(field) and (field != wanted.argument or not names.is_email(field)):
            return record.read(field)
    raise Misfit(f"the {record.resource} of {record.system} shows no id")


def _known(signature: Signature, name: str, draft: Draft) -> Found:
    rows = f"{name}.{signature.items}" if signature.items else name
    at = f"{rows}[0]" if signature.items is not None else name
    record = Record(resource=signature.resource, system=signature.system, at=at, fields=scalar_fields(signature))
    return record, draft.known(record)


def _filters(listing: Signature, argument: str) -> bool:
    """Whether the listing can be narrowed by a field that its records show, so that the find can be checked."""
    return any(one.name == argument for one in listing.args) and argument in scalar_fields(listing)


def _surname(listing: Signature) -> list[str]:
    shown = scalar_fields(listing)
    if not {"given_name", "first_name"} & set(shown):
        return []
    return [one for one in ("family_name", "last_name") if _filters(listing, one)][:1]


def _email_field(record: Record) -> str:
    found = [one for one in _OWN_EMAIL if record.has(one)]
    if not found:
        raise Misfit(f"a {record.resource} of {record.system} has no e-mail address of its own")
    return found[0]


def _is_person(record: Record) -> bool:
    return any(record.has(one) for one in (*_OWN_EMAIL[:5], "given_name", "first_name", "username"))


def _literal(value: Span) -> JsonValue:
    return value.value if value.kind is SpanKind.ID else value.text


def _shape(text: str) -> str:
    """What an id looks like before its first digit or after its prefix: `D-104` -> `D-`, `cus_9x` -> `cus_`."""
    prefixed = re.match(r"[A-Za-z]+[-_]", text)
    return prefixed[0] if prefixed else re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "9", text))


def _said(phrase: Phrase) -> str:
    return " ".join([*phrase.head, *([repr(phrase.value.text)] if phrase.value else [])])


def _with_head(value: Phrase, head: Phrase) -> Phrase:
    return Phrase(
        start=head.start, end=head.end, head=head.head, value=value.value, system=head.system or value.system
    )
