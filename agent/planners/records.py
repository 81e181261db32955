"""The records that a goal speaks of: how a step reaches them, and which of their fields names what."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from agent.planners import names
from agent.planners.names import Words
from discovery.lower import Signature

SELF_REFERENCES = frozenset({"manager", "parent", "supervisor"})
#: references from a record to one of its own kind
OWN_EMAIL = ("email", "work_email", "primary_email", "email_address", "mail", "billing_email")
#: fields that hold a record's own e-mail address, the plainest first
_PERSONAL = (*OWN_EMAIL[:5], "given_name", "first_name", "username")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The record that an argument names: of which resource, in which system, by the value of which argument."""

    resource: str
    system: str
    argument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record that the goal speaks of, and the expression that reaches it."""

    resource: str
    system: str
    fields: tuple[str, ...]
    #: the scalar fields it has, dotted
    at: str = ""
    #: `deal`, `find_contact.results[0]`; "" while no step has read it
    literal: JsonValue = None
    #: its key, when the goal gives it
    is_said: bool = False
    #: the goal itself names it, by an id or another key
    is_new: bool = False
    source: Record | None = None
    #: the record that this new one was made from

    def is_same(self, other: Record) -> bool:
        if (self.resource, self.system) != (other.resource, other.system):
            return False
        return self.literal == other.literal if self.literal is not None else self.at == other.at

    def has(self, field: str) -> bool:
        return field in self.fields

    def read(self, field: str) -> dict[str, JsonValue]:
        return {"$": f"{self.at}.{field}"}


def scalar_fields(signature: Signature) -> tuple[str, ...]:
    """The fields of the one record that the action answers with, or of each record that it lists."""
    prefix = "" if signature.items is None else f"{signature.items}[]."
    found = (field.path.removeprefix(prefix) for field in signature.result if field.path.startswith(prefix))
    return tuple(path for path in found if "[]" not in path)


def reference_field(fields: tuple[str, ...], head: Words) -> str | None:
    """The field that refers to a record's `head`: `owner_id`, `assignee_email`, `customer`."""
    ranked: list[tuple[int, str]] = []
    for field in fields:
        spoken = names.spoken(field)
        for rank, meant in enumerate(names.meanings(head)):
            if spoken in ((*meant, "id"), (*meant, "number")):
                ranked.append((rank, field))
            elif spoken in ((*meant, "email"), meant):
                ranked.append((rank + 10, field))
    return min(ranked)[1] if ranked else None


def email_field(record: Record) -> str | None:
    """The field with the record's own e-mail address."""
    return next((one for one in OWN_EMAIL if record.has(one)), None)


def is_step_of(record: Record, step: str) -> bool:
    """Whether `step` is the one that reads the record."""
    return record.at == step or record.at.startswith((f"{step}.", f"{step}["))


def is_party(record: Record) -> bool:
    """Whether it is a person or company, as against a deal or an order."""
    return email_field(record) is not None


def is_person(record: Record) -> bool:
    return any(record.has(one) for one in _PERSONAL)


def is_person_listing(listing: Signature) -> bool:
    """Whether the listing is one of people: its records have an address and no tax number or domain of a company."""
    fields = set(scalar_fields(listing))
    return bool(fields & set(_PERSONAL)) and not fields & {"vat_number", "tax_id", "vat_id", "domain", "billing_email"}
