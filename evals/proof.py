"""The proof of a run: what the systems themselves say has changed, and that the audit log holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from api.cli import output
from evals.stage import Stage
from evals.worlds.enterprise import Enterprise
from evals.worlds.system import System

#: Fields that say what a record is, in the order in which they are looked for.
TELLING = (
    "name", "display_name", "subject", "to", "email", "work_email", "customer", "amount", "total", "currency",
    "payment_terms", "country", "stage", "status", "reference",
)  # fmt: skip
FIELDS_SHOWN = 5


def marks(enterprise: Enterprise) -> dict[str, int]:
    """Where each system's ledger ends now."""
    return {name: len(system.ledger()) for name, system in enterprise.systems.items()}


def collect(stage: Stage, since: Mapping[str, int], expected: Mapping[str, list[str]] | None) -> dict[str, Any]:
    """The changes since the marks, each with the record as the system has it now, and the state of the audit log.

    `expected` names the operations that must stand in each system's ledger, all of them and no others.
    """
    changed = {name: _changes(system, since[name]) for name, system in stage.enterprise.systems.items()}
    audit = stage.people["ida"].get("/v1/audit/verify")
    operations = {name: [change["operation"] for change in changes] for name, changes in changed.items() if changes}
    is_expected = expected is None or operations == expected
    return {"changes": changed, "audit": audit, "is_right": is_expected and audit["bad"] is None}


def draw(to: Console, proven: Mapping[str, Any]) -> None:
    rows = [
        [name, change["operation"], change["record_id"], _telling(change["now"])]
        for name, changes in proven["changes"].items()
        for change in changes
    ]
    to.print()
    to.print(output.table(["system", "request", "record", "as the system has it now"], rows, title="Proof"))
    audit = proven["audit"]
    verified = f"audit log: {audit['records']} records in {audit['chains']} chains, "
    to.print(output.plain(verified + (f"BROKEN at {audit['bad']}" if audit["bad"] else "every link verified")))


def _changes(system: System, since: int) -> list[dict[str, Any]]:
    state = system.state()
    return [
        {
            "operation": entry["operation"],
            "record_type": entry["record_type"],
            "record_id": entry["record_id"],
            "now": state[entry["record_type"]].get(entry["record_id"]),
        }
        for entry in system.ledger()[since:]
    ]


def _telling(record: Mapping[str, Any] | None) -> str:
    if record is None:
        return "gone"
    named = [name for name in TELLING if record.get(name) not in (None, "")]
    return ", ".join(f"{name}: {record[name]}" for name in named[:FIELDS_SHOWN])
