"""API documents as they are given on the command line: a file with those of its folder that it refers to, or a URL."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from api.cli import client, entered
from api.cli.client import Problem

REFERENCE = re.compile(rb"""["']?\$ref["']?\s*:\s*["']?([^"'\s#,}\]]+)""")
#: a reference's file, in JSON and in YAML; what is no reference finds no file and does no harm
MAX_FILES = 5000


def read(spec: str) -> dict[str, Any]:
    """What is sent of the document: `document`, and for one in several files `document_name` and `files`.

    Raises `Problem` when it cannot be read. References to files that are not there are told by the service, by name.
    """
    if "://" in spec:
        return {"document": _text(client.download(spec))}
    path = Path(spec)
    content = entered.read_file(path)
    files = {name: _text(text) for name, text in _reached(path, content)}
    return {"document": _text(content), "document_name": path.name, "files": files}


def _reached(root: Path, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files in the root's folder that it refers to, directly or not, by their path from there."""
    folder = root.parent.resolve()
    waiting, seen = [("", content)], {root.name}
    while waiting:
        own, text = waiting.pop()
        for name in sorted({_beside(own, ref) for ref in REFERENCE.findall(text)} - seen):
            seen.add(name)
            found = (folder / name).resolve()
            # A link may lead out of the folder, where nobody asked us to read.
            if not found.is_relative_to(folder) or not found.is_file():
                continue
            if len(seen) > MAX_FILES:
                raise Problem({"title": "too many files", "detail": f"{root} refers to more than {MAX_FILES} files"})
            part = entered.read_file(found)
            waiting.append((name, part))
            yield name, part


def _beside(own: str, ref: bytes) -> str:
    """The path from the folder of what `ref` names, written in the file `own`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(own), unquote(ref.decode(errors="replace"))))


def _text(content: bytes) -> str:
    return content.decode(errors="replace")
