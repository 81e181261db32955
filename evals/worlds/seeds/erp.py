"""The books of the warehouse: customers that are shipped to, items, and their orders."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from evals.worlds.records import Record, Tables
from evals.worlds.seeds.cast import companies

_FAMILIES = (
    ("PT", "Pressure transmitter", 189), ("FM", "Flow meter", 640), ("TS", "Temperature sensor", 58),
    ("LV", "Level probe", 315), ("GW", "Telemetry gateway", 890), ("CB", "Sensor cable", 24),
    ("CL", "Calibration kit", 410), ("VB", "Vibration monitor", 275), ("PH", "pH electrode", 132),
    ("MB", "Mounting bracket", 12),
)  # fmt: skip
_VARIANTS = ("standard", "compact", "stainless", "hygienic", "ATEX", "long range")
TERMS = ("net_30", "net_14", "net_30", "net_60", "prepaid")


def seed() -> Tables:
    customers = {row["customer_number"]: row for row in _customers()}
    items = {row["sku"]: row for row in _items()}
    orders = {row["order_number"]: row for row in _orders(list(customers.values()), list(items.values()))}
    return {"customers": customers, "items": items, "sales_orders": orders}


def _customers() -> list[Record]:
    shipped_to = [one for one in companies() if one.is_shipped_to]
    return [
        {
            "customer_number": str(70000 + at),
            "name": one.name,
            "email": one.billing_email,
            "vat_number": one.vat_number,
            "country": one.country,
            "payment_terms": TERMS[at % len(TERMS)],
            "credit_limit": 5000.0 + 2500 * (at % 9),
            "created_at": f"2025-{1 + at % 12:02}-11T10:00:00Z",
        }
        for at, one in enumerate(shipped_to, start=1)
    ]


def _items() -> list[Record]:
    random = Random("items")
    return [
        {
            "sku": f"{code}-{100 * (at + 1)}",
            "description": f"{name}, {variant}",
            "unit_price": f"{Decimal(price) * (100 + 15 * at) / 100:.2f}",
            "currency": "EUR",
            "stock": random.randint(5, 400),
        }
        for code, name, price in _FAMILIES
        for at, variant in enumerate(_VARIANTS)
    ]


def _orders(customers: list[Record], items: list[Record]) -> list[Record]:
    random = Random("orders")
    rows = []
    for number in range(1, 111):
        chosen = random.sample(items, random.randint(1, 3))
        lines = [
            {"sku": item["sku"], "quantity": (quantity := random.randint(1, 12)), "unit_price": item["unit_price"]}
            | {"line_total": f"{Decimal(item['unit_price']) * quantity:.2f}"}
            for item in chosen
        ]
        rows.append(
            {
                "order_number": f"SO-{20000 + number}",
                "customer_number": customers[(number * 5) % len(customers)]["customer_number"],
                "lines": lines,
                "total": f"{sum(Decimal(line['line_total']) for line in lines):.2f}",
                "currency": "EUR",
                "status": "draft" if number > 96 else "cancelled" if number % 13 == 0 else "confirmed",
                "created_at": (date(2026, 1, 2) + timedelta(days=number)).isoformat() + "T11:15:00Z",
            }
        )
    return rows
