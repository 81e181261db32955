"""The directory: an account for each employee, groups by department and by right, and who is in which."""

from evals.worlds.records import Record, Tables
from evals.worlds.seeds.cast import Person, staff
from evals.worlds.seeds.hr import TEAMS, account_managers, team_of

#: Group, what it is for, and the department whose people it holds.
_RIGHTS = (
    ("all-staff", "Everybody at Meridian Instruments", None),
    ("vpn-users", "May connect from outside", "Engineering"),
    ("crm-users", "May open the CRM", "Sales"),
    ("erp-clerks", "May book in the ERP", "Finance"),
    ("billing-admins", "May void and refund in billing", None),
    ("hr-admins", "May open personnel files", "People"),
    ("helpdesk-agents", "May work on tickets", "Support"),
    ("domain-admins", "May administer the directory", None),
    ("contractors", "Temporary accounts", None),
)


def account_id(person: Person) -> str:
    return f"acc-{person.number:04}"


def seed() -> Tables:
    accounts = {account_id(one): _account(one) for one in staff()}
    groups = {row["id"]: row for row in _groups()}
    members = {f"{group}/{account}": _membership(group, account) for group, account in _members(groups)}
    return {"accounts": accounts, "groups": groups, "memberships": members}


def _account(person: Person) -> Record:
    return {
        "id": account_id(person),
        "username": person.username,
        "email": person.email,
        "display_name": person.name,
        "enabled": person.number % 41 != 0,
        "must_change_password": False,
        "password_changed_at": "2026-02-02T07:00:00Z",
        "created_at": "2025-11-03T07:00:00Z",
        "updated_at": "2026-02-02T07:00:00Z",
    }


def _groups() -> list[Record]:
    teams = [(f"dept-{name.lower()}", f"The department {name}") for name, *_ in TEAMS]
    rights = [(name, text) for name, text, _ in _RIGHTS]
    return [
        {"id": f"grp-{at:03}", "name": name, "description": text, "created_at": "2025-11-03T07:00:00Z"}
        for at, (name, text) in enumerate([*teams, *rights], start=1)
    ]


def _members(groups: dict[str, Record]) -> list[tuple[str, str]]:
    id_of = {row["name"]: row["id"] for row in groups.values()}
    pairs = [(f"dept-{name.lower()}", one) for name, *_ in TEAMS for one in team_of(name)]
    pairs += [(name, one) for name, _, team in _RIGHTS if team for one in team_of(team)]
    pairs += [("all-staff", one) for one in staff()]
    pairs += [("billing-admins", one) for one in team_of("Finance")[:3]]
    pairs += [("domain-admins", one) for one in team_of("IT")[:2]]
    pairs += [("vpn-users", one) for one in account_managers()]
    return [(id_of[name], account_id(one)) for name, one in pairs]


def _membership(group: str, account: str) -> Record:
    return {"group_id": group, "account_id": account, "added_at": "2025-11-03T07:30:00Z"}
