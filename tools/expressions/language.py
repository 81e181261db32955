"""The language's two doors: `parse` an expression once and evaluate it often, or `resolve` a JSON argument."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from pydantic import JsonValue

from tools import errors
from tools.expressions import evaluation, references, syntax
from tools.labels import Label, Labelled

MARK = "$"
#: `{"$": "<expression>"}` stands for the expression's value
MAX_ARGUMENT_DEPTH = 50

_CONSTANT = frozenset((evaluation.CONSTANT_ORIGIN,))
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A checked expression. Holds no values; evaluating it twice with the same inputs gives the same result."""

    source: str
    names: frozenset[str]
    #: the names it needs in scope
    references: frozenset[str]
    #: the paths it reads, as result fields are written: `deal.company_id`, `found.data[].id`
    _tree: ast.expr = field(repr=False, compare=False)

    def evaluate(self, scope: Mapping[str, Labelled], now: datetime, constants: Label) -> Labelled:
        """The value for these inputs. `now` is the time recorded for the step, `constants` the label of what is written
        in the source itself.

        Raises ExpressionFailed, naming the path, when there is no value: a missing key, operands that do not go
        together, a result too big.
        """
        return evaluation.evaluate(self._tree, scope, now, constants)


@lru_cache(maxsize=4096)
def parse(source: str) -> Expression:
    """The expression `source` says. Raises ExpressionInvalid with the column and what is allowed."""
    tree = syntax.checked(source)
    paths = references.paths(tree)
    return Expression(source=source, names=references.roots(paths), references=paths, _tree=tree)


def resolve(value: JsonValue, scope: Mapping[str, Labelled], now: datetime, constants: Label) -> Labelled:
    """`value` with every `{"$": "<expression>"}` in it replaced by what it evaluates to; all else gets `constants`.

    Raises ExpressionInvalid and ExpressionFailed as `parse` and `Expression.evaluate` do, with the place as
    `data["pointer"]` (RFC 6901).
    """

    def resolved(part: JsonValue, pointer: str, depth: int) -> Labelled:
        expression = _expression_at(part, pointer, depth)
        if expression is not None:
            return _placed(pointer, lambda: expression.evaluate(scope, now, constants))
        inner = {key: resolved(child, place, depth + 1) for key, child, place in _children(part, pointer)}
        if isinstance(part, dict):
            return Labelled(value={str(key): child for key, child in inner.items()}, own=constants, sources=_CONSTANT)
        if isinstance(part, list):
            return Labelled(value=tuple(inner.values()), own=constants, sources=_CONSTANT)
        return Labelled(value=part, own=constants, sources=_CONSTANT)

    return resolved(value, "", 0)


def references_in(value: JsonValue) -> frozenset[str]:
    """The paths read by all expressions in `value`. Raises ExpressionInvalid, with the place, for one that is none."""

    def read(part: JsonValue, pointer: str, depth: int) -> Iterator[str]:
        expression = _expression_at(part, pointer, depth)
        if expression is not None:
            yield from expression.references
            return
        for _, child, place in _children(part, pointer):
            yield from read(child, place, depth + 1)

    return frozenset(read(value, "", 0))


def _expression_at(value: JsonValue, pointer: str, depth: int) -> Expression | None:
    if depth > MAX_ARGUMENT_DEPTH:
        raise errors.ExpressionInvalid(f"arguments are nested at most {MAX_ARGUMENT_DEPTH} deep", pointer=pointer)
    if not isinstance(value, dict) or MARK not in value:
        return None
    source = value[MARK]
    if len(value) > 1 or not isinstance(source, str):
        raise errors.ExpressionInvalid(
            f'{pointer or "/"}: an expression is written {{"{MARK}": "<text>"}}, with no other key', pointer=pointer
        )
    return _placed(pointer, lambda: parse(source))


def _placed(pointer: str, work: Callable[[], _Result]) -> _Result:
    """What `work` gives; an error of the language says where in the arguments it arose."""
    try:
        return work()
    except (errors.ExpressionInvalid, errors.ExpressionFailed) as exc:
        raise type(exc)(f"{pointer or '/'}: {exc.message}", **{**exc.data, "pointer": pointer}) from exc


def _children(value: JsonValue, pointer: str) -> Iterator[tuple[str | int, JsonValue, str]]:
    """Each part of a container with its key and its JSON pointer; nothing for a scalar."""
    parts: Iterable[tuple[str | int, JsonValue]] = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    for key, part in parts:
        yield key, part, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
