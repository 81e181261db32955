"""Commands as processes: `interlock` is started the way a person starts it, with the output caught."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from evals.server import Server
from evals.stage import Stage

COMMAND_TAKES_AT_MOST_S = 120


class Ran:
    """A command that has ended."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    def __repr__(self) -> str:
        return f"exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


Interlock = Callable[..., Ran]


@pytest.fixture(scope="session")
def interlock_in() -> Callable[[Path], Interlock]:
    """The command as it runs in a folder, for what must outlive one test."""
    return _command_in


@pytest.fixture
def interlock(tmp_path: Path) -> Interlock:
    """`interlock("runs", "list", INTERLOCK_URL=…)`: runs the command without a terminal in an empty folder."""
    return _command_in(tmp_path)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The demo enterprise with Interlock set up over it."""
    with Stage.start(tmp_path_factory.mktemp("stage")) as started:
        yield started


@pytest.fixture(scope="session")
def crm_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One system of the demo enterprise with Interlock over it, for tests that bring what else they need."""
    with Stage.start(tmp_path_factory.mktemp("crm"), names=("crm",)) as started:
        yield started


@pytest.fixture(scope="session")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Interlock with nothing registered."""
    server = Server(folder=tmp_path_factory.mktemp("empty"))
    server.launch()
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


@pytest.fixture
def as_sam(stage: Stage) -> Mapping[str, str]:
    """The environment of the submitter."""
    return {"INTERLOCK_URL": stage.server.url, "INTERLOCK_API_KEY": stage.keys["sam"]}


@pytest.fixture
def as_admin(empty_server: Server) -> Mapping[str, str]:
    return {"INTERLOCK_URL": empty_server.url, "INTERLOCK_DATA_DIR": str(empty_server.folder)}


def _command_in(folder: Path) -> Interlock:
    def run(*arguments: str, stdin: str | None = None, **environment: str) -> Ran:
        return Ran(
            subprocess.run(
                [sys.executable, "-m", "api.cli", *arguments],
                input=stdin,
                stdin=None if stdin is not None else subprocess.DEVNULL,
                capture_output=True,
                text=True,
                cwd=folder,
                env={**os.environ, **environment},
                timeout=COMMAND_TAKES_AT_MOST_S,
            )
        )

    return run
