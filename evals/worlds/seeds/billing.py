"""The invoices: customers that are billed, what they owe, what they paid, and what was given back."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from random import Random

from evals.worlds.records import Record, Tables
from evals.worlds.seeds.cast import companies

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_START = int(datetime(2026, 1, 5, 9, 0, tzinfo=UTC).timestamp())
_DAY_S = 86_400


def object_id(prefix: str, number: int) -> str:
    """An id that looks drawn by lot, and is the same on every machine: `cus_` and fourteen letters."""
    digest = hashlib.sha256(f"{prefix}:{number}".encode()).digest()
    return prefix + "_" + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:14])


def seed() -> Tables:
    customers = _customers()
    invoices = _invoices(customers)
    payments = _payments([one for one in invoices if one["status"] == "paid"])
    refunds = _refunds(payments)
    rows = {"customers": customers, "invoices": invoices, "payments": payments, "refunds": refunds}
    return {name: {row["id"]: row for row in table} for name, table in rows.items()}


def _customers() -> list[Record]:
    billed = [one for one in companies() if one.is_billed]
    return [
        {
            "id": object_id("cus", at),
            "object": "customer",
            "name": one.name,
            "email": one.billing_email,
            "description": None,
            "phone": None,
            "address": {"line1": None, "city": one.city, "postal_code": None, "country": one.country},
            "currency": "gbp" if one.country == "GB" else "eur",
            "tax_id": one.vat_number,
            "metadata": {},
            "created": _START + at * 3600,
        }
        for at, one in enumerate(billed, start=1)
    ]


def _invoices(customers: list[Record]) -> list[Record]:
    random = Random("invoices")
    rows = []
    for number in range(1, 121):
        customer = customers[(number * 11) % len(customers)]
        amount = random.randint(50, 3000) * 500
        status = "draft" if number > 112 else "open" if number % 4 == 0 else "void" if number % 19 == 0 else "paid"
        issued = date(2026, 1, 5) + timedelta(days=number)
        rows.append(
            {
                "id": object_id("in", number),
                "object": "invoice",
                "number": None if status == "draft" else f"INV-2026-{number:04}",
                "customer": customer["id"],
                "customer_email": customer["email"],
                "description": f"Instruments, delivery {number}",
                "currency": customer["currency"],
                "amount": amount,
                "amount_paid": amount if status == "paid" else 0,
                "items": [{"description": f"Instruments, delivery {number}", "amount": amount, "quantity": 1}],
                "due_date": (issued + timedelta(days=30)).isoformat(),
                "status": status,
                "metadata": {},
                "created": _START + number * _DAY_S,
            }
        )
    return rows


def _payments(paid: list[Record]) -> list[Record]:
    return [
        {
            "id": object_id("py", at),
            "object": "payment",
            "amount": invoice["amount"],
            "amount_refunded": invoice["amount"] // 2 if at % 10 == 0 else 0,
            "currency": invoice["currency"],
            "customer": invoice["customer"],
            "invoice": invoice["id"],
            "status": "succeeded",
            "created": invoice["created"] + 9 * _DAY_S,
        }
        for at, invoice in enumerate(paid, start=1)
    ]


def _refunds(payments: list[Record]) -> list[Record]:
    refunded = [one for one in payments if one["amount_refunded"]]
    return [
        {
            "id": object_id("re", at),
            "object": "refund",
            "amount": payment["amount_refunded"],
            "currency": payment["currency"],
            "payment": payment["id"],
            "reason": "requested_by_customer",
            "status": "succeeded",
            "metadata": {},
            "created": payment["created"] + _DAY_S,
        }
        for at, payment in enumerate(refunded, start=1)
    ]
