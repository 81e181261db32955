"""One service as a child process: started, awaited, ended."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from evals.worlds.places import TOKEN_VARIABLE

PROJECT = Path(__file__).resolve().parents[2]
LOG_LINES_TOLD = 15
#: Seconds a child has to end by itself before it is killed.
GRACE_S = 3.0


class ChildFailed(RuntimeError):
    """A service did not start; the message carries the last lines of its log."""


class Child:
    def __init__(self, *, name: str, port: int, folder: Path, token: str, options: Mapping[str, str]) -> None:
        self.name = name
        self._command = [sys.executable, "-m", "evals.worlds.serve", name, "--port", str(port), "--state", str(folder)]
        self._command += [part for pair in options.items() for part in pair]
        self._log = folder / f"{name}.log"
        self._token = token
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        if self.pid is not None:
            return
        paths = [str(PROJECT), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, TOKEN_VARIABLE: self._token, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 our own module, no shell
                [*self._command, "--die-with", str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    def wait_until_ready(self, url: str, deadline: float) -> None:
        """Return once the URL answers; raises `ChildFailed` when the process ends or the monotonic deadline passes."""
        while not _answers(url):
            if self.pid is None:
                raise ChildFailed(f"{self.name} ended before it was ready.\n{self._log_tail()}")
            if time.monotonic() > deadline:
                raise ChildFailed(f"{self.name} was not ready in time.\n{self._log_tail()}")
            time.sleep(0.03)

    def ask_to_end(self) -> None:
        if self._process is not None and self.pid is not None:
            self._process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        if self._process is None:
            return
        self.ask_to_end()
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(GRACE_S)

    def _log_tail(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES_TOLD:])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):  # noqa: S310 a loopback URL made by us
            return True
    except (urllib.error.URLError, OSError):
        return False
