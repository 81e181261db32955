"""Records in memory: tables, changes, and a transaction that stages changes until they are committed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]
Tables = Mapping[str, Mapping[str, Record]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One record before and after; `before` is None for a creation, `after` for a deletion."""

    record_type: str
    record_id: str
    before: Record | None
    after: Record | None


class Store:
    """The whole state of one service. Records are replaced, never changed in place."""

    def __init__(self, seed: Tables) -> None:
        self._tables: dict[str, dict[str, Record]] = {name: dict(rows) for name, rows in seed.items()}
        self._created = {name: len(rows) for name, rows in self._tables.items()}

    @property
    def tables(self) -> Tables:
        return self._tables

    def created(self, table: str) -> int:
        """How many records the table was ever given, deleted ones included: the source of ids."""
        return self._created[table]

    def apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            table = self._tables[change.record_type]
            if change.after is None:
                table.pop(change.record_id, None)
                continue
            table[change.record_id] = change.after
            if change.before is None:
                self._created[change.record_type] += 1


class Transaction:
    """Staged changes over a store: seen by this transaction at once, by others after `Store.apply`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._staged: dict[tuple[str, str], Change] = {}

    @property
    def changes(self) -> tuple[Change, ...]:
        """One change per record, in the order in which the records were first touched."""
        return tuple(self._staged.values())

    def get(self, table: str, record_id: str) -> Record | None:
        staged = self._staged.get((table, record_id))
        return staged.after if staged else self._store.tables[table].get(record_id)

    def rows(self, table: str) -> list[Record]:
        """All records of the table, oldest first."""
        rows = dict(self._store.tables[table])
        for (name, record_id), change in self._staged.items():
            if name == table and change.after is None:
                rows.pop(record_id, None)
            elif name == table and change.after is not None:
                rows[record_id] = change.after
        return list(rows.values())

    def next_number(self, table: str) -> int:
        """The ordinal of the next record of the table, counted from 1; never given twice."""
        staged = sum(1 for change in self._staged.values() if change.record_type == table and change.before is None)
        return self._store.created(table) + staged + 1

    def put(self, table: str, record_id: str, record: Record) -> Record:
        self._stage(table, record_id, record)
        return record

    def remove(self, table: str, record_id: str) -> None:
        self._stage(table, record_id, None)

    def _stage(self, table: str, record_id: str, after: Record | None) -> None:
        before = self._store.tables[table].get(record_id)
        if before == after:
            self._staged.pop((table, record_id), None)
            return
        self._staged[(table, record_id)] = Change(record_type=table, record_id=record_id, before=before, after=after)
