"""`interlock demo` as a stranger runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pytest

#: Seconds from the command to the finished goal; the packages are there.
AT_MOST_S = 60
RUN_AT_MOST_S = 10


def test_the_demo_ends_with_its_effects_proven_and_without_a_terminal(interlock) -> None:
    began = time.monotonic()
    ran = interlock("demo", "--once", "--yes", "--json")
    took = time.monotonic() - began

    assert ran.code == 0, ran
    told = json.loads(ran.out)
    changes = {name: [one["operation"] for one in found] for name, found in told["proof"]["changes"].items() if found}
    assert {
        "erp": ["POST /customers"],
        "billing": ["POST /customers", "POST /invoices"],
        "crm": ["POST /emails"],
    } == changes
    assert told["proof"]["audit"]["bad"] is None
    assert told["run"]["state"] == "done"
    assert told["run_s"] <= RUN_AT_MOST_S
    assert took <= AT_MOST_S


def test_without_a_terminal_and_without_yes_it_says_what_to_add(interlock) -> None:
    ran = interlock("demo", "--once")
    assert ran.code == 2
    assert "--yes" in ran.err


def test_a_goal_that_nothing_can_serve_ends_with_a_refusal_that_explains_itself(interlock) -> None:
    ran = interlock("demo", "--once", "--yes", "--goal", "Paint the office walls blue")
    assert ran.code == 1, ran
    assert "refused" in ran.out


def test_a_folder_that_is_not_new_is_refused(interlock, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("something")
    ran = interlock("demo", "--once", "--yes", "--data-dir", str(tmp_path))
    assert ran.code == 2
    assert "not empty" in ran.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_it_leaves_everything_running_until_it_is_told_to_end(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-u", "-m", "api.cli", "demo", "--yes", "--data-dir", str(tmp_path / "data")]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        try:
            assert process.stdout is not None
            assert "Ctrl-C ends it." in _read_until(process.stdout, "Ctrl-C ends it.")
            process.send_signal(number)
            assert process.wait(30) == 0
        finally:
            process.kill()
    assert [] == _still_running(tmp_path / "data")


def _read_until(stream: IO[str], end: str) -> str:
    read = ""
    for line in stream:
        read += line
        if end in line:
            break
    return read


def _still_running(folder: Path) -> list[str]:
    """Processes whose command or environment names the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in told:
            found.append(process.name)
    return found
