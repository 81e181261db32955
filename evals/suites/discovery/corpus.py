"""Every operation of the corpus is an action or a loss that is explained; the operations are counted by other means.

The count reads the documents with the standard library's JSON and PyYAML, and walks them itself. `action_share` is over
the operations that the corpus describes. An operation that is only a reference to another file, as all 659 of
`digitalocean_multifile_root.yaml` are, is described by a file the corpus does not have: it is told in the row of its
document, must be explained like every other loss, and counts as an operation nowhere.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from discovery import surface
from evals.suites.discovery.findings import Bench, Findings, Row, share
from tools import errors
from tools.action import Action, Quarantined, Surface

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
AIM = 0.995
QUOTED = re.compile(r"`[^`]*`|'[^']*'")
LACKS = ("left out", "accepts anything")
#: how an action's evidence begins that says what of the document it could not use
SHOWN = 3
#: reasons told of one document, the most frequent first


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """`METHOD path` of the operations of a document."""

    described: frozenset[str]
    elsewhere: frozenset[str]
    #: in files that the corpus does not have


def measure(bench: Bench) -> Findings:
    rows, operations, actions, lacking = [], 0, 0, 0
    for path in documents(bench.corpus):
        counted, built = count(path), bench.surfaces.get(path.name)
        rows.append(_row(path, counted, built) if built else _refused(path, counted))
        operations += len(counted.described)
        if built:
            actions += len(built.actions)
            lacking += sum(bool(_left_out(one)) for one in built.actions)
    bench.tell(f"{actions:,} of {operations:,} operations are actions")
    figures = {"operations": operations, "action_share": share(actions, operations)}
    total = Row(
        part="corpus",
        trial="all documents",
        measure="actions of operations",
        value=actions,
        against=operations,
        is_right=actions >= AIM * operations,
        says=f"{operations - actions} described operations are no actions, the aim is {AIM:.1%}; "
        f"{lacking} actions lack an optional part that their document describes wrongly",
    )
    return Findings(figures=figures, rows=[*rows, total])


def documents(corpus: Path) -> list[Path]:
    return sorted(path for path in corpus.iterdir() if path.suffix in (".json", ".yaml"))


def count(path: Path) -> Count:
    """The operations of a document; none of one that has no paths."""
    text = path.read_bytes()
    root: dict[str, Any] = json.loads(text) if path.suffix == ".json" else yaml.load(text, yaml.CBaseLoader)
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for name, item in root.get("paths", {}).items():
        item = _at(root, item) if not name.startswith("x-") else {}
        for method, operation in item.items():
            if method in METHODS:
                found[_is_elsewhere(operation)].add(f"{method.upper()} {name}")
    return Count(described=frozenset(found[False]), elsewhere=frozenset(found[True]))


def _is_elsewhere(operation: Any) -> bool:
    return isinstance(operation, Mapping) and not str(operation.get("$ref", "#")).startswith("#")


def _at(root: Mapping[str, Any], item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The path item, or the one in the same document that it refers to."""
    node: Any = item
    if str(item.get("$ref", "")).startswith("#/"):
        node = root
        for token in item["$ref"][2:].split("/"):
            node = node[token.replace("~1", "/").replace("~0", "~")]
    return node if isinstance(node, Mapping) else {}


def _row(path: Path, counted: Count, built: Surface) -> Row:
    told = [f"{one.method} {one.path}" for one in built.quarantine]
    # By the pointer: an action's path has lost the fragment by which some documents tell variants of a path apart.
    made = [_operation(one.pointer) for one in built.actions]
    is_whole = Counter(made + told) == Counter(counted.described | counted.elsewhere)
    says = "; ".join([_losses(built.quarantine), *_lacks(built.actions)])
    if counted.elsewhere:
        says = f"{len(counted.elsewhere)} operations are in files that the corpus does not have; {says}"
    return Row(
        part="corpus",
        trial=path.name,
        measure="actions of operations",
        value=len(made),
        against=len(counted.described),
        is_right=is_whole and all(one.pointer and one.reason and one.section for one in built.quarantine),
        says=says if is_whole else f"not every operation is told just once; {says}",
    )


def _operation(pointer: str) -> str:
    _, _, path, method = pointer.split("/")
    return f"{method.upper()} {path.replace('~1', '/').replace('~0', '~')}"


def _losses(quarantine: Iterable[Quarantined]) -> str:
    """The classes of reasons with their numbers; what is quoted in a reason differs from operation to operation."""
    kinds = Counter(f"{QUOTED.sub('…', one.reason)} ({one.section})" for one in quarantine)
    told = [f"{number} lost because {kind}" for kind, number in kinds.most_common(SHOWN)]
    return "; ".join(told) or "nothing lost"


def _lacks(actions: Iterable[Action]) -> list[str]:
    """What actions lack, which counts as no loss, with their numbers."""
    kinds = Counter(QUOTED.sub("…", why) for action in actions for why in _left_out(action))
    return [f"{number} actions: {kind}" for kind, number in kinds.most_common(SHOWN)]


def _left_out(action: Action) -> list[str]:
    return [one.why for one in action.evidence if one.why.startswith(LACKS)]


def _refused(path: Path, counted: Count) -> Row:
    """A document that is none is right when it has no operation and gets one clear error."""
    try:
        surface.build(path.stem, path.read_bytes())
        says = ""
    except errors.DocumentInvalid as exc:
        says = exc.message
    return Row(
        part="corpus",
        trial=path.name,
        measure="actions of operations",
        value=0,
        against=len(counted.described),
        is_right=bool(says) and not counted.described | counted.elsewhere,
        says=f"refused: {says}",
    )
