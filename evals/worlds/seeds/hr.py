"""The personnel file: departments, employees in a tree of managers, and their time off."""

from datetime import date, timedelta
from random import Random

from evals.worlds.records import Record, Tables
from evals.worlds.seeds.cast import Person, staff

#: Department, its size, the title of its head, the titles of the others in turn.
TEAMS = (
    ("Executive", 3, "Chief Executive Officer", ("Chief Financial Officer", "Chief Operating Officer")),
    ("Sales", 18, "Head of Sales", ("Account Manager", "Account Manager", "Sales Engineer")),
    ("Support", 16, "Head of Support", ("Support Engineer", "Support Agent")),
    ("Finance", 12, "Head of Finance", ("Accountant", "Billing Specialist", "Controller")),
    ("People", 8, "Head of People", ("Recruiter", "HR Business Partner")),
    ("Engineering", 26, "Head of Engineering", ("Firmware Engineer", "Software Engineer", "Test Engineer")),
    ("Operations", 14, "Head of Operations", ("Production Planner", "Warehouse Lead", "Buyer")),
    ("Marketing", 9, "Head of Marketing", ("Content Editor", "Product Marketer")),
    ("IT", 9, "Head of IT", ("Systems Administrator", "Security Analyst")),
    ("Legal", 5, "General Counsel", ("Paralegal", "Contracts Manager")),
)


def team_of(department: str) -> list[Person]:
    """The people of a department, its head first."""
    start = 0
    for name, size, _, _ in TEAMS:
        if name == department:
            return list(staff()[start : start + size])
        start += size
    raise ValueError(department)


def account_managers() -> list[Person]:
    """The eight who own deals in the crm, the first eight with that title."""
    sales = team_of("Sales")[1:]
    return [person for at, person in enumerate(sales) if at % 3 != 2][:8]


def employee_id(person: Person) -> str:
    return f"E-{1000 + person.number}"


def seed() -> Tables:
    employees = {row["id"]: row for row in _employees()}
    departments = {row["id"]: row for row in _departments()}
    requests = {row["id"]: row for row in _time_off()}
    return {"departments": departments, "employees": employees, "time_off": requests}


def _departments() -> list[Record]:
    return [
        {
            "id": f"DEP-{at:02}",
            "name": name,
            "head_id": employee_id(team_of(name)[0]),
            "cost_centre": f"CC-{at * 10}",
        }
        for at, (name, *_) in enumerate(TEAMS, start=1)
    ]


def _employees() -> list[Record]:
    random = Random("hr")
    chief = employee_id(staff()[0])
    rows = []
    for name, _, head_title, titles in TEAMS:
        head, *others = team_of(name)
        rows.append(_employee(head, name, head_title, None if employee_id(head) == chief else chief, random))
        rows += [
            _employee(one, name, titles[at % len(titles)], employee_id(head), random) for at, one in enumerate(others)
        ]
    return rows


def _employee(person: Person, department: str, title: str, manager: str | None, random: Random) -> Record:
    started = date(2016, 1, 4) + timedelta(days=7 * random.randint(0, 500))
    status = "on_leave" if person.number % 29 == 0 else "terminated" if person.number % 41 == 0 else "active"
    return {
        "id": employee_id(person),
        "given_name": person.given_name,
        "family_name": person.family_name,
        "work_email": person.email,
        "department": department,
        "job_title": title,
        "manager_id": manager,
        "start_date": started.isoformat(),
        "end_date": "2026-03-31" if status == "terminated" else None,
        "status": status,
        "employment_type": ("full_time", "full_time", "full_time", "part_time")[person.number % 4],
        "salary": None if person.number <= 3 else 42000 + 500 * random.randint(0, 90),
        "created_at": f"{started.isoformat()}T08:00:00Z",
        "updated_at": "2026-04-01T08:00:00Z",
    }


def _time_off() -> list[Record]:
    random = Random("time off")
    rows = []
    for at in range(1, 91):
        person = staff()[(at * 7) % len(staff())]
        first = date(2026, 1, 5) + timedelta(days=3 * at)
        rows.append(
            {
                "id": f"TO-{at:04}",
                "employee_id": employee_id(person),
                "kind": ("vacation", "vacation", "sick", "parental", "unpaid")[at % 5],
                "first_day": first.isoformat(),
                "last_day": (first + timedelta(days=random.randint(0, 9))).isoformat(),
                "note": None,
                "status": "requested" if at > 76 else "approved" if at % 9 else "declined",
                "created_at": (first - timedelta(days=20)).isoformat() + "T09:00:00Z",
            }
        )
    return rows
