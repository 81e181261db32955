"""The service desk: agents, tickets that customers opened, and what was said on them."""

from datetime import date, timedelta
from random import Random

from evals.worlds.records import Record, Tables
from evals.worlds.seeds.cast import contacts
from evals.worlds.seeds.hr import team_of

_PROBLEMS = (
    ("Sensor reads too high", "The value is about four percent above the reference.", ["sensor", "calibration"]),
    ("Gateway loses connection", "It drops off the network every night.", ["gateway"]),
    ("Invoice address is wrong", "Please use our new address on invoices.", ["billing"]),
    ("Missing calibration certificate", "The delivery came without certificates.", ["documents"]),
    ("Delivery damaged", "Two boxes arrived crushed.", ["shipping"]),
    ("Firmware update fails", "The update stops at 80 percent.", ["firmware", "gateway"]),
    ("Question about payment terms", "Can we pay in 60 days?", ["billing"]),
)


def seed() -> Tables:
    agents: list[Record] = [{"email": one.email, "name": one.name, "active": True} for one in team_of("Support")]
    tickets = _tickets([agent["email"] for agent in agents])
    comments = _comments(tickets)
    return {
        "agents": {row["email"]: row for row in agents},
        "tickets": {row["id"]: row for row in tickets},
        "comments": {row["id"]: row for row in comments},
    }


def _tickets(agents: list[str]) -> list[Record]:
    random = Random("tickets")
    rows = []
    for number in range(1, 141):
        subject, text, tags = _PROBLEMS[number % len(_PROBLEMS)]
        opened = (date(2026, 3, 2) + timedelta(days=number)).isoformat()
        status = "closed" if number < 80 else ("open", "pending", "open", "solved")[number % 4]
        rows.append(
            {
                "id": f"T-{5000 + number}",
                "subject": subject,
                "description": text,
                "priority": ("low", "normal", "normal", "high", "urgent")[random.randint(0, 4)],
                "status": status,
                "requester_email": contacts()[(number * 13) % len(contacts())].email,
                "assignee_email": None if status == "open" and number % 3 == 0 else agents[number % len(agents)],
                "tags": list(tags),
                "external_ref": f"PORTAL-{8000 + number}" if number % 2 else None,
                "created_at": f"{opened}T08:20:00Z",
                "updated_at": f"{opened}T15:45:00Z",
                "closed_at": f"{opened}T15:45:00Z" if status == "closed" else None,
            }
        )
    return rows


def _comments(tickets: list[Record]) -> list[Record]:
    return [
        {
            "id": f"TC-{9000 + at}",
            "ticket_id": ticket["id"],
            "author_email": ticket["assignee_email"] or ticket["requester_email"],
            "body": ("We are looking into it.", "Could you send a photo of the label?", "Solved on the phone.")[at % 3],
            "public": at % 4 != 0,
            "created_at": ticket["updated_at"],
        }
        for at, ticket in enumerate(tickets[:110], start=1)
    ]
