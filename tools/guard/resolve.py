"""What may be done about an effect in doubt, and what a look-up says about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from tools.action import Action, Probe, ResolverKind
from tools.labels import Label, Labelled
from tools.tables import Effect

KEY_MARGIN_S = 3600
#: seconds before a key's end of life at which Interlock stops resending with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """It happened; this is the record."""

    record: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """It did not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """The look-up cannot tell."""

    why: str


Looked = Found | Absent | Unclear


def means(action: Action, effect: Effect, moment: datetime) -> ResolverKind:
    """The resolver to rely on for this effect now; a probe stands in for a key that is unproven or too old."""
    resolver = action.resolver
    is_fresh = (moment - effect.created_at).total_seconds() < resolver.key_ttl_s - KEY_MARGIN_S
    if resolver.key_header and resolver.is_proven and is_fresh:
        return ResolverKind.KEY
    if resolver.probe is not None:
        return ResolverKind.NATURAL_KEY if resolver.kind is ResolverKind.NATURAL_KEY else ResolverKind.PROBE
    return ResolverKind.PARK


def probe_arguments(probe: Probe, arguments: Labelled) -> Labelled:
    """The probe's arguments, taken from the effect's."""
    given = arguments.value if isinstance(arguments.value, Mapping) else {}
    taken = {name: given[source] for name, source in probe.arguments.items() if source in given}
    return Labelled(value=taken, own=Label.ADMIN)


def compare(probe: Probe, arguments: dict[str, Any], result: JsonValue) -> Looked:
    """Whether `result` holds the one record that the effect would have made.

    Fields that both the record and the arguments have must agree, not only the natural key: a record that was there
    before with other values is not ours.
    """
    missing = [source for source in probe.arguments.values() if source not in arguments]
    if missing:
        return Unclear(why=f"the look-up needs {', '.join(missing)}, which the call did not have")
    records = _records(probe, result)
    if records is None:
        return Unclear(why="the look-up's answer has not the documented form")
    same = [record for record in records if _is_same(probe, arguments, record)]
    if len(same) == 1:
        return Found(record=same[0])
    if same:
        return Unclear(why=f"{len(same)} records look like it")
    return Absent()


def _records(probe: Probe, result: JsonValue) -> list[dict[str, JsonValue]] | None:
    for part in probe.items.split(".") if probe.items else []:
        result = result.get(part) if isinstance(result, dict) else None
    if isinstance(result, dict):
        return [result]
    if isinstance(result, list):
        return [record for record in result if isinstance(record, dict)]
    return None


def _is_same(probe: Probe, arguments: dict[str, Any], record: dict[str, JsonValue]) -> bool:
    keyed = all(_equal(record.get(field), arguments.get(name)) for field, name in probe.matches.items())
    shared = [name for name in arguments if name in record and not isinstance(arguments[name], dict | list)]
    return keyed and all(_equal(record[name], arguments[name]) for name in shared)


def _equal(found: JsonValue, meant: JsonValue) -> bool:
    if isinstance(found, str) and isinstance(meant, str):
        # Systems fold the case of e-mails and trim blanks; a difference of that kind is not another record.
        return found.strip().casefold() == meant.strip().casefold()
    if isinstance(found, bool) or isinstance(meant, bool) or found is None or meant is None:
        return found == meant
    return str(found) == str(meant) or _number(found) == _number(meant) is not None


def _number(value: JsonValue) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
