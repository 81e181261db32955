from __future__ import annotations

from typing import Any

import pytest

from discovery.targets import unit_of, why_target
from tools.action import Action, ActionClass, ActionId, Argument, Place

KNOWN = frozenset({"customer", "invoice", "email", "id"})
#: the names by which paths of the surface name records


def action(path: str = "/contacts", method: str = "POST", resource: str = "contact", kind: str = "write") -> Action:
    return Action(
        id=ActionId("x.do"), system="x", operation="do", method=method, path=path, pointer="", resource=resource,
        action_class=ActionClass(kind),
    )  # fmt: skip


def argument(name: str, place: Place = Place.BODY, **schema: Any) -> Argument:
    return Argument(name=name, wire_name=name, place=place, json_schema=schema)


@pytest.mark.parametrize(
    "name",
    ["company_id", "ownerId", "customer", "amount", "unit_price", "currency", "quantity", "credit_limit",
     "callback_url", "iban", "account", "to", "cc", "recipients", "assignee", "role", "scopes", "groups"],
)  # fmt: skip
def test_who_what_how_much_and_where_to_are_targets(name: str) -> None:
    assert why_target(argument(name), action(), KNOWN) is not None


@pytest.mark.parametrize(
    "name",
    ["name", "email", "billing_email", "phone", "description", "subject", "body", "external_id", "external_ref",
     "vat_number", "tax_id", "contact_number", "slug", "domain", "stage", "comment", "page", "limit"],
)  # fmt: skip
def test_what_a_record_says_of_itself_is_content(name: str) -> None:
    assert why_target(argument(name), action(), KNOWN) is None


def test_the_number_of_another_record_is_a_target() -> None:
    order = action("/sales-orders", resource="sales_order")
    assert "names a record" == why_target(argument("customer_number"), order, KNOWN)
    assert None is why_target(argument("customer_number"), action("/customers", resource="customer"), KNOWN)


def test_whom_a_message_reaches_is_a_target() -> None:
    assert "says who is reached" == why_target(argument("email"), action(kind="message"), KNOWN)


def test_every_path_argument_and_every_address_is_a_target() -> None:
    assert why_target(argument("name", Place.PATH), action(), KNOWN)
    assert why_target(argument("logo", format="uri"), action(), KNOWN)


@pytest.mark.parametrize(
    ("name", "kind", "description", "expected"),
    [
        ("amount", "integer", "Amount in cents.", "minor"),
        ("amount", "integer", "In the smallest currency unit", "minor"),
        ("amount_cents", "integer", "", "minor"),
        ("amount", "number", "Amount in cents.", None),
        ("amount", "integer", "Whole euros; recent prices", None),
    ],
    ids=["cents", "smallest unit", "by its name", "no integer", "not said"],
)
def test_an_amount_in_the_smallest_unit_is_marked(name: str, kind: str, description: str, expected: str | None) -> None:
    given = Argument(
        name=name, wire_name=name, place=Place.BODY, json_schema={"type": kind, "description": description}
    )
    assert expected == unit_of(given, {})
