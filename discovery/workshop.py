"""The process in which documents are read and understood, so that a hostile one can harm nothing else.

Started by `discovery.apart` with nothing of the service's environment. It serves one job after another on a socket,
each within its own caps, and ends by itself when the service is gone or nothing was asked for a while.
"""

from __future__ import annotations

import gc
import resource
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from discovery import compiler, document, framing
from discovery.document import Caps
from discovery.written import WrittenSurface
from tools import errors

IDLE_S = 60.0
Answer = tuple[dict[str, Any], Sequence[bytes]]
#: what is told, and the bytes that go with it


def serve(channel: socket.socket) -> None:
    """Do jobs until the other side goes or stays silent for `IDLE_S`."""
    # What is imported lives as long as the process; what a job makes is dropped with it, cycles and all.
    gc.freeze()
    gc.disable()
    while (job := _next(channel)) is not None:
        header, payloads = job
        started = time.process_time()
        answer, parts = _work(header, payloads)
        answer["cpu_s"] = time.process_time() - started
        framing.send(channel, answer, parts)
        if answer.get("is_last"):
            return
        del job, payloads, parts
        gc.collect()


def _next(channel: socket.socket) -> tuple[dict[str, Any], list[bytes]] | None:
    channel.settimeout(IDLE_S)
    try:
        return framing.receive(channel)
    except (TimeoutError, framing.Closed):
        return None


def _work(header: Mapping[str, Any], payloads: Sequence[bytes]) -> Answer:
    """The job's answer, or `{problem, data}` in the words of `DocumentInvalid`."""
    caps = Caps.model_validate(header["caps"])
    memory = _limit(caps)
    try:
        return JOBS[header["job"]](header, payloads, caps)
    except errors.DocumentInvalid as exc:
        return {"problem": exc.message, "data": exc.data}, ()
    except MemoryError:
        problem = f"The document takes more than {caps.memory_bytes // 2**20} MB of memory to read"
        # What of the memory comes back is uncertain, so the next job gets a new process.
        return {"problem": problem, "data": {}, "is_last": True}, ()
    except RecursionError:
        return {"problem": "The document is nested too deep to be understood", "data": {}}, ()
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, memory)


def _limit(caps: Caps) -> tuple[int, int]:
    """Set this job's limits; the memory limits as they were."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_data_bytes() + caps.memory_bytes, before[1]))
    used = time.process_time()
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + caps.cpu_s) + 1, hard))
    return before


def _data_bytes() -> int:
    """What the process holds now (VmData of proc(5)), as RLIMIT_DATA counts it since Linux 4.7; 0 elsewhere."""
    try:
        with open("/proc/self/status", "rb") as status:
            lines = [line for line in status if line.startswith(b"VmData:")]
    except OSError:
        return 0
    return int(lines[0].split()[1]) * 1024 if lines else 0


def _parse(header: Mapping[str, Any], payloads: Sequence[bytes], caps: Caps) -> Answer:
    return {}, [orjson.dumps(document.read(payloads[0], caps))]


def _surface(header: Mapping[str, Any], payloads: Sequence[bytes], caps: Caps) -> Answer:
    files = dict(zip(header["files"], payloads[1:], strict=True))
    loaded = document.load(payloads[0], caps, name=header["file"], files=files)
    seconds = caps.validation_s if header["is_validated"] else 0.0
    made = compiler.compile_surface(header["system"], loaded, name=header["name"], validation_s=seconds)
    written = WrittenSurface.of(made)
    return written.told(), written.parts()


JOBS: Mapping[str, Callable[[Mapping[str, Any], Sequence[bytes], Caps], Answer]] = {
    "parse": _parse,
    "surface": _surface,
}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(socket.socket(fileno=int(sys.argv[1])))
