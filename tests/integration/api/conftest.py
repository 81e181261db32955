"""The real command as a process, on each database, over one real system; plans come from a scripted model endpoint."""

from __future__ import annotations

import html
import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.testing import Answer, ScriptedEndpoint, says
from evals import postgres
from evals.server import Server
from evals.stage import entered
from evals.worlds.enterprise import Enterprise
from evals.worlds.system import System

PEOPLE = {"sam": ["submitter"], "ann": ["approver"], "ben": ["approver"], "ida": ["auditor"]}
SETTLES_WITHIN_S = 30.0


class Script:
    """The model behind the endpoint: for the goal that holds a tag it gives the proposal told for that tag."""

    def __init__(self) -> None:
        self._proposals: dict[str, dict[str, Any]] = {}

    def tell(self, proposal: dict[str, Any]) -> str:
        """A tag to put into a goal."""
        tag = f"goal-{uuid.uuid4().hex[:12]}"
        self._proposals[tag] = proposal
        return tag

    def __call__(self, request: dict[str, Any]) -> Answer:
        asked = json.dumps(request["messages"])
        nothing = {"kind": "cannot_do", "why": "this goal is in no script"}
        proposal = next((one for tag, one in self._proposals.items() if tag in asked), nothing)
        return says(json.dumps({"proposal": proposal}))


class Service:
    """A running Interlock with a system, and the people who use it."""

    def __init__(self, server: Server, script: Script, database_url: str) -> None:
        self.url = server.url
        self.folder = server.folder
        self.database_url = database_url
        self._script = script
        self.admin_key = (server.folder / "admin.key").read_text("ascii").strip()
        self.admin = self.client(self.admin_key)
        self.keys = {
            name: self.admin.post("/v1/keys", json={"name": name, "roles": roles}).json()["key"]
            for name, roles in PEOPLE.items()
        }
        self.people = {name: self.client(key) for name, key in self.keys.items()}

    def close(self) -> None:
        for http in (self.admin, *self.people.values()):
            http.close()

    def client(self, key: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def submit(self, words: str, *steps: Mapping[str, Any], **body: Any) -> str:
        """A run for a goal of these words, planned as these steps; its id."""
        return self.propose(words, {"kind": "plan", "steps": list(steps)}, **body)

    def propose(self, words: str, proposal: dict[str, Any], **body: Any) -> str:
        text = f"{words} ({self._script.tell(proposal)})"
        return str(told(self.people["sam"].post("/v1/goals", json={"text": text, **body}), 202)["id"])

    def settled(self, run: str, *states: str) -> dict[str, Any]:
        """The run once it is in one of these states; fails the test when it ends in another."""
        ends_at = time.monotonic() + SETTLES_WITHIN_S
        while time.monotonic() < ends_at:
            seen: dict[str, Any] = told(self.people["sam"].get(f"/v1/runs/{run}"))
            if seen["state"] in states:
                return seen
            if seen["state"] in ("done", "refused", "failed", "cancelled"):
                break
            time.sleep(0.05)
        raise AssertionError(f"the run is {seen['state']}, not {' or '.join(states)}: {seen['reason']}")

    def waits(self, run: str, kind: str, after: str = "") -> dict[str, Any]:
        """The open wait of this kind that the run comes to, another one than for the reference `after`."""
        ends_at = time.monotonic() + SETTLES_WITHIN_S
        while time.monotonic() < ends_at:
            for wait in self.settled(run, "accepted", "running", "waiting")["waiting_for"]:
                if wait["kind"] == kind and wait["reference"] != after:
                    return dict(wait)
            time.sleep(0.05)
        raise AssertionError(f"the run came to no {kind} wait")

    def asks(self, run: str, after: str = "") -> dict[str, Any]:
        """The open approval that the run comes to, another one than `after`."""
        found: dict[str, Any] = told(
            self.people["ann"].get(f"/v1/approvals/{self.waits(run, 'approval', after)['reference']}")
        )
        return found

    def decide(self, name: str, approval: Mapping[str, Any], **word: Any) -> httpx.Response:
        """`name`'s word on the approval as it was seen."""
        seen = f'"{approval["digest"]}.{approval["version"]}"'
        path = f"/v1/approvals/{approval['id']}/decision"
        return self.people[name].post(path, json=word, headers={"If-Match": seen})


def told(answer: httpx.Response, status: int = 200) -> Any:
    """The answer's body, provided that it has the status."""
    assert status == answer.status_code, answer.text
    return answer.json()


def call(name: str, action: str, **args: Any) -> dict[str, Any]:
    """A step that calls an action."""
    return {"id": name, "kind": "call", "action": action, "args": args, "purpose": f"to do {name}"}


def new_contact() -> dict[str, str]:
    """Arguments of a contact that the CRM does not have yet."""
    return {"first_name": "Rosa", "last_name": "Diaz", "email": f"rosa.{uuid.uuid4().hex[:10]}@example.com"}


@pytest.fixture(scope="session")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with Enterprise.start(tmp_path_factory.mktemp("crm"), ["crm"]) as enterprise:
        yield enterprise["crm"]


@pytest.fixture(scope="session")
def script() -> Script:
    return Script()


@pytest.fixture(scope="session")
def model(script: Script) -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint(script) as endpoint:
        yield endpoint


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def service(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    crm: System,
    model: ScriptedEndpoint,
    script: Script,
) -> Iterator[Service]:
    """Interlock on each database, with the CRM registered, connected and accepted."""
    folder = tmp_path_factory.mktemp(f"interlock_{request.param}")
    with ExitStack() as undo:
        url = _database(request, folder, undo)
        environment = {
            "INTERLOCK_DATABASE_URL": url,
            "INTERLOCK_MODEL_BASE_URL": model.base_url,
            "INTERLOCK_MODEL_API_KEY": "no-secret",
            "INTERLOCK_MODEL": "scripted",
        }
        server = Server(folder=folder, environment=environment)
        undo.callback(server.stop)
        server.launch()
        server.wait_until_ready()
        running = Service(server, script, url)
        undo.callback(running.close)
        _register(running, crm)
        yield running


def _database(request: pytest.FixtureRequest, folder: Path, undo: ExitStack) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{folder}/interlock.sqlite"
    server, name = request.getfixturevalue("postgres_server"), f"interlock_{uuid.uuid4().hex}"
    undo.callback(postgres.drop, server, name)
    return postgres.create(server, name)


def _register(service: Service, system: System) -> None:
    document = system.document_path.read_text("utf-8")
    registered = {"slug": "crm", "base_url": system.base_url, "allow_private": True, "document": document}
    told(service.admin.post("/v1/systems", json=registered), 201)
    connected = {"system": "crm", "credential": entered(system.credential)}
    told(service.admin.post("/v1/connections", json=connected), 201)
    told(service.admin.post("/v1/systems/crm/accept", json={}))


class Browser:
    """A browser without scripts, as far as HTTP goes: it keeps its cookie and sends forms as a page shows them."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, headers={"Accept": "text/html"}, timeout=30, trust_env=False)

    def sign_in(self, key: str) -> None:
        assert 303 == self.http.post("/login", data={"key": key}).status_code

    def page(self, path: str) -> str:
        answer = self.http.get(path)
        assert 200 == answer.status_code, answer.text
        assert "text/html; charset=utf-8" == answer.headers["Content-Type"]
        return answer.text

    def form(self, path: str, action: str, **entered: str) -> httpx.Response:
        """Send the form of the page at `path` that goes to `action`: its hidden fields as they are, and `entered`."""
        forms = [one for one in FORM.findall(self.page(path)) if f'action="{action}"' in one]
        # An approval's page has three forms to one address; they differ in their choice.
        wanted = [one for one in forms if f'value="{entered.get("choice", "")}"' in one or "choice" not in entered]
        assert wanted, f"no form to {action} on {path}"
        hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(wanted[0])}
        return self.http.post(action, data=hidden | entered)


FORM = re.compile(r"<form.*?</form>", re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


@pytest.fixture
def browsers(service: Service) -> Iterator[Any]:
    """`browsers("ann")`: a browser in which Ann is signed in; `browsers()`: one in which nobody is."""
    with ExitStack() as undo:

        def opened(name: str | None = None) -> Browser:
            browser = Browser(service.url)
            undo.callback(browser.http.close)
            if name is not None:
                browser.sign_in(service.admin_key if name == "admin" else service.keys[name])
            return browser

        yield opened
