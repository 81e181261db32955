"""A description in several files becomes one tree: what a file refers to in its folder is put beside the root.

Only files that were given are looked at, and only by relative paths inside the folder of the root; any other reference
stays as it is, and is refused by name by whoever follows it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from discovery.references import pointer
from tools import errors

PLACE = "x-interlock-files"
#: the root's key for the trees of the other files


def bundle(
    root: dict[str, Any], name: str, files: Mapping[str, bytes], max_bytes: int, read: Callable[[bytes], Any]
) -> Mapping[str, bytes]:
    """Put what `root`, called `name`, reaches in `files` into it, so that every reference is local; those files.

    `files` are named by their path from the root's folder. Raises `DocumentInvalid` for one that cannot be read, or
    when those that are used have more than `max_bytes` together.
    """
    used: dict[str, bytes] = {}
    trees: dict[str, Any] = {}
    waiting = [("", root)] if files else []
    while waiting:
        own, tree = waiting.pop()
        for holder in _referring(tree):
            other, fragment = _target(holder["$ref"], own)
            if other is None or (other not in files and other != name):
                continue
            if other != name and other not in used:
                used[other] = files[other]
                max_bytes -= len(files[other])
                trees[other] = _tree(other, files[other], max_bytes, read)
                waiting.append((other, trees[other]))
            holder["$ref"] = f"#{fragment}" if other == name else f"#{pointer(PLACE, other)}{fragment}"
    if trees:
        root[PLACE] = trees
    return used


def _tree(name: str, content: bytes, bytes_left: int, read: Callable[[bytes], Any]) -> Any:
    if bytes_left < 0:
        raise errors.DocumentInvalid("The files of the document are too large together", file=name)
    try:
        return read(content)
    except errors.DocumentInvalid as exc:
        raise errors.DocumentInvalid(f"In {name}: {exc.message}", **{**exc.data, "file": name}) from exc


def _referring(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object in the tree that is a reference, once: YAML may have one object in several places."""
    waiting, seen = [tree], set()
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict | list) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node
            waiting += node.values()
        else:
            waiting += node


def _target(ref: str, own: str) -> tuple[str | None, str]:
    """The file that `ref`, written in the file `own`, leads to, and the pointer in it; None outside of the folder.

    References are relative to the file they stand in (RFC 3986 section 5, OpenAPI 3.0.3 section 4.7.23).
    """
    try:
        parts = urlsplit(ref)
    except ValueError:
        return None, ""
    fragment = parts.fragment if parts.fragment.startswith("/") else ""
    if parts.scheme or parts.netloc or parts.path.startswith("/") or (parts.fragment and not fragment):
        return None, ""
    if not parts.path:
        return (own, fragment) if own else (None, "")
    found = posixpath.normpath(posixpath.join(posixpath.dirname(own), unquote(parts.path)))
    return (None, "") if found.startswith("..") else (found, fragment)
