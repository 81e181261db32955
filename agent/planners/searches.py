"""Finding the one record that a value picks: which listing can be searched by it, and what the found record must bear.

A search acts on its record only when there is exactly one and it bears what was searched by; the step fails otherwise,
before anything is changed. So a listing that ignores its filter, or matches by parts, does no harm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from agent.goal import Span, SpanKind
from agent.plan import Step
from agent.planners import names
from agent.planners.draft import Draft, Misfit, step_name
from agent.planners.names import Words
from agent.planners.phrases import Phrase
from agent.planners.records import OWN_EMAIL, Record, is_person_listing, scalar_fields
from discovery.lower import Signature

OWN_NAME = ("name", "full_name", "display_name", "title", "subject", "description")
OWN_KEY = ("username", "login", "name", "slug", "code", "sku", "key", "number", "reference", "external_ref")
#: fields by which a record may be called, in letters that are no name of a person or company
_WORD_KEY = tuple(one for one in OWN_KEY if one not in ("number", "reference", "external_ref"))
_CODE_KEY = tuple(one for one in OWN_KEY if one != "name")
_SIZES = ("limit", "page_size", "per_page", "count")
DEFAULT_SIZE = 20
_GIVEN, _FAMILY = ("given_name", "first_name"), ("family_name", "last_name")

Found = tuple[Record, Draft]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A listing's filter arguments, and what the found record's fields must equal, as expressions."""

    args: Mapping[str, JsonValue]
    bears: Mapping[str, str]
    folded: frozenset[str] = frozenset()
    #: the fields that are compared without regard to case: addresses


def search_for(listing: Signature, value: Span, key: Words) -> Search:
    """How `listing` finds the record that `value` picks, by the field that `key` names if it names one.

    Raises Misfit when no filter takes such a value.
    """
    text = str(value.value)
    if value.kind is SpanKind.NAME and not text.islower() and " " not in text and is_person_listing(listing):
        raise Misfit(f"{text!r} is only a part of a name")
    is_name = value.kind is SpanKind.QUOTED or (value.kind is SpanKind.NAME and not text.islower())
    if key:
        fields = [one.name for one in listing.args if names.closeness(key, one.name)]
    elif value.kind is SpanKind.EMAIL:
        fields = [*OWN_EMAIL]
    elif is_name:
        fields = [*OWN_NAME]
    else:
        fields = [*(["domain"] if "." in text else []), *(_WORD_KEY if value.kind is SpanKind.NAME else _CODE_KEY)]
    by = next((one for one in fields if filters(listing, one)), None)
    if by is None and is_name and not key:
        return _by_full_name(listing, text)
    if by is None:
        raise Misfit(f"{listing.id} cannot search for {value.text!r}")
    if value.kind is SpanKind.EMAIL:
        return by_address(by, text)
    return Search(args={by: text}, bears={by: _quoted(text)})


def by_address(argument: str, address: str) -> Search:
    """The search by an e-mail address that the goal gives."""
    return Search(args={argument: address}, bears={argument: _quoted(address.lower())}, folded=frozenset({argument}))


def told_apart(listing: Signature, search: Search, phrase: Phrase) -> Search:
    """`search` for a record that is also in the states and has the traits which the phrase says: the *open* ticket
    *with the subject …*. A listing whose records know no such state is searched without it.

    Raises Misfit for a trait that the records do not show.
    """
    args, bears = dict(search.args), dict(search.bears)
    for state in phrase.states:
        field = next((one for one in state_fields(listing, state) if one not in bears), None)
        if field is not None:
            bears[field] = _quoted(str(state.value))
            args |= {field: str(state.value)} if filters(listing, field) else {}
    for key, value in phrase.traits:
        field = next((one for one in scalar_fields(listing) if names.closeness(key, one) and one not in bears), None)
        if field is None:
            raise Misfit(f"a {listing.resource} of {listing.system} shows no {' '.join(key)}")
        bears[field] = _quoted(str(value.value))
        args |= {field: str(value.value)} if filters(listing, field) else {}
    return replace(search, args=args, bears=bears)


def state_fields(signature: Signature, state: Span) -> tuple[str, ...]:
    """The fields of the records that `signature` shows which may hold the state."""
    shown = {field.path.removeprefix(f"{signature.items}[].").removeprefix("[]."): field for field in signature.result}
    plain = scalar_fields(signature)
    return tuple(name for name, field in shown.items() if state.value in field.enum and name in plain)


def by_email(listing: Signature, expression: str) -> Search:
    """The search for the record with the e-mail address that `expression` gives."""
    by = next((one for one in OWN_EMAIL if filters(listing, one)), None)
    if by is None:
        raise Misfit(f"{listing.id} cannot search by e-mail")
    return Search(args={by: {"$": expression}}, bears={by: f"lower({expression})"}, folded=frozenset({by}))


def require_email(listing: Signature) -> None:
    """Raises Misfit unless the listing can be searched by e-mail."""
    by_email(listing, "''")


def find(listing: Signature, draft: Draft, search: Search) -> Found:
    """The one record that the search finds, and the draft with the step that searches."""
    name, rows = _named(listing, draft)
    if len(search.bears) > 1:
        return _find_among(listing, draft, search, name, rows)
    expect = f"len({rows}) == 1 and {_borne(search, f'{rows}[0]', search.bears)}"
    step = Step(id=name, action=listing.id, args=dict(search.args), expect=expect)
    name, draft = draft.called(step, is_effect=False)
    return known(listing, name, draft)


def _find_among(listing: Signature, draft: Draft, search: Search, name: str, rows: str) -> Found:
    """The one record of a search by a part of what was said, such as the family name, that bears all of it."""
    # A comprehension may not stand in another: what the goal does not give itself is compared outside of it.
    given = {field: told for field, told in search.bears.items() if told.startswith('"')}
    fitting = f"[one for one in {rows} if {_borne(search, 'one', given)}]"
    computed = {field: told for field, told in search.bears.items() if field not in given}
    expect, args = f"len({fitting}) == 1", dict(search.args)
    if computed:
        expect += f" and {_borne(search, f'{fitting}[0]', computed)}"
    if (size := page_size(listing)) is not None:
        args[size[0]] = size[1]
        expect = f"len({rows}) < {size[1]} and {expect}"
    step = Step(id=name, action=listing.id, args=args, expect=expect)
    called, draft = draft.called(step, is_effect=False)
    record, draft = known(listing, called, draft)
    record = replace(record, at=f"{fitting.replace(name, called)}[0]")
    return record, draft.known(record)


def _borne(search: Search, row: str, bears: Mapping[str, str]) -> str:
    """The expression that tells whether `row` bears what was searched by."""
    fields = {field: f"lower({row}.{field})" if field in search.folded else f"{row}.{field}" for field in bears}
    return " and ".join(f"{fields[field]} == {told}" for field, told in bears.items())


def find_or_none(listing: Signature, draft: Draft, expression: str) -> tuple[str, Draft]:
    """The rows, as an expression, of the search by the e-mail address that `expression` gives: none or one, never more,
    and none with another address."""
    name, rows = _named(listing, draft)
    search = by_email(listing, expression)
    ((field, told),) = search.bears.items()
    same = f"[one for one in {rows} if lower(one.{field}) == {told}]"
    expect = f"len({rows}) <= 1 and len({same}) == len({rows})"
    step = Step(id=name, action=listing.id, args=dict(search.args), expect=expect)
    name, draft = draft.called(step, is_effect=False)
    return f"{name}.{listing.items}" if listing.items else name, draft


def address_of(people: list[Signature], draft: Draft, called: Span) -> tuple[str, Draft]:
    """The expression for the e-mail address of the one person so called, whichever of these listings has her."""
    found: list[str] = []
    for listing in people:
        field = next((one for one in OWN_EMAIL if one in scalar_fields(listing)), None)
        if field is None:
            continue
        search = search_for(listing, called, ())
        name, rows = _named(listing, draft)
        own = f"[one.{field} for one in {rows} if {_borne(search, 'one', search.bears)}]"
        args, expect = dict(search.args), f"len({' + '.join([*found, own])}) <= 1"
        if (size := page_size(listing)) is not None:
            args[size[0]] = size[1]
            expect = f"len({rows}) < {size[1]} and {expect}"
        after = draft.called(Step(id=name, action=listing.id, args=args, expect=expect), is_effect=False)
        found.append(own.replace(name, after[0]))
        draft = after[1]
        last = after[0]
    if not found:
        raise Misfit(f"nothing finds a person called {called.text!r}")
    whole = " + ".join(found)
    return f"({whole})[0]", draft.expecting(last, f"len({whole}) == 1")


def known(signature: Signature, name: str, draft: Draft, literal: JsonValue = None) -> Found:
    """The record that the read called `name` gives, as the latest of the draft."""
    rows = f"{name}.{signature.items}" if signature.items else name
    at = f"{rows}[0]" if signature.items is not None else name
    record = Record(
        resource=signature.resource, system=signature.system, at=at, fields=scalar_fields(signature), literal=literal
    )
    return record, draft.known(record)


def filters(listing: Signature, argument: str) -> bool:
    """Whether the listing can be narrowed by a field that its records show, so that what is found can be checked."""
    return any(one.name == argument for one in listing.args) and argument in scalar_fields(listing)


def page_size(listing: Signature) -> tuple[str, int] | None:
    """The argument that sets how many records a page has, and the most that its description allows, else the default.

    None when the listing has no such argument.
    """
    size = next((one for one in listing.args if one.name in _SIZES), None)
    if size is None:
        return None
    told = re.search(r"1 to (\d+)", size.description)
    return size.name, int(told[1]) if told else size.default if isinstance(size.default, int) else DEFAULT_SIZE


def _named(listing: Signature, draft: Draft) -> tuple[str, str]:
    name = draft.free(step_name("find", listing.resource))
    return name, f"{name}.{listing.items}" if listing.items else name


def _by_full_name(listing: Signature, text: str) -> Search:
    """By the family name, where the given name can be checked."""
    given = next((one for one in _GIVEN if one in scalar_fields(listing)), None)
    family = next((one for one in _FAMILY if filters(listing, one)), None)
    parts = text.split(" ")
    if given is None or family is None or len(parts) != 2:
        raise Misfit(f"{listing.id} cannot search for {text!r}")
    return Search(args={family: parts[1]}, bears={family: _quoted(parts[1]), given: _quoted(parts[0])})


def _quoted(text: str) -> str:
    """`text` as a literal of the expression language."""
    return json.dumps(text, ensure_ascii=False)
