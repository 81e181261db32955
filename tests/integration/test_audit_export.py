"""A log that was taken out verifies without the service, and every change to it is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from api.cli import audit as command
from api.cli.client import Problem
from api.routes.audit import exported
from tools import db
from tools.guard import audit

RECORDS = 5
Records = list[dict[str, Any]]


@pytest.fixture
async def records(tmp_path: Path) -> Records:
    """Two chains as `interlock audit export` writes them."""
    database = db.Database(f"sqlite:///{tmp_path}/log.sqlite")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with database.write("test.append") as session:
        found = [
            await audit.append(session, workspace="w", chain=chain, kind="test", actor="sam", body={"n": number})
            for chain in ("registry", "run_1")
            for number in range(RECORDS)
        ]
        lines = [json.loads(json.dumps(exported(record))) for record in found]
    await database.close()
    return lines


def verified(records: Records, folder: Path) -> audit.Verification:
    file = folder / "audit.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    return audit.check(command._read(file))


def test_an_untouched_log_holds(records: Records, tmp_path: Path) -> None:
    assert audit.Verification(records=2 * RECORDS, chains=2, bad=None) == verified(records, tmp_path)


CHANGES: dict[str, Callable[[Records], object]] = {
    "another actor": lambda log: log[2].update(actor="eve"),
    "another body": lambda log: log[2]["body"].update(n=99),
    "another time": lambda log: log[2].update(at="2020-01-01T00:00:00+00:00"),
    "a record left out": lambda log: log.pop(2),
    "a record told twice": lambda log: log.insert(2, log[2]),
    "two records swapped": lambda log: log.insert(2, log.pop(3)),
    "another predecessor": lambda log: log[2].update(prev="0" * 64),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_is_found_at_its_place(
    records: Records, tmp_path: Path, change: Callable[[Records], object]
) -> None:
    change(records)
    found = verified(records, tmp_path)
    assert found.bad is not None
    assert found.bad.startswith("registry record ")


def test_a_file_that_is_no_log_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("{}\n")
    with pytest.raises(Problem, match="line 1"):
        audit.check(command._read(file))
