"""Takes in one document that may be hostile as the service would, and says what became of it.

When arguments are given they are checked against the schema of the document's one action and rendered as a request;
nothing is sent. Every connection and every file outside the program that is opened meanwhile is told.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from discovery import lower, surface
from discovery.search import indexed
from discovery.service import StoredAction
from discovery.written import WrittenSurface
from tools import errors, schema, wire
from tools.action import Action

BASE_URL = "https://api.example/v1"
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request")
FORBIDDEN = "passwd"
#: in the name of every file that a hostile document points to
Told = dict[str, Any]


def prepare(document: Path, given: Path | None, good: bytes) -> Callable[[], Told]:
    """The work of `evals.work`: a document, arguments as JSON, and a document that is read well afterwards."""
    raw = document.read_bytes()
    # The standard library's, because it says what others refuse to: half a surrogate pair.
    arguments = json.loads(given.read_bytes()) if given else None
    return lambda: endure(raw, arguments, good)


def endure(raw: bytes, arguments: Any, good: bytes) -> Told:
    """What became of the document in this process, what was opened meanwhile, and whether the process is well."""
    with _listening() as touched:
        told = _endure(raw, arguments)
    return told | {"touched": touched, "is_unharmed": _is_unharmed(good)}


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What this process asks of the network and of forbidden files, as its audit events (PEP 578)."""
    touched: list[str] = []
    is_open = True

    def listen(event: str, parts: tuple[Any, ...]) -> None:
        if is_open and (event in NETWORK or (event == "open" and FORBIDDEN in str(parts[0]))):
            touched.append(event)

    sys.addaudithook(listen)  # there is no way to take it back, so it is only closed
    try:
        yield touched
    finally:
        is_open = False


def _endure(raw: bytes, arguments: Any) -> Told:
    try:
        read = surface.read("hostile", raw)
    except errors.DocumentInvalid as exc:
        return _told("refused", exc.message)
    defs = _look(read)
    if read.quarantine:
        first = read.quarantine[0]
        return _told("quarantined", f"{len(read.quarantine)} of its operations: {first.reason} ({first.section})")
    if arguments is None or not read.actions:
        return _told("used", f"{len(read.actions):,} actions, {len(defs):,} shared schemas")
    return _call(next(_actions(read)), defs, arguments)


def _look(read: WrittenSurface) -> dict[str, Any]:
    """Index it and look at every action, as the service does with what its registry holds; its shared schemas."""
    defs: dict[str, Any] = orjson.loads(read.defs)
    indexed(
        StoredAction(body=body.decode(), overrides={}, revision=1, is_accepted=True) for body in read.actions.values()
    )
    for action in _actions(read):
        lower.signature(action, defs)
    return defs


def _actions(read: WrittenSurface) -> Iterator[Action]:
    return map(Action.model_validate_json, read.actions.values())


def _call(action: Action, defs: dict[str, Any], arguments: Any) -> Told:
    try:
        validator = schema.Validator.compile(action.args_schema(), defs)
    except errors.DocumentInvalid as exc:
        return _told("rejected", exc.message)
    began = time.process_time()
    problems = validator.problems(arguments)
    took = {"check_s": time.process_time() - began}
    if validator.unchecked:
        return _told("skipped", f"reported as unchecked: {', '.join(validator.unchecked)}") | took
    if problems:
        return _told("rejected", str(problems[0])) | took
    try:
        request = wire.render(action, arguments, BASE_URL)
    except errors.RequestUnsafe as exc:
        return _told("unsent", exc.message) | took
    return _told("sent", _shown(request)) | took


def _shown(request: wire.Request) -> str:
    lines = [f"{request.method} {request.url}", *(f"{name}: {value}" for name, value in request.headers)]
    if request.body is not None:
        lines += [f"Content-Type: {request.content_type}", repr(request.body[:300])]
    return " | ".join(lines)


def _is_unharmed(good: bytes) -> bool:
    """Whether this process still takes in a good document."""
    return len(surface.read("good", good).actions) == 1


def _told(end: str, says: str) -> Told:
    # A message may repeat half a surrogate pair of the document, which JSON cannot say.
    return {"end": end, "says": says[:400].encode(errors="replace").decode()}


