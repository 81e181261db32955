"""From a document's bytes to the surface it describes. The work is done in another process, see `discovery.apart`."""

from __future__ import annotations

from collections.abc import Mapping

from discovery.apart import WORKSHOPS
from discovery.document import Caps
from discovery.written import WrittenSurface
from tools.action import Surface


def read(
    system: str,
    source: bytes,
    *,
    name: str | None = None,
    caps: Caps | None = None,
    is_validated: bool = False,
    file: str = "",
    files: Mapping[str, bytes] | None = None,
) -> WrittenSurface:
    """All that `source` says of the System with slug `system`; `name` stands in for the document's own title.

    Every operation is among the actions or in quarantine. With `is_validated` openapi-spec-validator looks at the
    document too, which takes seconds for a large one. `files` are other files of its folder, by their path from there;
    `file` is its own. Blocks, so an event loop calls it in a thread. Raises `DocumentInvalid` when it is no document.
    """
    others = files or {}
    header = {"system": system, "name": name, "is_validated": is_validated, "file": file, "files": list(others)}
    told, parts = WORKSHOPS.ask("surface", header, [source, *others.values()], caps or Caps())
    return WrittenSurface.from_told(told, parts)


def build(system: str, source: bytes, *, name: str | None = None, caps: Caps | None = None) -> Surface:
    """As `read`, with every action as a record, for whoever looks at all of them."""
    return read(system, source, name=name, caps=caps).surface()
