"""The sales view: who could buy, who does, and the deals. D-104 is won, and its company is a customer nowhere else."""

from datetime import date, timedelta
from random import Random

from evals.worlds.records import Record, Tables
from evals.worlds.seeds.cast import companies, contacts, employer_of
from evals.worlds.seeds.hr import account_managers

#: Deal number -> name, company number, stage, amount, owner number; the rest of the deals follow a rule.
_KNOWN_DEALS = {
    1: ("Cold chain monitoring", 1, "won", 12600.00, 1),
    2: ("Calibration contract 2026", 3, "qualified", 7350.00, 2),
    3: ("Kiln temperature upgrade", 5, "open", 5480.50, 4),
    4: ("Line 3 sensor retrofit", 14, "won", 18400.00, 3),
    5: ("Milk intake flow meters", 19, "won", 9240.00, 1),
    6: ("Perimeter sensor pilot", 21, "qualified", 3150.00, 5),
    7: ("LED driver test bench", 47, "open", 15990.00, 3),
    8: ("Spring water quality probes", 56, "won", 6725.00, 2),
    9: ("Brewhouse pressure gauges", 6, "lost", 4100.00, 6),
    10: ("Engine bench telemetry", 11, "qualified", 27800.00, 4),
}
_PROJECTS = (
    "Pressure sensor rollout",
    "Flow meter replacement",
    "Calibration contract",
    "Gateway pilot",
    "Spare parts frame",
)
_TITLES = ("Head of Purchasing", "Plant Manager", "Maintenance Lead", "Chief Financial Officer", "Quality Manager")


def seed() -> Tables:
    rows = {
        "owners": _owners(),
        "companies": _companies(),
        "contacts": _contacts(),
        "deals": _deals(),
        "notes": _notes(),
    }
    tables: dict[str, dict[str, Record]] = {name: {row["id"]: row for row in table} for name, table in rows.items()}
    return {**tables, "emails": {}}


def company_id(number: int) -> str:
    return f"CO-{200 + number}"


def contact_id(number: int) -> str:
    return f"C-{1000 + number}"


def owner_id(number: int) -> str:
    return f"OW-{number}"


def _owners() -> list[Record]:
    return [
        {"id": owner_id(at), "name": one.name, "email": one.email, "title": "Account Manager", "active": True}
        for at, one in enumerate(account_managers(), start=1)
    ]


def _companies() -> list[Record]:
    return [
        {
            "id": company_id(one.number),
            "name": one.name,
            "domain": one.domain,
            "billing_email": one.billing_email,
            "country": one.country,
            "city": one.city,
            "vat_number": one.vat_number,
            "owner_id": owner_id(1 + one.number % 8),
            "created_at": _day(one.number),
            "updated_at": _day(one.number),
        }
        for one in companies()
    ]


def _contacts() -> list[Record]:
    return [
        {
            "id": contact_id(one.number),
            "first_name": one.given_name,
            "last_name": one.family_name,
            "name": one.name,
            "email": one.email,
            "phone": f"+49 40 555 {1000 + one.number}",
            "job_title": _TITLES[one.number % len(_TITLES)],
            "company_id": company_id(employer_of(one).number),
            "created_at": _day(one.number),
            "updated_at": _day(one.number),
        }
        for one in contacts()
    ]


def _deals() -> list[Record]:
    random = Random("deals")
    rows = []
    for number in range(1, 61):
        stage = ("open", "qualified", "won", "lost")[random.randint(0, 3)]
        chance = (f"{_PROJECTS[number % 5]} {number}", 1 + (number * 7) % 60, stage, random.randint(20, 400) * 75.0)
        name, company, stage, amount, owner = _KNOWN_DEALS.get(number, (*chance, 1 + number % 8))
        rows.append(
            {
                "id": f"D-{100 + number}",
                "name": name,
                "stage": stage,
                "amount": amount,
                "currency": "GBP" if companies()[company - 1].country == "GB" else "EUR",
                "company_id": company_id(company),
                "contact_id": contact_id(2 * company - 1),
                "owner_id": owner_id(owner),
                "close_date": (date(2026, 5, 1) + timedelta(days=3 * number)).isoformat(),
                "created_at": _day(number),
                "updated_at": _day(number + 30),
            }
        )
    return rows


def _notes() -> list[Record]:
    texts = (
        "Asked for a written offer.",
        "Site visit went well.",
        "Wants delivery in two lots.",
        "Budget is approved.",
    )
    return [
        {
            "id": f"N-{at}",
            "deal_id": f"D-{100 + (at * 3) % 60 + 1}",
            "body": texts[at % len(texts)],
            "author_id": owner_id(1 + at % 8),
            "created_at": _day(at + 40),
        }
        for at in range(1, 41)
    ]


def _day(offset: int) -> str:
    return (date(2025, 9, 1) + timedelta(days=offset)).isoformat() + "T09:30:00Z"
