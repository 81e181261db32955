"""For every test: a clean environment, no way out of this machine, and a real PostgreSQL for whoever asks."""

from __future__ import annotations

import ipaddress
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from evals import postgres

#: What a developer's shell may hold and no test may depend on.
FOREIGN = ("INTERLOCK_", "OPENAI_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
POSTGRES_VARIABLE = "TEST_POSTGRES_URL"
BYTECODE = Path(__file__).resolve().parents[1] / ".pytest_cache" / "bytecode"

# The commands that tests start would each compile every module anew where no bytecode may be written: seconds a start.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    os.environ["PYTHONPYCACHEPREFIX"] = str(BYTECODE)


def _refuse_the_world(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    if host != "localhost" and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        raise AssertionError(f"a test tried to connect to {host}; tests stay on this machine")


# An audit hook sees every connect of this process, whichever library makes it.
sys.addaudithook(_refuse_the_world)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith(FOREIGN)]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL of our own: the one in TEST_POSTGRES_URL, an installed one, or the one from PyPI."""
    if url := os.environ.get(POSTGRES_VARIABLE):
        yield url
        return
    with ExitStack() as undo:
        # Not under pytest's own folder: the server may run as another user, and the next pytest closes that to others.
        place = tempfile.TemporaryDirectory(prefix="interlock-postgres-", ignore_cleanup_errors=True)
        folder = undo.enter_context(place)
        try:
            url = undo.enter_context(postgres.running(Path(folder)))
        except postgres.NoPostgres:
            pytest.skip(f"no PostgreSQL: install one, or set {POSTGRES_VARIABLE}")
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of a new, empty database."""
    name = f"interlock_{uuid.uuid4().hex}"
    yield postgres.create(postgres_server, name)
    postgres.drop(postgres_server, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database of each kind: a test with this fixture runs on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/interlock.sqlite"
    return str(request.getfixturevalue("postgres_url"))
