"""The commands in README.md and docs/, run as they stand: a `console` block is a session in a shell.

`$ ` starts a command, `> ` continues it, other lines are its output, in which `...` stands for anything.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evals.stage import Stage

#: Seconds that a listing may take to show what the page says.
LOOKED_AGAIN_FOR_S = 20
ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@dataclass
class Command:
    line: str
    output: list[str] = field(default_factory=list)


def sessions(text: str) -> Iterator[list[Command]]:
    """The commands of each `console` block."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S):
        commands: list[Command] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append(Command(line=line[2:]))
            elif line.startswith("> "):
                commands[-1].line += "\n" + line[2:]
            else:
                commands[-1].output.append(line)
        yield commands


PAGES_WITH_COMMANDS = [page for page in PAGES if any(sessions(page.read_text("utf-8")))]


@pytest.mark.parametrize("page", PAGES_WITH_COMMANDS, ids=lambda page: page.name)
def test_the_commands_on_the_page_do_what_it_says(page: Path, stage: Stage, tmp_path: Path) -> None:
    environment = _environment(stage)
    for commands in sessions(page.read_text("utf-8")):
        for command in commands:
            ran = _run(command, environment, tmp_path)
            assert ran.returncode == 0, f"$ {command.line}\n{ran.stdout}{ran.stderr}"
            assert _matches(command.output, ran.stdout), f"$ {command.line}\n{ran.stdout}"


def test_a_session_is_read_with_its_continuations_and_outputs() -> None:
    text = "```console\n$ one \\\n> two\nsaid ...\n$ three\n```\n"
    assert [[Command("one \\\ntwo", ["said ..."]), Command("three")]] == list(sessions(text))
    assert _matches(["said ..."], "said  something\nelse")
    assert not _matches(["said ..."], "nothing")


def _environment(stage: Stage) -> dict[str, str]:
    own = {"INTERLOCK_URL": stage.server.url, "INTERLOCK_DATA_DIR": str(stage.server.folder)}
    keys = {f"{name.upper()}_KEY": key for name, key in stage.keys.items()}
    # A width that somebody set would break the lines elsewhere.
    inherited = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    return {**inherited, **own, **keys, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def _run(command: Command, environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The command's end; one that only looks is tried again for a while, as a person would look again."""
    deadline = time.monotonic() + LOOKED_AGAIN_FOR_S
    while True:
        ran = _run_once(command.line, environment, folder)
        is_look = re.search(r" (list|show)\b", command.line) is not None
        if _matches(command.output, ran.stdout) or not is_look or time.monotonic() > deadline:
            return ran


def _run_once(line: str, environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    # `make` would build what these tests run in; its dry run shows that the target and its variables are there.
    is_make = line.startswith("make ")
    return subprocess.run(
        ["bash", "-ec", line.replace("make ", "make -n ", 1) if is_make else line],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=ROOT if is_make else folder,
        env=environment,
        timeout=120,
    )


def _matches(expected: list[str], output: str) -> bool:
    """Whether the output begins as expected, white space aside."""
    words = " ".join(" ".join(expected).split())
    pattern = ".*".join(re.escape(part.strip()) for part in words.split("..."))
    return re.match(pattern, " ".join(output.split())) is not None
