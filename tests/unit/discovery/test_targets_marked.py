from __future__ import annotations

from typing import Any

import pytest

from discovery.targets import references, unit_of, why_target
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


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("receipt_email", "write", "says who is reached"),
        ("email_address", "permission", "says who is reached"),
        ("phone_number", "message", "says who is reached"),
        ("domain", "permission", "says who is let in or out"),
        ("key", "permission", "is what will open"),
        ("splits", "money", "says what is paid, and with what"),
        ("label_selector", "delete", "says what is removed"),
        ("command", "unknown", "says what is run"),
        ("work_email", "write", None),
        ("domain", "write", None),
        ("key", "write", None),
        ("label_selector", "read", None),
    ],
)
def test_what_an_action_does_makes_its_arguments_targets(name: str, kind: str, why: str | None) -> None:
    assert why == why_target(argument(name), action("/things", resource="thing", kind=kind), KNOWN)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("iso_currency_code", "says how much"),
        ("amount_money", "says how much"),
        ("rate_per_unit", "says how much"),
        ("destination_payment_method", "says where money goes"),
        ("to_channel", "says who"),
        ("team_reviewers", "says who"),
        ("access_level", "says which rights"),
        ("folder", "names a record by its kind"),
        ("folders", "names a record by its kind"),
        ("price_description", None),
        ("page_number", None),
        ("page_token", None),
    ],
)
def test_a_word_anywhere_in_a_name_can_make_it_a_target(name: str, why: str | None) -> None:
    known = references([action("/folders/{folder_id}")])
    assert why == why_target(argument(name, type="string"), action("/tasks", resource="task"), known)


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "object", "properties": {"amount": {"type": "integer"}}}, "holds amount, a target"),
        ({"type": "array", "items": {"$ref": "#/$defs/Line"}}, "holds product_id, a target"),
        ({"type": "object", "properties": {"id": {"type": "string", "readOnly": True}}}, None),
        ({"type": "object", "properties": {"color": {"type": "string"}}}, None),
        ({"type": "object"}, None),
    ],
)
def test_an_object_that_holds_a_target_is_one(schema: dict[str, Any], why: str | None) -> None:
    defs = {"Line": {"type": "object", "properties": {"note": {}, "product_id": {"type": "string"}}}}
    assert why == why_target(argument("booking_lines", **schema), action("/bookings", resource="booking"), KNOWN, defs)


def test_the_number_that_an_action_is_done_to_is_a_target_and_that_of_a_new_record_is_not() -> None:
    assert None is why_target(argument("order_id"), action("/order/create", resource="order"), KNOWN)
    cancel = action("/order/cancel", resource="order", kind="delete")
    assert "names a record" == why_target(argument("order_id"), cancel, KNOWN)


def test_a_switch_is_no_address_and_no_amount() -> None:
    assert None is why_target(argument("unfurl_links", type="boolean"), action(), KNOWN)
    assert "says which rights" == why_target(argument("is_admin", type="boolean"), action(), KNOWN)


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
