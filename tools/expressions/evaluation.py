"""Evaluates a checked syntax tree over labelled values.

The law: a result carries the lowest label and all origins of whatever it was made from, the condition that chose it and
the index that found it included. So a value an attacker can influence never comes out trusted.

Where only the shape of a container matters (its length, its keys, whether it is empty or null), the container's own
label counts and not those of its contents.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import JsonValue

from tools import errors
from tools.expressions import arithmetic, syntax
from tools.expressions.access import SHOWN_KEYS, child, listed
from tools.expressions.functions import FUNCTIONS, ordered
from tools.labels import Label, Labelled, labelled

MAX_STEPS = 500_000
#: units of work of one evaluation: about one per syntax node evaluated and per value looked at

CONSTANT_ORIGIN = "plan"
CLOCK_ORIGIN = "clock"

_Scope = Mapping[str, Labelled]


def evaluate(tree: ast.expr, scope: _Scope, now: datetime, constants: Label) -> Labelled:
    """The value of `tree`. Raises ExpressionFailed when there is none, or when it costs more than MAX_STEPS."""
    try:
        run = _Evaluation(now, constants)
        result = run.value(tree, scope)
        run.influence([result])
    except RecursionError:
        raise errors.ExpressionFailed("a value here is nested too deep") from None
    return result


class _Influence:
    """What a value was made from, summed up: the lowest label and every origin."""

    __slots__ = ("label", "origins")

    def __init__(self, label: Label, origins: frozenset[str]) -> None:
        self.label = label
        self.origins = origins


class _Evaluation:
    def __init__(self, now: datetime, constants: Label) -> None:
        self._now = now
        self._constants = constants
        self._steps = 0

    def value(self, node: ast.AST, scope: _Scope) -> Labelled:
        self._spend(1)
        match node:
            case ast.Constant():
                assert isinstance(node.value, str | int | float | None), "the check refuses other constants"
                return self._constant(node.value)
            case ast.Name():
                return self._name(node.id, scope)
            case ast.Attribute():
                return child(self.value(node.value, scope), node.attr, node)
            case ast.Subscript():
                return self._subscript(node, scope)
            case ast.BinOp():
                return self._arithmetic(node, scope)
            case ast.UnaryOp():
                return self._unary(node, scope)
            case ast.BoolOp():
                return self._boolean(node, scope)
            case ast.Compare():
                return self._comparison(node, scope)
            case ast.IfExp():
                test = self.value(node.test, scope)
                chosen = self.value(node.body if is_true(test) else node.orelse, scope)
                return self._lowered(chosen, self.influence([_shape(test)]))
            case ast.List():
                return self._list([self.value(element, scope) for element in node.elts])
            case ast.Dict():
                return self._object(node, scope)
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(node, scope)
            case ast.JoinedStr():
                return self._text(node, scope)
            case ast.Call(func=ast.Name(id=name)):
                return self._call(name, [self.value(argument, scope) for argument in node.args])
            case _:
                raise errors.ExpressionFailed("this is not part of the language")

    def influence(self, sources: Iterable[Labelled]) -> _Influence:
        """The lowest label and all origins of `sources`, of containers and of all that is in them."""
        label, origins, waiting = Label.USER, set[str](), list(sources)
        while waiting:
            part = waiting.pop()
            self._spend(1 + (len(part.value) // 64 if isinstance(part.value, str) else 0))
            label = min(label, part.own)
            origins |= part.sources
            if isinstance(part.value, Mapping):
                waiting.extend(part.value.values())
            elif isinstance(part.value, tuple):
                waiting.extend(part.value)
        return _Influence(label, frozenset(origins))

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise errors.ExpressionFailed(
                "the expression takes too much work for these inputs; narrow the lists it reads"
            )

    def _made(self, value: JsonValue, sources: Iterable[Labelled]) -> Labelled:
        influence = self.influence(sources)
        return labelled(value, influence.label, *influence.origins)

    def _lowered(self, value: Labelled, influence: _Influence) -> Labelled:
        """`value`, no part of it trusted more than `influence`."""
        self._spend(1)
        inner = value.value
        if isinstance(inner, Mapping):
            inner = {name: self._lowered(part, influence) for name, part in inner.items()}
        elif isinstance(inner, tuple):
            inner = tuple(self._lowered(part, influence) for part in inner)
        return Labelled(value=inner, own=min(value.own, influence.label), sources=value.sources | influence.origins)

    def _constant(self, value: JsonValue) -> Labelled:
        return labelled(value, self._constants, CONSTANT_ORIGIN)

    def _name(self, name: str, scope: _Scope) -> Labelled:
        if name in syntax.CONSTANT_NAMES:
            return self._constant(syntax.CONSTANT_NAMES[name])
        if name in scope:
            return scope[name]
        raise errors.ExpressionFailed(
            f"there is no `{name}` here; there are: {listed(scope)}", path=name, keys=sorted(scope)[:SHOWN_KEYS]
        )

    def _subscript(self, node: ast.Subscript, scope: _Scope) -> Labelled:
        base = self.value(node.value, scope)
        key = syntax.literal_index(node.slice)
        if key is not None:
            # A written index is part of the path, like an attribute; it chooses nothing at run time.
            return child(base, key, node)
        index = self.value(node.slice, scope)
        if isinstance(index.value, bool) or not isinstance(index.value, str | int):
            raise errors.ExpressionFailed(f"an index is a number or a text; this is {arithmetic.kind(index.value)}")
        return self._lowered(child(base, index.value, node), self.influence([index]))

    def _arithmetic(self, node: ast.BinOp, scope: _Scope) -> Labelled:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        operator = syntax.OPERATORS[type(node.op)]
        if isinstance(left.value, tuple) and isinstance(right.value, tuple) and operator == "+":
            joined = Labelled(value=arithmetic.bounded(left.value + right.value), own=self._constants)
            # The length of the left list decides where the right one begins.
            return self._lowered(joined, self.influence([_shape(left), _shape(right)]))
        return self._made(arithmetic.binary(operator, left.plain(), right.plain()), [left, right])

    def _unary(self, node: ast.UnaryOp, scope: _Scope) -> Labelled:
        operand = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            return self._made(not is_true(operand), [_shape(operand)])
        if not arithmetic.is_number(operand.plain()):
            raise errors.ExpressionFailed(f"a sign stands before a number; this is {arithmetic.kind(operand.value)}")
        sign = -1 if isinstance(node.op, ast.USub) else 1
        return self._made(arithmetic.binary("*", operand.plain(), sign), [operand])

    def _boolean(self, node: ast.BoolOp, scope: _Scope) -> Labelled:
        """The operand that decides, as in Python, lowered by those that were looked at before it."""
        seen: list[Labelled] = []
        for operand in node.values:
            seen.append(self.value(operand, scope))
            if is_true(seen[-1]) is isinstance(node.op, ast.Or):
                break
        return self._lowered(seen[-1], self.influence(map(_shape, seen)))

    def _comparison(self, node: ast.Compare, scope: _Scope) -> Labelled:
        left = self.value(node.left, scope)
        looked_at: list[Labelled] = []
        holds = True
        for operator, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.value(comparator, scope)
            is_by_shape = isinstance(operator, ast.Is | ast.IsNot) or (
                isinstance(operator, ast.In | ast.NotIn) and isinstance(right.value, Mapping)
            )
            looked_at += [_shape(left), _shape(right)] if is_by_shape else [left, right]
            holds = _compare(operator, left.plain(), right.plain())
            if not holds:
                break
            left = right
        return self._made(holds, looked_at)

    def _list(self, elements: list[Labelled]) -> Labelled:
        return Labelled(value=tuple(elements), own=self._constants, sources=frozenset((CONSTANT_ORIGIN,)))

    def _object(self, node: ast.Dict, scope: _Scope) -> Labelled:
        entries: dict[str, Labelled] = {}
        computed: list[Labelled] = []
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            assert key_node is not None, "the check refuses `**`"
            key = self.value(key_node, scope)
            if not isinstance(key.value, str):
                raise errors.ExpressionFailed(
                    f"the keys of an object are texts; this one is {arithmetic.kind(key.value)}"
                )
            if not isinstance(key_node, ast.Constant):
                computed.append(key)
            entries[key.value] = self.value(value_node, scope)
        made = Labelled(value=entries, own=self._constants, sources=frozenset((CONSTANT_ORIGIN,)))
        # A computed key decides which entry is found under which name, so it lowers all of them.
        return self._lowered(made, self.influence(computed)) if computed else made

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, scope: _Scope) -> Labelled:
        generator = node.generators[0]
        source = self.value(generator.iter, scope)
        if not isinstance(source.value, tuple):
            raise errors.ExpressionFailed(f"a comprehension goes over a list; this is {arithmetic.kind(source.value)}")
        made: list[Labelled] = []
        tests: list[Labelled] = []
        for element in source.value:
            inner = {**scope, syntax.target(node): element}
            passed = True
            for condition in generator.ifs:
                tests.append(_shape(self.value(condition, inner)))
                passed = is_true(tests[-1])
                if not passed:
                    break
            if passed:
                made.append(self.value(node.elt, inner))
        kept = Labelled(value=arithmetic.bounded(tuple(made)), own=source.own, sources=source.sources)
        # Every test moves the elements after it, so all tests lower all elements.
        return self._lowered(kept, self.influence(tests)) if tests else kept

    def _text(self, node: ast.JoinedStr, scope: _Scope) -> Labelled:
        parts: list[str] = []
        made_from: list[Labelled] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                field = self.value(part.value, scope)
                parts.append(_written(field, syntax.format_spec(part)))
            else:
                field = self.value(part, scope)
                parts.append(str(field.value))
            made_from.append(field)
        return self._made(arithmetic.bounded("".join(parts)), made_from or [self._constant("")])

    def _call(self, name: str, arguments: list[Labelled]) -> Labelled:
        result = FUNCTIONS[name].apply([argument.plain() for argument in arguments], self._now)
        if not arguments:
            # now() is the only function without arguments: our own clock's reading, a closed type, set by no person.
            return labelled(result, Label.TYPED, CLOCK_ORIGIN)
        return self._made(result, map(_shape, arguments) if name == "len" else arguments)


def is_true(value: Labelled) -> bool:
    """Python's truth of a JSON value: null, false, 0, "" and empty containers are false."""
    return bool(value.value)


def _shape(value: Labelled) -> Labelled:
    """A stand-in for `value` when only its shape was looked at: a container without what is in it."""
    if not isinstance(value.value, Mapping | tuple):
        return value
    return Labelled(value=bool(value.value), own=value.own, sources=value.sources)


def _compare(operator: ast.cmpop, left: JsonValue, right: JsonValue) -> bool:
    match operator:
        case ast.Eq() | ast.Is():
            # `is` comes only with null, for which it means the same.
            return left == right
        case ast.NotEq() | ast.IsNot():
            return left != right
        case ast.Lt():
            return ordered(left, right)
        case ast.Gt():
            return ordered(right, left)
        case ast.LtE():
            return not ordered(right, left)
        case ast.GtE():
            return not ordered(left, right)
        case ast.In():
            return _contains(right, left)
        case _:
            return not _contains(right, left)


def _contains(container: JsonValue, part: JsonValue) -> bool:
    if isinstance(container, list):
        return part in container
    if isinstance(container, str | dict) and isinstance(part, str):
        return part in container
    raise errors.ExpressionFailed(f"`in` cannot look for {arithmetic.kind(part)} in {arithmetic.kind(container)}")


def _written(field: Labelled, spec: str) -> str:
    """A value as an f-string writes it: JSON's spelling, and nothing for which a reader would have to guess."""
    value = field.value
    if spec:
        return arithmetic.formatted(field.plain(), spec)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise errors.ExpressionFailed(f"{arithmetic.kind(value)} cannot be written into a text; choose a field of it")
