"""Prism, the second reader of paths, queries and headers: fetched from npm, run on loopback, ended for sure.

It gets a copy of the document without what does not bear on a request: answers, texts, examples, servers, credentials
(the wire never has them), and shared parts that no request refers to. It only ever says whether a request fits.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PACKAGE, VERSION = "@stoplight/prism-cli", "5.14.2"
#: the last version that runs on Node.js 18 to 22; later ones ask for 24
HOST = "127.0.0.1"
STARTS_WITHIN_S = 60.0
INSTALLS_WITHIN_S = 300.0
#: Ends Prism when its standard input closes, so also when the process that started it is killed.
_LIFELINE = "process.stdin.resume().on('end', () => process.exit(0)); require(process.argv[1])"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_UNNEEDED = frozenset(
    {"description", "summary", "example", "examples", "externalDocs", "servers", "security", "callbacks"}
)
_NAMING = frozenset(
    {"properties", "patternProperties", "schemas", "parameters", "requestBodies", "definitions", "paths"}
)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
#: keys of which the value has names of the document's own, which must not be taken for keywords


class NoPrism(RuntimeError):
    """Prism cannot be had or does not start; the message says why."""


def entry_file() -> Path:
    """Where Prism's entry file lies once it is installed: in the user's cache, outside the tree."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "interlock-evals" / f"prism-cli@{VERSION}" / "node_modules" / PACKAGE / "dist" / "index.js"


def provide() -> Path:
    """Prism's entry file, fetched from npm when it is not there. Raises `NoPrism`."""
    entry = entry_file()
    if entry.exists():
        return entry
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise NoPrism("Prism needs Node.js 18 or newer with npm; install them and run again")
    home = entry.parents[4]
    home.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(home)]
    done = subprocess.run(
        [*command, f"{PACKAGE}@{VERSION}"], capture_output=True, text=True, timeout=INSTALLS_WITHIN_S, check=False
    )
    if done.returncode != 0 or not entry.exists():
        raise NoPrism(f"npm could not install {PACKAGE}@{VERSION}: {done.stderr.strip()[-500:]}")
    return entry


@contextmanager
def running(entry: Path, root: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Prism judging requests to the document `root`, for the length of the block; gives its base URL."""
    copy, port = folder / "document.json", _free_port()
    copy.write_text(json.dumps(judged(root)), "utf-8")
    options = ["mock", str(copy), "--errors", "--host", HOST, "--port", str(port), "--cors=false", "-v", "silent"]
    log = folder / "prism.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            ["node", "-e", _LIFELINE, str(entry), *options], stdin=subprocess.PIPE, stdout=said, stderr=said
        )
    try:
        _wait(process, port, log)
        yield f"http://{HOST}:{port}"
    finally:
        _end(process)


def judged(root: Mapping[str, Any]) -> dict[str, Any]:
    """The copy that Prism reads."""
    paths = {path: _item(root, item) for path, item in root["paths"].items() if not path.startswith("x-")}
    shared = {name: root[name] for name in ("components", "definitions", "parameters") if name in root}
    kept = {name: root[name] for name in ("openapi", "swagger", "consumes", "produces") if name in root}
    found = kept | {"info": {"title": "judged", "version": "1"}, "paths": paths}
    reached = _reached(paths, root)
    found |= {name: part for name, part in _only(shared, "#", reached).items() if part}
    return {name: _mended(part, found) for name, part in found.items()}


def _item(root: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    while "$ref" in item:
        item = _target(item["$ref"], root)
    made: dict[str, Any] = {"parameters": _plain(item.get("parameters", []))}
    for method in _METHODS & item.keys():
        kept = {name: item[method][name] for name in ("parameters", "requestBody", "consumes") if name in item[method]}
        if "requestBody" in kept:
            kept["requestBody"] = _without_forms(kept["requestBody"], root)
        if "swagger" in root and not kept.get("consumes", root.get("consumes")):
            # Swagger leaves open what a body is where the document names no type; Prism then allows no body at all.
            kept["consumes"] = ["application/json", *_FORMS]
        made[method] = _plain(kept) | {"responses": {"200": {"description": "fits"}}}
    return made


def _without_forms(body: Any, root: Mapping[str, Any]) -> Any:
    """The body with forms as types only: Prism reads nested objects that are absent as empty ones, then misses what
    they require (its deserializers/style/deepObject.js), and leaves no word on the rest of such a request."""
    while "$ref" in body:
        body = _target(body["$ref"], root)
    content = {kind: {} if kind.startswith(_FORMS) else media for kind, media in body.get("content", {}).items()}
    return body | {"content": content}


def _plain(node: Any, is_named: bool = False) -> Any:
    """Without the texts and examples."""
    if isinstance(node, list):
        return [_plain(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {key: part for key, part in node.items() if is_named or key not in _UNNEEDED}
    return {key: _plain(part, not is_named and key in _NAMING) for key, part in kept.items()}


def _reached(paths: Any, root: Mapping[str, Any]) -> set[str]:
    """The references that requests lead to, directly or not."""
    reached: set[str] = set()
    waiting: list[Any] = [paths]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            ref = node.get("$ref")
            if isinstance(ref, str) and ref not in reached:
                reached.add(ref)
                waiting.append(_plain(_target(ref, root)))
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return reached


def _only(shared: Mapping[str, Any], place: str, reached: set[str]) -> dict[str, Any]:
    """The shared parts that are referred to, or that hold one that is."""
    made = {}
    for name, part in shared.items():
        here = f"{place}/{name.replace('~', '~0').replace('/', '~1')}"
        if here in reached:
            made[name] = _plain(part)
        elif isinstance(part, dict) and any(ref.startswith(f"{here}/") for ref in reached):
            made[name] = _only(part, here, reached)
    return made


def _mended(node: Any, root: Mapping[str, Any]) -> Any:
    """References that lead nowhere accept anything: Prism would refuse the whole document for one of them."""
    if isinstance(node, list):
        return [_mended(part, root) for part in node]
    if not isinstance(node, dict):
        return node
    if isinstance(ref := node.get("$ref"), str) and _target(ref, root) == {}:
        return {}
    return {key: _mended(part, root) for key, part in node.items()}


def _target(ref: str, root: Mapping[str, Any]) -> Any:
    node: Any = root
    for token in ref.removeprefix("#/").split("/"):
        plain = token.replace("~1", "/").replace("~0", "~")
        node = node[int(plain)] if isinstance(node, list) else node.get(plain, {})
    return node


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as asked:
            asked.settimeout(1)
            if asked.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise NoPrism(f"Prism did not start: {log.read_text('utf-8', errors='replace')[-1000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _free_port() -> int:
    with socket.socket() as held:
        held.bind((HOST, 0))
        return int(held.getsockname()[1])
