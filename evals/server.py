"""Interlock as a child process: the real command, started, awaited, ended or killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from api.cli.client import Api, Problem

HOST = "127.0.0.1"
READY_WITHIN_S = 60.0
#: Seconds that it has to finish its legs before it is killed.
GRACE_S = 10.0
LOG_LINES_TOLD = 20


class ServerFailed(RuntimeError):
    """Interlock did not start; the message carries the last lines of its log."""


@dataclass(slots=True, kw_only=True)
class Server:
    """One `interlock serve` on loopback, with its data under `folder`; it may be started again after it ended."""

    folder: Path
    command: tuple[str, ...] = ("serve",)
    port: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def log(self) -> Path:
        return self.folder / "interlock.log"

    def launch(self) -> None:
        """Start the process; `wait_until_ready` says when it answers."""
        own = {"INTERLOCK_DATA_DIR": str(self.folder), "INTERLOCK_HOST": HOST, "INTERLOCK_PORT": str(self.port)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**_clean_environment(), **own, **self.environment},
                # Its own group: Ctrl-C reaches the parent alone, which ends its children in order.
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Raises `ServerFailed` when it ends first or stays silent."""
        deadline = time.monotonic() + READY_WITHIN_S
        with Api(self.url, "") as api:
            while not _answers(api):
                if self.pid is None:
                    raise ServerFailed(f"Interlock ended before it was ready.\n{self._log_tail()}")
                if time.monotonic() > deadline:
                    raise ServerFailed(f"Interlock was not ready in time.\n{self._log_tail()}")
                time.sleep(0.05)

    def admin(self) -> Api:
        """The API with the key that the service made for its first admin."""
        return Api(self.url, (self.folder / "admin.key").read_text("ascii").strip())

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is said."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-LOG_LINES_TOLD:])


def _clean_environment() -> dict[str, str]:
    """Ours without settings of an Interlock elsewhere, except for the planner's model, which a person may choose."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INTERLOCK_")}
    return kept | {name: value for name, value in os.environ.items() if name.startswith("INTERLOCK_MODEL_")}


def _answers(api: Api) -> bool:
    try:
        api.get("/readyz")
        return True
    except Problem:
        return False


def _free_port() -> int:
    with socket.socket() as held:
        held.bind((HOST, 0))
        return int(held.getsockname()[1])
