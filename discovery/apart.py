"""Has documents read in processes of their own (`discovery.workshop`), with caps on memory, CPU and time.

A process that was not harmed serves the next document too, so that only the first one pays for starting it.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from discovery import framing
from discovery.document import Caps
from tools import errors

AT_ONCE = 2
#: documents read at the same time; more wait
_ROOT = Path(__file__).resolve().parents[1]
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
#: what the process is given of this one's environment: no secret, no proxy

Answer = tuple[dict[str, Any], list[bytes]]
#: what is told, and the bytes that go with it


class _Process:
    def __init__(self) -> None:
        self.channel, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "discovery.workshop", str(theirs.fileno())]
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        self.process = subprocess.Popen(
            command,
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**environment, "PYTHONPATH": str(_ROOT)},
        )
        theirs.close()

    def ask(self, header: Mapping[str, Any], parts: Sequence[bytes], wall_s: float) -> Answer:
        """Raises `Closed` when the process ended, `TimeoutError` when it takes longer than `wall_s`."""
        self.channel.settimeout(wall_s)
        framing.send(self.channel, header, parts)
        return framing.receive(self.channel)

    def stop(self) -> int:
        """End it; its return code."""
        self.channel.close()
        if self.process.poll() is None:
            self.process.kill()
        return self.process.wait()


class Workshops:
    """At most `AT_ONCE` processes, started when they are needed."""

    def __init__(self) -> None:
        self._idle: list[_Process] = []
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._cpu_s = 0.0

    @property
    def cpu_s(self) -> float:
        """CPU seconds that all jobs so far took in these processes."""
        return self._cpu_s

    def ask(self, job: str, header: Mapping[str, Any], parts: Sequence[bytes], caps: Caps) -> Answer:
        """What the process tells of the job. Blocks; raises `DocumentInvalid` when it refuses or passes a cap."""
        request = {"job": job, "caps": caps.model_dump(), **header}
        with self._places:
            answer, payloads = self._asked(request, parts, caps)
        self._cpu_s += answer["cpu_s"]
        if "problem" in answer:
            raise errors.DocumentInvalid(answer["problem"], **answer["data"])
        return answer, payloads

    def stop(self) -> None:
        while self._idle:
            self._idle.pop().stop()

    def _asked(self, request: Mapping[str, Any], parts: Sequence[bytes], caps: Caps) -> Answer:
        while True:
            is_new, process = not self._idle, self._idle.pop() if self._idle else _Process()
            started = time.monotonic()
            try:
                answer = process.ask(request, parts, caps.wall_s)
            except TimeoutError:
                process.stop()
                raise errors.DocumentInvalid(f"The document was not read within {caps.wall_s:g} s") from None
            except framing.Closed:
                code = process.stop()
                if code == 0 and not is_new and time.monotonic() - started < 1:
                    continue  # it had gone to rest just before it was asked
                raise _ended(code, caps) from None
            self._keep(process, answer[0])
            return answer

    def _keep(self, process: _Process, answer: Mapping[str, Any]) -> None:
        if answer.get("is_last"):
            process.stop()
        else:
            self._idle.append(process)


def _ended(code: int, caps: Caps) -> errors.InterlockError:
    """What it means that the process ended with `code` while it read."""
    if code == -signal.SIGXCPU:
        return errors.DocumentInvalid(f"Reading the document takes more than {caps.cpu_s} s of CPU")
    if code < 0:
        return errors.DocumentInvalid("Reading the document passed the caps on memory or CPU, so it was stopped")
    return errors.Unavailable(f"the process that reads documents does not run (it ended with {code})")


WORKSHOPS = Workshops()
atexit.register(WORKSHOPS.stop)
