"""The demo enterprise with Interlock set up over it, through the same API that an admin uses: nothing is slipped in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from api.cli import client
from api.cli.client import Api
from evals.server import Server
from evals.worlds.credentials import Credential
from evals.worlds.enterprise import Enterprise
from evals.worlds.places import NAMES
from evals.worlds.system import System

FOLDER = Path(__file__).parent
#: Who works with Interlock in the demo, and as what.
PEOPLE = {"sam": ["submitter"], "ann": ["approver"], "ben": ["approver"], "ida": ["auditor"]}


class Stage:
    """Everything runs and is registered when `start` returns; `stop` ends all of it."""

    def __init__(self, worlds: Path, enterprise: Enterprise, server: Server, admin: Api, keys: dict[str, str]) -> None:
        self.worlds = worlds
        #: where the systems keep their ledgers
        self.enterprise = enterprise
        self.server = server
        self.admin = admin
        #: name -> API key
        self.keys = keys
        self.people = {name: Api(server.url, key) for name, key in keys.items()}

    @classmethod
    def start(
        cls,
        folder: Path,
        tell: Callable[[str], None] = lambda _: None,
        *,
        names: Iterable[str] = NAMES,
        environment: Mapping[str, str] | None = None,
        command: tuple[str, ...] = ("serve",),
    ) -> Self:
        """The systems called `names`, and an Interlock started by `command`, with `environment` as further settings.

        Raises `ChildFailed` or `ServerFailed` when a part does not start, having ended the others.
        """
        with ExitStack() as undo:
            server = Server(folder=folder / "interlock", command=command, environment=environment or {})
            undo.callback(server.stop)
            server.launch()
            enterprise = undo.enter_context(Enterprise.start(folder / "worlds", names))
            for system in enterprise.systems.values():
                tell(f"{system.name} runs at {system.origin}")
            server.wait_until_ready()
            tell(f"Interlock runs at {server.url}")
            admin = server.admin()
            keys = {
                name: admin.post("/v1/keys", {"name": name, "roles": roles})["key"] for name, roles in PEOPLE.items()
            }
            stage = cls(folder / "worlds", enterprise, server, admin, keys)
            stage._register(tell)
            undo.pop_all()
        return stage

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        for api in (self.admin, *self.people.values()):
            api.close()
        self.server.stop()
        self.enterprise.stop()

    def _register(self, tell: Callable[[str], None]) -> None:
        overrides = yaml.safe_load((FOLDER / "acceptance.yaml").read_text("utf-8"))
        with ThreadPoolExecutor(len(self.enterprise.systems)) as pool:
            done = [pool.submit(self._add, system, overrides.get(system.name, {})) for system in self._systems()]
            for one in done:
                tell(one.result())
        self.admin.put("/v1/policies", {"source": (FOLDER / "policy.yaml").read_text("utf-8")})

    def _systems(self) -> list[System]:
        return list(self.enterprise.systems.values())

    def _add(self, system: System, overrides: dict[str, Any]) -> str:
        """Register a system from the document that it serves itself, with a connection, and accept its actions."""
        registered = {"slug": system.name, "base_url": system.base_url, "allow_private": True}
        document = client.download(system.document_url).decode()
        surface = self.admin.post("/v1/systems", registered | {"document": document})["surface"]
        connection = {"system": system.name, "name": "main", "credential": entered(system.credential)}
        self.admin.post("/v1/connections", connection)
        accepted = self.admin.post(f"/v1/systems/{system.name}/accept", {"overrides": overrides})["accepted"]
        found = f"{surface['actions']} actions found in its {surface['dialect']} document"
        return f"{system.name}: {found}, {len(accepted)} accepted"


def entered(credential: Credential) -> dict[str, Any]:
    """The credential as an admin would enter it."""
    match credential.kind:
        case "bearer":
            return {"kind": "bearer", "token": credential.token}
        case "header":
            return {"kind": "header", "name": credential.header_name, "value": credential.header_value}
        case "basic":
            return {"kind": "basic", "username": credential.username, "password": credential.password}
        case "oauth2_client_credentials":
            return {
                "kind": "oauth2_client_credentials",
                "token_url": credential.token_url,
                "client_id": credential.client_id,
                "client_secret": credential.client_secret,
                "scopes": list(credential.scopes),
            }
