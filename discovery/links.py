"""Who produces what others need: for an argument that names a record, the reads whose results carry it. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from discovery.lower import ArgumentSignature, ResultField, Signature
from discovery.words import noun, snake, split
from tools.action import ActionClass

TEMPLATE = re.compile(r"/([^/{}]+)/\{([^{}]+)\}")
ID_WORDS = frozenset({"id", "ids", "uuid", "key", "sid", "guid", "ref", "number", "code"})
RANKS = {"same system listing": 1.0, "same system": 0.9, "same name": 0.6, "other system": 0.4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    """A read whose result holds a value for the argument."""

    signature: Signature
    field: str
    #: path in its result: `data[].id`
    score: float
    #: 1 is best
    why: str


class Links:
    """The reads of a catalogue by the kind of record and the fields that they give; built once, asked many times."""

    def __init__(self, signatures: Iterable[Signature]) -> None:
        self._reads: dict[tuple[str, str], dict[str, Signature]] = defaultdict(dict)
        #: (system, noun or field name) -> the reads whose results hold it; without a system, those of that resource
        self._answers: dict[tuple[str, str, str], list[Producer]] = {}
        #: by system, name and noun: a surface asks for its `owner` and `repo` a thousand times
        for signature in signatures:
            if signature.action_class is ActionClass.READ:
                for key in _given(signature):
                    self._reads[key][signature.id] = signature

    def producers(self, consumer: Signature, argument: str, limit: int = 10) -> list[Producer]:
        """The reads that can give a value for `consumer`'s `argument`, the best first; [] when it names no record."""
        wanted = needs(consumer, argument)
        if wanted is None:
            return []
        asked = (consumer.system, snake(argument), wanted)
        if asked not in self._answers:
            self._answers[asked] = self._ranked(*asked)
        others = (one for one in self._answers[asked] if one.signature.id != consumer.id)
        return list(islice(others, limit))

    def _ranked(self, system: str, spelled: str, wanted: str) -> list[Producer]:
        keys = (("", wanted), (system, wanted), (system, spelled))
        near = {id_: read for key in keys for id_, read in self._reads.get(key, {}).items()}
        found = [one for read in near.values() for one in _produced(read, system, spelled, wanted)]
        return sorted(found, key=lambda one: (-one.score, one.signature.id, one.field))


def needs(consumer: Signature, argument: str) -> str | None:
    """The resource whose id the argument takes: `company_id` -> company, `/companies/{id}` -> company, else None."""
    for segment, name in TEMPLATE.findall(consumer.path):
        if name == argument:
            own = _noun_of_id(name)
            return own or noun(segment)
    taken = next((one for one in consumer.args if one.name == argument), None)
    if taken is None:
        return None
    return _noun_of_id(argument) or (noun(argument) if taken.is_target and _may_be_id(taken) else None)


@lru_cache(maxsize=20_000)
def _noun_of_id(name: str) -> str:
    words = split(name)
    return noun("_".join(words[:-1])) if len(words) > 1 and words[-1] in ID_WORDS else ""


def _may_be_id(argument: ArgumentSignature) -> bool:
    return bool({"string", "integer"} & set(argument.type.split("|"))) and not argument.enum and argument.unit is None


def _produced(signature: Signature, system: str, spelled: str, wanted: str) -> Sequence[Producer]:
    is_near = signature.system == system
    is_resource = _same(signature.resource, wanted)
    found = []
    for field in signature.result:
        why = _why(signature, field, spelled, wanted, is_near, is_resource)
        if why:
            # A producer that itself needs ids is farther away, and so is a field deep in its answer.
            needed = sum(argument.required for argument in signature.args)
            nearness = 1 / (1 + 0.05 * field.path.count(".") + 0.02 * needed)
            found.append(Producer(signature=signature, field=field.path, score=RANKS[why] * nearness, why=why))
    return found


def _why(
    signature: Signature, field: ResultField, spelled: str, wanted: str, is_near: bool, is_resource: bool
) -> str | None:
    """The kind of link, a key of RANKS."""
    prefix = field.path.rpartition(".")[0]
    name, holder = _field(field.path)
    is_own = prefix in ("", signature.items, f"{signature.items}[]", "[]", "data")
    if is_resource and is_own and (name in ("id", "uuid", "key", "sid") or name == spelled):
        if not is_near:
            return "other system"
        return "same system listing" if signature.items is not None else "same system"
    if name == spelled and name not in ID_WORDS:
        return "same name" if is_near else None
    is_nested = name in ("id", "uuid") and _same(holder, wanted)
    return "same name" if is_near and (is_nested or _noun_of_id(name) == wanted) else None


def _given(signature: Signature) -> Iterator[tuple[str, str]]:
    """The keys under which a read is found: whatever `_why` could link it by."""
    yield from (("", noun_of) for noun_of in _endings(signature.resource))
    for field in signature.result:
        name, holder = _field(field.path)
        yield signature.system, name
        yield signature.system, _noun_of_id(name)
        if name in ("id", "uuid"):
            yield from ((signature.system, noun_of) for noun_of in _endings(holder))


def _endings(resource: str) -> list[str]:
    """`sales_order` -> sales_order, order."""
    words = resource.split("_") if resource else []
    return ["_".join(words[place:]) for place in range(len(words))]


@lru_cache(maxsize=20_000)  # the same fields stand in many results
def _field(path: str) -> tuple[str, str]:
    """The name of a result's field, and the noun of what holds it: `data[].owner.id` -> id, owner."""
    prefix, _, last = path.rpartition(".")
    return snake(last or path), noun(prefix.rpartition(".")[2].removesuffix("[]"))


def _same(resource: str, wanted: str) -> bool:
    """`sales_order` answers for `order` as well, when nothing says otherwise."""
    return bool(wanted) and (resource == wanted or resource.endswith(f"_{wanted}"))
