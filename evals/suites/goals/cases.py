"""The goals with what each must change, and the judge that holds the systems' ledgers against it.

`dev.yaml` may be looked at while the planner is worked on. `test.yaml` was written before the planner, by another hand,
and is never tuned to.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent
SERVER_SET = frozenset({"updated_at", "created_at", "version", "etag", "modified", "updated", "last_modified"})
#: fields that a system sets by itself on every change


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(Part):
    """One entry that must stand in a system's ledger.

    A field is named by its name or a dotted path, and read from the record, else (a reason, a comment) from the
    request. Everything that the request set or changed must be named: in `fields`, `contains` or `may`. The ledgers
    write a request with its defaults filled in, so these must be named too.
    """

    system: str
    operation: str
    #: method and path template as the ledger has them: `POST /contacts`
    instead: tuple[str, ...] = ()
    #: other operations that bring about the very same
    record_id: str | None = None
    #: which record, for changes of one that was there before
    fields: dict[str, Any] = Field(default_factory=dict)
    #: what must be there · a number is compared as a number, a text letter by letter
    contains: dict[str, str] = Field(default_factory=dict)
    #: fields of free text that must contain this, whatever else they say
    may: dict[str, Any] = Field(default_factory=dict)
    #: further fields that may be set or changed, with the values they may have (a list: one of these; "*": any)


class Case(Part):
    id: str
    half: Literal["dev", "test"]
    kind: Literal["single", "lookup", "multi"]
    goal: str
    changes: tuple[Change, ...] = ()
    #: nothing at all must change when this is empty: the goal's condition does not hold


class Judgement(Part):
    """`is_right`: all that was meant happened and nothing else. `wrong`: entries that nobody asked for."""

    is_right: bool
    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


def load(half: Literal["dev", "test"]) -> list[Case]:
    return read(FOLDER / f"{half}.yaml", half)


def read(path: Path, half: Literal["dev", "test"]) -> list[Case]:
    """The cases of any file of that form."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Case.model_validate({"half": half, **case}) for case in raw]


def judge(case: Case, entries: dict[str, list[dict[str, Any]]]) -> Judgement:
    """Hold the entries (system -> those written since the goal was submitted) against what the case expects."""
    left = [(system, entry) for system, written in entries.items() for entry in written]
    missing: list[str] = []
    for change in case.changes:
        found = next((one for one in left if _is_meant(change, *one)), None)
        if found is None:
            missing.append(f"{change.system} {change.operation}")
        else:
            left.remove(found)
    wrong = tuple(f"{system} {entry['operation']} {entry['record_id']}" for system, entry in left)
    return Judgement(is_right=not missing and not wrong, missing=tuple(missing), wrong=wrong)


def _is_meant(change: Change, system: str, entry: dict[str, Any]) -> bool:
    if system != change.system or entry["operation"] not in (change.operation, *change.instead):
        return False
    if change.record_id is not None and entry["record_id"] != change.record_id:
        return False
    told = {**(entry.get("request") or {}), **(entry["after"] or {})}
    has = all(_equal(_at(told, path), value) for path, value in change.fields.items())
    says = all(text.casefold() in str(_at(told, path)).casefold() for path, text in change.contains.items())
    touched = _touched(entry)
    named = {*change.fields, *change.contains, *change.may}
    is_named = all(any(_covers(name, path) for name in named) for path in touched)
    set_freely = {name for name in change.may if any(_covers(name, path) for path in touched)}
    is_allowed = all(_is_allowed(_at(told, name), change.may[name]) for name in set_freely)
    return has and says and is_named and is_allowed


def _touched(entry: dict[str, Any]) -> set[str]:
    """The paths that the request set in a new record or changed in an old one: what a system adds does not count."""
    asked = entry.get("request") or {}
    before, after = entry["before"], entry["after"]
    if before is None or after is None:
        return set(_leaves(asked))
    was, is_now = _leaves(before), _leaves(after)
    changed = {path for path in {*was, *is_now} if was.get(path) != is_now.get(path)}
    # A closing comment or the reason of a termination is told in the request and kept elsewhere or nowhere.
    beside = _leaves({name: value for name, value in asked.items() if name not in after})
    return {path for path in changed if path.partition(".")[0] not in SERVER_SET} | set(beside)


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Dotted path -> value for all that holds one: null, `[]` and `{}` are the same as nothing."""
    if value is None:
        return {}
    if not isinstance(value, dict | list):
        return {path: value}
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    return {k: v for name, part in parts for k, v in _leaves(part, f"{path}.{name}" if path else str(name)).items()}


def _covers(name: str, path: str) -> bool:
    return path == name or path.startswith(f"{name}.")


def _at(record: dict[str, Any], path: str) -> Any:
    value: Any = record
    for part in path.split("."):
        if isinstance(value, list) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _is_allowed(value: Any, allowed: Any) -> bool:
    if allowed == "*":
        return True
    return any(_equal(value, one) for one in (allowed if isinstance(allowed, list) else [allowed]))


def _equal(found: Any, meant: Any) -> bool:
    if isinstance(found, list) and isinstance(meant, list):
        return len(found) == len(meant) and all(map(_equal, found, meant))
    if isinstance(found, dict) and isinstance(meant, dict):
        return all(_equal(found.get(name), value) for name, value in meant.items())
    if isinstance(found, bool) or isinstance(meant, bool) or found is None or meant is None:
        return found is meant
    if isinstance(meant, int | float):
        # `18400.00` in a document's decimal text and 18400 in the case are one amount.
        try:
            return float(found) == float(meant)
        except (TypeError, ValueError):
            return False
    return str(found) == str(meant)
