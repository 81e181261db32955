"""Review of a call's literal arguments against the action's signature."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.plan import Plan
from agent.review import review
from discovery.lower import ArgumentSignature, Signature
from tools.action import ActionClass, ActionId

LINE = (
    ArgumentSignature(name="item", type="string", required=True),
    ArgumentSignature(name="quantity", type="integer", required=True),
    ArgumentSignature(name="price", type="number"),
)
INVOICE = Signature(
    id=ActionId("billing.create_invoice"),
    system="billing",
    action_class=ActionClass.MONEY,
    method="POST",
    path="/invoices",
    args=(
        ArgumentSignature(name="customer", type="string", required=True),
        ArgumentSignature(name="amount", type="integer", unit="minor"),
        ArgumentSignature(name="rate", type="number"),
        ArgumentSignature(name="is_draft", type="boolean"),
        ArgumentSignature(name="currency", type="string", enum=("eur", "usd")),
        ArgumentSignature(name="due", type="string", format="date"),
        ArgumentSignature(name="starts", type="string", format="date-time"),
        ArgumentSignature(name="email", type="string", format="email"),
        ArgumentSignature(name="reference", type="string", format="reference-number"),
        ArgumentSignature(name="tags", type="array", enum=("new", "vip")),
        ArgumentSignature(name="lines", type="array", fields=LINE),
        ArgumentSignature(name="address", type="object", fields=(ArgumentSignature(name="city", type="string"),)),
        ArgumentSignature(name="metadata", type="object"),
        ArgumentSignature(name="either", type="string|integer"),
        ArgumentSignature(name="anything", type="any"),
    ),
)


def faults(args: dict[str, Any]) -> list[tuple[str, str]]:
    plan = Plan.model_validate({"steps": [{"id": "invoice", "action": INVOICE.id, "args": {"customer": "c"} | args}]})
    found = review(plan, {INVOICE.id: INVOICE}, systems_connected=frozenset({"billing"}))
    return [(defect.problem, defect.mend) for defect in found]


FITTING: list[dict[str, Any]] = [
    {"amount": 1840000},
    {"amount": 5.0},
    {"rate": 7},
    {"is_draft": True},
    {"currency": "eur"},
    {"due": "2026-01-31"},
    {"starts": "2026-01-31T09:00:00+01:00"},
    {"email": "ada@example.com"},
    {"reference": "a format that only the API knows"},
    {"tags": ["new"]},
    {"lines": [{"item": "A", "quantity": 2}, {"item": {"$": "upper('b')"}, "quantity": 1, "price": 2}]},
    {"address": {"city": "Turin"}},
    {"metadata": {"any": {"thing": [1]}}},
    {"either": 1},
    {"either": "1"},
    {"anything": [None]},
]


@pytest.mark.parametrize("args", FITTING, ids=str)
def test_a_value_that_fits_has_no_defect(args: dict[str, Any]) -> None:
    assert [] == faults(args)


MISFITS: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"customer": 7}, ("`customer` must be string, not integer", "write it in quotes")),
    (
        {"amount": "18400"},
        ("`amount` must be integer in the currency's smallest unit, not string", "write it without quotes"),
    ),
    ({"amount": 184.5}, ("`amount` must be integer in the currency's smallest unit, not number", "give an integer")),
    (
        {"amount": True},
        ("`amount` must be integer in the currency's smallest unit, not boolean", "give an integer"),
    ),
    ({"is_draft": "yes"}, ("`is_draft` must be boolean, not string", "write it without quotes")),
    ({"rate": None}, ("`rate` must be number, not null", "leave `rate` out, or give a value")),
    (
        {"currency": "gbp"},
        ("`currency` must be one of a fixed list; came a text of 3 characters", "use one of: eur, usd"),
    ),
    ({"due": "31.01.2026"}, ("`due` must be written as date; came a text of 10 characters", "write it as 2026-01-31")),
    (
        {"starts": "2026-01-31"},
        ("`starts` must be written as date-time; came a text of 10 characters", "write it as 2026-01-31T09:00:00Z"),
    ),
    (
        {"email": "ada"},
        ("`email` must be written as email; came a text of 3 characters", "write it as name@example.com"),
    ),
    ({"tags": "new"}, ("`tags` must be array, not string", "give an array")),
    (
        {"tags": ["new", "old"]},
        ("`tags[1]` must be one of a fixed list; came a text of 3 characters", "use one of: new, vip"),
    ),
    (
        {"lines": [{"item": "A"}]},
        ("the required argument `lines[0].quantity` (integer) is missing", "give `lines[0].quantity`"),
    ),
    ({"lines": ["A"]}, ("`lines[0]` must be object, not string", "give an object")),
    (
        {"lines": [{"item": "A", "quantity": 1, "prise": 2}]},
        ("there is no argument `lines[0].prise`", "did you mean `price`?"),
    ),
    ({"address": {"town": "Turin"}}, ("there is no argument `address.town`", "there are these arguments: city")),
    ({"emial": "ada@example.com"}, ("there is no argument `emial`", "did you mean `email`?")),
]


@pytest.mark.parametrize(("args", "expected"), MISFITS, ids=[str(args) for args, _ in MISFITS])
def test_a_value_that_does_not_fit_is_named_with_its_mend(args: dict[str, Any], expected: tuple[str, str]) -> None:
    assert [expected] == faults(args)


def test_a_missing_required_argument_is_named() -> None:
    plan = Plan.model_validate({"steps": [{"id": "invoice", "action": INVOICE.id, "args": {}}]})
    (defect,) = review(plan, {INVOICE.id: INVOICE}, systems_connected=frozenset({"billing"}))
    assert "the required argument `customer` (string) is missing" == defect.problem


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=12, alphabet=st.characters(categories=["L", "Nd"])))
def test_a_defect_never_repeats_the_value(secret: str) -> None:
    told = str(faults({"amount": secret, "currency": secret, "due": secret, "tags": secret, "lines": [secret]}))
    assert secret not in told
