"""Runs a piece of work in a fresh process, watches what it and its children hold, and stops it when it is late."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from evals.report import ROOT

EVERY_S = 0.002
#: between two looks at the memory
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    told: Mapping[str, Any]
    #: the line it printed; {} when it did not end well
    cpu_s: float
    seconds: float
    #: of the work, by the wall; of the whole process when it did not end well
    peak_bytes: int
    #: the most that the process and its children held at one moment
    problem: str
    #: "" when it ended well


def run(piece: str, *files: Path, limit_s: float) -> Ended:
    """Run `evals.work`'s `piece` over `files`.

    The peak is the greater of the process's own high-water mark and of the sums over it and its children, seen every
    2 ms; pages that they share (the interpreter's own) count for each, so the sum errs on the high side.
    """
    command = [sys.executable, "-m", "evals.work", piece, *map(str, files)]
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        # A session of its own, so that what it started can be stopped with it.
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=err, start_new_session=True)
        seen, is_late = _watch(process, began + limit_s)
        told = _line(out) if process.returncode == 0 else {}
        problem = "" if told else _problem(process.returncode, is_late, limit_s, err)
    return Ended(
        told=told,
        cpu_s=told.get("cpu_s", 0.0),
        seconds=told.get("seconds", time.perf_counter() - began),
        peak_bytes=max(seen, told.get("peak_bytes", 0)),
        problem=problem,
    )


def _watch(process: subprocess.Popen[bytes], until: float) -> tuple[int, bool]:
    """The most memory seen until the process ended or was stopped, and whether it was."""
    seen = 0
    while process.poll() is None:
        if time.perf_counter() > until:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return seen, True
        seen = max(seen, _held(process.pid))
        time.sleep(EVERY_S)
    return seen, False


def _held(pid: int) -> int:
    """Bytes that the process and its children hold now; those that ended meanwhile hold none."""
    children = _read(f"/proc/{pid}/task/{pid}/children").split()
    return sum(_resident(one) for one in (str(pid), *children))


def _resident(pid: str) -> int:
    fields = _read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * PAGE if len(fields) > 1 else 0


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _line(out: IO[bytes]) -> dict[str, Any]:
    out.seek(0)
    lines = out.read().splitlines()
    told: dict[str, Any] = orjson.loads(lines[-1]) if lines else {}
    return told


def _problem(code: int, is_late: bool, limit_s: float, err: IO[bytes]) -> str:
    if is_late:
        return f"stopped after {limit_s:g} s"
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    err.seek(0)
    lines = err.read().decode(errors="replace").splitlines()
    return f"ended with {code}: {lines[-1][:200] if lines else 'no word'}"
