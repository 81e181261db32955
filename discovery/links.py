"""Who produces what others need: for an argument that names a record, the reads whose results carry it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


def producers(consumer: Signature, argument: str, signatures: Iterable[Signature], limit: int = 10) -> list[Producer]:
    """The reads that can give a value for `consumer`'s `argument`, the best first; [] when it names no record."""
    wanted = needs(consumer, argument)
    if wanted is None:
        return []
    found = [
        producer
        for signature in signatures
        if signature.action_class is ActionClass.READ and signature.id != consumer.id
        for producer in _produced(signature, consumer, argument, wanted)
    ]
    return sorted(found, key=lambda one: (-one.score, one.signature.id, one.field))[:limit]


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


def _noun_of_id(name: str) -> str:
    words = split(name)
    return noun("_".join(words[:-1])) if len(words) > 1 and words[-1] in ID_WORDS else ""


def _may_be_id(argument: ArgumentSignature) -> bool:
    return bool({"string", "integer"} & set(argument.type.split("|"))) and not argument.enum and argument.unit is None


def _produced(signature: Signature, consumer: Signature, argument: str, wanted: str) -> Sequence[Producer]:
    is_near = signature.system == consumer.system
    is_resource = _same(signature.resource, wanted)
    found = []
    for field in signature.result:
        why = _why(signature, field, argument, wanted, is_near, is_resource)
        if why:
            # A producer that itself needs ids is farther away, and so is a field deep in its answer.
            needed = sum(argument.required for argument in signature.args)
            nearness = 1 / (1 + 0.05 * field.path.count(".") + 0.02 * needed)
            found.append(Producer(signature=signature, field=field.path, score=RANKS[why] * nearness, why=why))
    return found


def _why(
    signature: Signature, field: ResultField, argument: str, wanted: str, is_near: bool, is_resource: bool
) -> str | None:
    """The kind of link, a key of RANKS."""
    prefix, _, last = field.path.rpartition(".")
    name = snake(last or field.path)
    is_own = prefix in ("", signature.items, f"{signature.items}[]", "[]", "data")
    if is_resource and is_own and (name in ("id", "uuid", "key", "sid") or name == snake(argument)):
        if not is_near:
            return "other system"
        return "same system listing" if signature.items is not None else "same system"
    if name == snake(argument) and name not in ID_WORDS:
        return "same name" if is_near else None
    holder = noun(prefix.rpartition(".")[2].removesuffix("[]"))
    is_nested = name in ("id", "uuid") and _same(holder, wanted)
    return "same name" if is_near and (is_nested or _noun_of_id(name) == wanted) else None


def _same(resource: str, wanted: str) -> bool:
    """`sales_order` answers for `order` as well, when nothing says otherwise."""
    return bool(wanted) and (resource == wanted or resource.endswith(f"_{wanted}"))
