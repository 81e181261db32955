"""One piece of work in a process of its own, and what it cost: `python -m evals.work PIECE FILE…` prints one JSON line.

Each piece imports what it needs and reads its file before it is measured. CPU is user and system time of this process
and of its children.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

GOOD = b'{"openapi":"3.0.3","info":{"title":"Good"},"paths":{"/a":{"get":{}}}}'
Told = dict[str, Any]
Work = Callable[[], Told]


def parse(file: Path) -> Work:
    """The plain parse of the document: what discovery is held against."""
    raw = file.read_bytes()
    if file.suffix == ".json":
        return lambda: _made(orjson.loads(raw))
    import yaml

    return lambda: _made(yaml.load(raw, yaml.CSafeLoader))


def discover(file: Path) -> Work:
    """From bytes to the rows of the catalogue, as JSON, in a service that has read another document before."""
    from discovery import surface

    raw = file.read_bytes()
    surface.read("first", GOOD)

    def work() -> Told:
        read = surface.read("measured", raw)
        # The reading process clears up before it takes the next document, and that counts too.
        surface.read("next", GOOD)
        return {"actions": len(read.actions), "bytes": sum(map(len, read.parts()))}

    return work


def discover_first(file: Path) -> Work:
    """As `discover`, with the start of the reading process: the first document of a service, or after a rest."""
    from discovery import surface

    raw = file.read_bytes()
    return lambda: {"actions": len(surface.read("measured", raw).actions)}


def fastmcp(file: Path) -> Work:
    """FastMCP's tools from the document that was parsed already."""
    import httpx2
    import yaml
    from fastmcp import FastMCP

    raw = file.read_bytes()
    root = orjson.loads(raw) if file.suffix == ".json" else yaml.load(raw, yaml.CSafeLoader)
    client = httpx2.AsyncClient(base_url="https://api.example")
    return lambda: _made(FastMCP.from_openapi(root, client=client))


def fastmcp_listed(file: Path) -> Work:
    """The first listing of those tools."""
    import asyncio

    import httpx2
    import yaml
    from fastmcp import FastMCP

    raw = file.read_bytes()
    root = orjson.loads(raw) if file.suffix == ".json" else yaml.load(raw, yaml.CSafeLoader)
    server = FastMCP.from_openapi(root, client=httpx2.AsyncClient(base_url="https://api.example"))
    return lambda: {"actions": len(asyncio.run(server.list_tools()))}


def signatures(file: Path) -> Work:
    """The signature of every action: made when a planner or a person is first shown it."""
    from discovery import lower, surface

    built = surface.build("measured", file.read_bytes())
    return lambda: {"actions": len([lower.signature(action, built.defs) for action in built.actions])}


def validators(file: Path) -> Work:
    """The validator of every action's arguments: compiled when the action is first called."""
    from discovery import surface
    from tools import schema

    built = surface.build("measured", file.read_bytes())

    def work() -> Told:
        made = [schema.Validator.compile(action.args_schema(), built.defs) for action in built.actions]
        return {"actions": len(made)}

    return work


def index(file: Path) -> Work:
    """The index of the document's actions: built at the first search after a change."""
    from discovery import surface
    from discovery.search import indexed
    from discovery.service import StoredAction

    stored = [
        StoredAction(body=body.decode(), overrides={}, revision=1, is_accepted=True)
        for body in surface.read("measured", file.read_bytes()).actions.values()
    ]
    return lambda: _made(indexed(stored))


def endure(document: Path, arguments: Path | None = None) -> Work:
    """What becomes of a hostile document."""
    from evals import endurance

    return endurance.prepare(document, arguments, GOOD)


def _made(_: object) -> Told:
    """Nothing to tell of it. Its peak is kept by the system, so it need not live on."""
    return {}


PIECES: dict[str, Callable[..., Work]] = {
    one.__name__: one
    for one in (parse, discover, discover_first, fastmcp, fastmcp_listed, signatures, validators, index, endure)
}


def cpu_s() -> float:
    """CPU seconds, to the microsecond, of this process and of its children, those that ended and those that live."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used) + sum(map(_ran_s, _children()))


def _children() -> list[str]:
    return [child for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()]


def _ran_s(pid: str) -> float:
    """CPU seconds of a child that lives (the first number of schedstat in proc(5), nanoseconds, of each thread)."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9


def peak_bytes() -> int:
    """The most memory this process ever held; ru_maxrss would also know what its parent held when it was started."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main(piece: str, *files: str) -> None:
    work = PIECES[piece](*map(Path, files))
    cpu, began = cpu_s(), time.perf_counter()
    told = work()
    told |= {"cpu_s": cpu_s() - cpu, "seconds": time.perf_counter() - began, "peak_bytes": peak_bytes()}
    sys.stdout.buffer.write(orjson.dumps(told) + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
