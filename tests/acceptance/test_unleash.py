"""A feature-flag system that nobody here wrote, ingested from the document it serves itself: a flag is created, listed,
fetched and enabled there, and a second one of the same name is refused.

Unleash is installed from npm into the user's cache, once a machine; its rows are read straight from its database.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from agent.testing import Answer, ScriptedEndpoint, says
from api.cli.client import Api
from evals import postgres, pursuit
from evals.server import Server

SHARED = Path(__file__).resolve().parents[3] / "shared"
START = SHARED / "systems" / "unleash" / "start.sh"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "interlock-tests"
INSTALLS_WITHIN_S = 240
STARTS_WITHIN_S = 60
#: an admin's token, which Unleash makes at its first start
TOKEN = "*:*.made-for-the-acceptance-test"  # noqa: S105 - of a server that lives as long as this test
ACTIONS = ["flags.create_feature", "flags.get_feature", "flags.get_features", "flags.toggle_feature_environment_on"]
#: Its document promises the flag in the answer to `enable`; what comes is an empty 200.
OVERRIDES = {"flags.toggle_feature_environment_on": {"result_schema": {}}}
FLAG = {"projectId": "default", "name": "checkout-redesign", "type": "experiment"}
WHERE = {"projectId": "default", "featureName": "checkout-redesign", "environment": "development"}
GOAL = (
    'Create the feature "checkout-redesign" of type experiment in project default of flags, look at it, list the '
    "features of the project, and enable it in development."
)
STEPS = [
    {"id": "created", "action": "flags.create_feature", "args": FLAG},
    {
        "id": "fetched",
        "action": "flags.get_feature",
        "args": {"projectId": "default", "featureName": {"$": "created.name"}},
        "expect": 'fetched.name == "checkout-redesign" and fetched.type == "experiment"',
    },
    {
        "id": "listed",
        "action": "flags.get_features",
        "args": {"projectId": "default"},
        "after": ["fetched"],
        "expect": "[one.name for one in listed.features] == [created.name]",
    },
    {"id": "enabled", "action": "flags.toggle_feature_environment_on", "args": WHERE, "after": ["listed"]},
]


class Unleash:
    """A running Unleash and its database."""

    def __init__(self, url: str, database: str) -> None:
        self.url = url
        self._database = database

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._database) as connection:
            return connection.execute(query.encode()).fetchall()


class Model:
    """Proposes the plan that it was last given."""

    def __init__(self) -> None:
        self.steps: list[dict[str, Any]] = []

    def __call__(self, _: dict[str, Any]) -> Answer:
        return says(json.dumps({"kind": "plan", "steps": self.steps}))


@pytest.fixture(scope="module")
def unleash(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unleash]:
    if not START.is_file():
        pytest.skip(f"the start script of Unleash is not at {START}")
    program = _installed()
    name = f"unleash_{os.getpid()}"
    database = postgres.create(postgres_server, name)
    try:
        with _running(program, database, tmp_path_factory.mktemp("unleash") / "log") as url:
            yield Unleash(url, database)
    finally:
        postgres.drop(postgres_server, name)


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def sam(unleash: Unleash, model: Model, interlock_in: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A submitter at an Interlock whose admin registered Unleash as `flags` at the command line."""
    folder = tmp_path_factory.mktemp("interlock")
    with ScriptedEndpoint(model) as endpoint:
        settings = {"INTERLOCK_MODEL_BASE_URL": endpoint.base_url, "INTERLOCK_MODEL": "scripted"}
        server = Server(folder=folder, environment=settings)
        server.launch()
        try:
            server.wait_until_ready()
            _register(interlock_in(folder), server, unleash)
            with server.admin() as admin:
                key = admin.post("/v1/keys", {"name": "sam", "roles": ["submitter"]})["key"]
            with Api(server.url, key) as api:
                yield api
        finally:
            server.stop()


def test_a_flag_is_created_fetched_listed_and_enabled(sam: Api, model: Model, unleash: Unleash) -> None:
    model.steps = STEPS
    run = pursuit.submit(sam, GOAL)
    ended = pursuit.ended(sam, run)
    assert ("done", None) == (ended["state"], ended["problem"])
    assert [("checkout-redesign", "default", "experiment")] == unleash.rows("SELECT name, project, type FROM features")
    assert [("development", True), ("production", False)] == unleash.rows(
        "SELECT environment, enabled FROM feature_environments WHERE feature_name = 'checkout-redesign' ORDER BY 1"
    )
    assert [("flags.create_feature", "done", 1), ("flags.toggle_feature_environment_on", "done", 1)] == [
        (one["action"], one["state"], len(one["attempts"])) for one in sam.items(f"/v1/runs/{run}/effects")
    ]


def test_a_second_flag_of_the_name_is_refused_and_not_in_doubt(sam: Api, model: Model, unleash: Unleash) -> None:
    """The document of Unleash names no 409 for this; its meaning is enough to know that nothing happened."""
    model.steps = [{"id": "first", "action": "flags.create_feature", "args": FLAG | {"name": "dark-mode"}}]
    goal = 'Create the feature "dark-mode" of type experiment in project default of flags.'
    assert "done" == pursuit.ended(sam, pursuit.submit(sam, goal))["state"]
    again = pursuit.submit(sam, goal)
    ended = pursuit.ended(sam, again)
    assert ("failed", []) == (ended["state"], ended["waiting_for"])
    assert "answered 409: it conflicts with what is there" in ended["reason"]
    assert [("flags.create_feature", "refused")] == [
        (one["action"], one["state"]) for one in sam.items(f"/v1/runs/{again}/effects")
    ]
    made = "SELECT count(*) FROM events WHERE type = 'feature-created' AND feature_name = 'dark-mode'"
    assert [(1,)] == unleash.rows(made)


def _register(interlock: Any, server: Server, unleash: Unleash) -> None:
    admin = {"INTERLOCK_URL": server.url, "INTERLOCK_DATA_DIR": str(server.folder), "FLAGS_TOKEN": TOKEN}
    system = ["flags", "--spec", f"{unleash.url}/docs/openapi.json", "--base-url", unleash.url, "--allow-private"]
    surface = _told(interlock("systems", "add", *system, "--json", **admin))["surface"]
    assert ("openapi-3.0", 214, []) == (surface["dialect"], surface["actions"], surface["quarantine"])
    key = ["--kind", "header", "--set", "name=Authorization", "--secret", "value=env:FLAGS_TOKEN"]
    _told(interlock("connections", "add", "flags", *key, "--json", **admin))
    overrides = ["--overrides", json.dumps(OVERRIDES)]
    accepted = _told(interlock("systems", "accept", "flags", *ACTIONS, *overrides, "--json", **admin))
    assert ACTIONS == accepted["accepted"]


def _told(ran: Any) -> Any:
    assert ran.code == 0, ran
    return json.loads(ran.out)


def _installed() -> Path:
    """Unleash's program, installed at the first call on a machine; skips where npm cannot."""
    found = re.search(r"unleash-server@[\w.-]+", START.read_text("utf-8"))
    assert found, f"{START} names no version"
    if (node := shutil.which("npm")) is None or shutil.which("node") is None:
        pytest.skip("Unleash needs node and npm")
    place = CACHE / found.group()
    if not place.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE, prefix="installing-") as draft:
            _install(node, found.group(), Path(draft))
            # Whole or not at all; of two that install at once the second gives way.
            with suppress(OSError):
                (Path(draft) / "done").rename(place)
    return place / "node_modules" / "unleash-server" / "dist" / "server.js"


def _install(npm: str, package: str, draft: Path) -> None:
    folder = draft / "done"
    folder.mkdir()
    command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--fetch-retries=1", package]
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=INSTALLS_WITHIN_S
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not install {package} within {INSTALLS_WITHIN_S} s")
    if done.returncode != 0:
        pytest.skip(f"npm could not install {package}: {done.stderr[-500:]}")


@contextmanager
def _running(program: Path, database: str, log: Path) -> Iterator[str]:
    port = _free_port()
    settings = {"DATABASE_URL": database, "DATABASE_SSL": "false", "HTTP_HOST": "127.0.0.1", "HTTP_PORT": str(port)}
    settings |= {"ENABLE_OAS": "true", "CHECK_VERSION": "false", "SEND_TELEMETRY": "false"}
    settings |= {"INIT_ADMIN_API_TOKENS": TOKEN}
    with log.open("wb") as file:
        process = subprocess.Popen(
            ["node", str(program)],
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False).is_success:
                return
        time.sleep(0.1)
    raise RuntimeError(f"Unleash did not start: {log.read_text('utf-8', errors='replace')[-1500:]}")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
