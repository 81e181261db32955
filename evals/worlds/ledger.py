"""The append-only ledger of one service: one JSON line per request that changed state, the oracle of evaluations."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evals.worlds.records import Change, Store

Entry = dict[str, Any]


class Ledger:
    """Lines are flushed before `append` returns, so a reply never precedes its line; nothing is synced to disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: list[Entry] = list(_read(path))
        _drop_torn_tail(path)
        self._file = path.open("a", encoding="utf-8")

    @property
    def entries(self) -> list[Entry]:
        return self._entries

    def append(self, entry: Entry, changes: tuple[Change, ...]) -> Entry:
        """Number the entry from 1 and write it; the first change is also told at the top of the line."""
        first = changes[0]
        told: Entry = {"record_type": first.record_type, "record_id": first.record_id}
        told |= {"before": first.before, "after": first.after}
        line = {"n": len(self._entries) + 1, **entry, **told, "changes": [_as_json(change) for change in changes]}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
        self._entries.append(line)
        return line

    def replay(self, store: Store) -> None:
        """Bring a freshly seeded store to where the ledger ends."""
        for entry in self._entries:
            store.apply(Change(**change) for change in entry["changes"])


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "record_type": change.record_type,
        "record_id": change.record_id,
        "before": change.before,
        "after": change.after,
    }


def _read(path: Path) -> Iterator[Entry]:
    """The whole lines only: a line cut short by a kill was never answered, so it did not happen."""
    if not path.exists():
        return
    # Not `splitlines`: JSON leaves U+2028 and its kin in texts, which are no ends of a line here.
    for line in path.read_bytes().split(b"\n")[:-1]:
        yield json.loads(line)


def _drop_torn_tail(path: Path) -> None:
    if path.exists():
        whole = path.read_bytes().rpartition(b"\n")
        path.write_bytes(whole[0] + whole[1])
