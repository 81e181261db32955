"""Local references (`#/…`) inside one document, followed with a bound. Nothing is ever fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote

from tools import errors

MAX_CHAIN = 50
#: references that lead to references; real documents need one or two
REFERENCE_SECTION = "OpenAPI 3.0.3 section 4.7.23 (Reference Object)"


Made = TypeVar("Made")


class References:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self._made: dict[tuple[int, int], Any] = {}
        #: what was made of a node, by the identities of node and maker, both of which outlive this

    def once(self, node: Mapping[str, Any], make: Callable[[Any, References], Made]) -> Made:
        """What `make` makes of a node of the document; of one that many refer to only once."""
        key = (id(node), id(make))
        if key not in self._made:
            self._made[key] = make(node, self)
        found: Made = self._made[key]
        return found

    def follow(self, node: Any) -> Any:
        """`node`, or what it finally refers to. Raises `DocumentInvalid` naming the reference that leads nowhere."""
        ref = ""
        for _ in range(MAX_CHAIN):
            if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
                return node
            ref = node["$ref"]
            node = self.at(ref)
        raise unusable(f"the reference {shown(ref)} leads in a circle or through more than {MAX_CHAIN} others")

    def at(self, ref: str) -> Any:
        """What the local reference points to (RFC 6901, in a URI fragment)."""
        node: Any = self.root
        for token in pointer_tokens(ref):
            if isinstance(node, dict) and token in node:
                node = node[token]
            elif isinstance(node, list) and token.isdecimal() and int(token) < len(node):
                node = node[int(token)]
            else:
                raise unusable(f"the reference {shown(ref)} points to nothing in this document")
        return node


def pointer_tokens(ref: str) -> list[str]:
    """The steps of a local reference. Raises `DocumentInvalid` for one that leaves the document."""
    if ref == "#":
        return []
    if not ref.startswith("#/"):
        raise unusable(f"the reference {shown(ref)} leads to {_elsewhere(ref)}")
    pointer = unquote(ref[2:]) if "%" in ref else ref[2:]  # RFC 6901 section 6: percent signs before tildes
    tokens = pointer.split("/")
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens] if "~" in pointer else tokens


def _elsewhere(ref: str) -> str:
    if ref.startswith("#"):
        return "an anchor; only `#/…` is followed"
    if "://" in ref or ref.startswith("//"):
        return "another host, where nothing is ever fetched from; put that file beside the document"
    if ref.startswith(("/", "~")) or ":" in ref.partition("/")[0] or ".." in ref.partition("#")[0].split("/"):
        return "a file outside of the document's folder"
    return "a file that was not given with the document"


def pointer(*tokens: str) -> str:
    """A JSON pointer to the place that `tokens` lead to."""
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)


def shown(ref: str) -> str:
    return f"`{ref[:120]}`"


def unusable(problem: str, section: str = REFERENCE_SECTION) -> errors.DocumentInvalid:
    """The error that puts one operation into quarantine; `section` is the rule of the standard it breaks."""
    return errors.DocumentInvalid(problem, section=section)
