"""Twelve mistakes that people and models make with arguments: each told by its path, what was expected, what came."""

from __future__ import annotations

from typing import Any

import pytest

from tools.action import Action, ActionId, Argument, Place, Schema
from tools.schema import Validator, told

SCHEMAS: dict[str, Schema] = {
    "customer": {"type": "string", "minLength": 1},
    "amount": {"type": "integer", "minimum": 1},
    "currency": {"enum": ["eur", "usd"]},
    "due": {"type": "string", "format": "date"},
    "code": {"type": "string", "pattern": "^[A-Z]{3}$", "maxLength": 3},
    "lines": {
        "type": "array",
        "maxItems": 2,
        "items": {"type": "object", "properties": {"quantity": {"type": "integer"}}, "required": ["quantity"]},
    },
    "address": {"type": "object", "properties": {"city": {"type": "string"}}, "additionalProperties": False},
    "payee": {
        "oneOf": [
            {"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string"}}},
            {"type": "string"},
        ]
    },
}
INVOICE = Action(
    id=ActionId("billing.create_invoice"),
    system="billing",
    operation="create_invoice",
    method="POST",
    path="/invoices",
    pointer="/paths/~1invoices/post",
    arguments=tuple(
        Argument(name=name, wire_name=name, place=Place.BODY, required=name == "customer", json_schema=schema)
        for name, schema in SCHEMAS.items()
    ),
)
SECRET = "hunter2"

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "left out": ({"customer": ...}, "/customer: expected a value, since it is required, came nothing"),
    "misspelt": ({"custmer": SECRET}, "/custmer: expected no property of this name, came a text of 7 characters"),
    "a number in quotes": ({"amount": SECRET}, "/amount: expected integer, came a text of 7 characters"),
    "null for left out": ({"amount": None}, "/amount: expected integer, came null"),
    "too small": ({"amount": 0}, "/amount: expected at least 1, came an integer"),
    "another word than those listed": (
        {"currency": SECRET},
        "/currency: expected one of 'eur', 'usd', came a text of 7 characters",
    ),
    "a date as people write it": ({"due": SECRET}, "/due: expected the format date, came a text of 7 characters"),
    "another spelling": ({"code": "abc"}, "/code: expected the pattern ^[A-Z]{3}$, came a text of 3 characters"),
    "one for a list": (
        {"lines": {"quantity": 1}},
        "/lines: expected array, came an object with 1 property",
    ),
    "inside a list": (
        {"lines": [{"quantity": 1}, {"quantity": SECRET}]},
        "/lines/1/quantity: expected integer, came a text of 7 characters",
    ),
    "one field too many inside": (
        {"address": {"city": "Ulm", "zip": 89073}},
        "/address/zip: expected no property of this name, came an integer",
    ),
    "neither of two forms": (
        {"payee": {"bic": SECRET}},
        "/payee: expected one of its 2 forms (the property 'iban'; or string), came an object with 1 property",
    ),
}


@pytest.mark.parametrize(("given", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_path_what_was_expected_and_what_came(given: dict[str, Any], expected: str) -> None:
    arguments = {name: value for name, value in ({"customer": "c"} | given).items() if value is not ...}
    found = Validator.compile(INVOICE.args_schema(), {}).problems(arguments)
    assert [expected] == [str(one) for one in found]
    assert SECRET not in told(found)


def test_several_are_counted_behind_the_first() -> None:
    found = Validator.compile(INVOICE.args_schema(), {}).problems({"customer": "", "amount": "1", "due": "soon"})
    assert f"{found[0]} (and 2 more)" == told(found)
