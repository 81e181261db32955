"""The static check of a plan: everything that can be known to be wrong before anything runs.

Pure. Each defect names its step and a mend, so that a planner can repair the plan; a plan without defects can still be
refused by the guard, which judges every call when it is made.
"""

from __future__ import annotations

import graphlib
import keyword
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

import jsonschema_rs
from pydantic import JsonValue

from agent import fit
from agent.fit import Fault, Shape
from agent.plan import Defect, Plan, Step, conditions, dependencies
from discovery.lower import Signature
from tools import call, errors, expressions
from tools.action import ActionId
from tools.expressions import references
from tools.expressions.functions import FUNCTIONS
from tools.expressions.syntax import CONSTANT_NAMES

MAX_ARGS_BYTES = 65_536
#: of one step's args, written as JSON
MAX_DEFECTS = 100
#: of one plan; a planner mends these first
MAX_WAIT_S = 366 * 86_400.0

INPUTS, ITEM = "inputs", "item"
RESERVED = frozenset({INPUTS, ITEM, "goal", *FUNCTIONS, *CONSTANT_NAMES, *keyword.kwlist})
#: names that mean something else in an expression, so no step may bear them

_ARGS = {
    "let": ({"value"}, set[str]()),
    "ask": ({"question"}, {"schema"}),
    "extract": ({"text", "schema"}, set[str]()),
    "wait": (set[str](), {"seconds", "until"}),
}
#: by kind: the args that must be there, and those that may


def review(
    plan: Plan,
    signatures: Mapping[ActionId, Signature],
    *,
    inputs: frozenset[str] = frozenset(),
    systems_connected: frozenset[str],
) -> tuple[Defect, ...]:
    """The defects of `plan`, in the order of its steps, at most `MAX_DEFECTS`; then those of the plan as a whole.

    `signatures` are the actions it may use, `inputs` the names below `inputs` that it may read.
    """
    checker = _Review(plan, signatures, inputs, systems_connected)
    defects = (
        Defect(step=step.id, problem=fault.problem, mend=fault.mend)
        for step in plan.steps
        for fault in checker.faults(step)
    )
    return (*islice(defects, MAX_DEFECTS), *_circles(plan))


class _Review:
    """One plan under review. Each method yields the faults of one kind."""

    def __init__(
        self,
        plan: Plan,
        signatures: Mapping[ActionId, Signature],
        inputs: frozenset[str],
        systems_connected: frozenset[str],
    ) -> None:
        self._steps = {step.id: step for step in plan.steps}
        self._uses = Counter(step.id for step in plan.steps)
        self._signatures = signatures
        self._inputs = inputs
        self._systems = systems_connected

    def faults(self, step: Step) -> Iterator[Fault]:
        yield from self._name(step)
        yield from self._after(step)
        yield from self._conditions(step)
        yield from self._args(step)
        if step.kind == "call":
            yield from self._call(step)
        else:
            yield from _own_args(step)

    def _name(self, step: Step) -> Iterator[Fault]:
        if self._uses[step.id] > 1:
            yield Fault(f"{self._uses[step.id]} steps are named `{step.id}`", "give each step its own name")
        if step.id in RESERVED:
            yield Fault(f"`{step.id}` has a meaning in expressions", f"name the step `{step.id}_step`")

    def _after(self, step: Step) -> Iterator[Fault]:
        for name in step.after:
            if name == step.id:
                yield Fault("the step comes after itself", "remove it from `after`")
            elif name not in self._steps:
                yield Fault(f"`after` names `{name}`, which is no step", fit.nearest(name, self._steps, "steps"))

    def _conditions(self, step: Step) -> Iterator[Fault]:
        for field, source in conditions(step):
            try:
                paths = expressions.parse(source).references
            except errors.ExpressionInvalid as exc:
                yield Fault(f"`{field}`: {exc.message}")
            else:
                yield from self._paths(step, field, paths)
        if step.for_each is not None:
            yield from self._loop(step.for_each)

    def _loop(self, source: str) -> Iterator[Fault]:
        kind = self._type(source)
        if not {"array", "null", fit.ANY} & set(kind.split("|")):
            yield Fault(f"`for_each` needs a list; `{fit.shown(source)}` is {kind}", "name the list in the result")

    def _args(self, step: Step) -> Iterator[Fault]:
        try:
            size = len(call.canonical(step.args))
            paths = expressions.references_in(step.args)
        except errors.Invalid as exc:
            yield Fault(f"`args`: {exc.message}")
            return
        if size > MAX_ARGS_BYTES:
            yield Fault(f"`args` has {size} bytes; the most is {MAX_ARGS_BYTES}", "split the step, or say less")
        yield from self._paths(step, "args", paths)

    def _paths(self, step: Step, field: str, paths: frozenset[str]) -> Iterator[Fault]:
        for path in sorted(paths):
            (root,) = references.roots(frozenset({path}))
            if root == INPUTS:
                yield from self._input(path)
            elif root == ITEM:
                yield from self._item(step, field, path)
            elif root == step.id and field != "expect":
                yield Fault(f"`{field}` reads the step's own result", "only `expect` may name the step itself")
            elif root in self._steps:
                yield from _fault(fit.follow(self._shape_in(step, root, field), path))
            else:
                yield Fault(
                    f"`{field}` reads `{fit.shown(root)}`, which is no step", fit.nearest(root, self._steps, "steps")
                )

    def _input(self, path: str) -> Iterator[Fault]:
        parts = path.split(".")
        if len(parts) > 1 and (name := parts[1].removesuffix("[]")) not in self._inputs:
            yield Fault(f"there is no input `{fit.shown(name)}`", fit.nearest(name, self._inputs, "inputs"))

    def _item(self, step: Step, field: str, path: str) -> Iterator[Fault]:
        if step.for_each is None:
            yield Fault(f"`{field}` reads `item`, but the step has no `for_each`", "add for_each, or name a step")
        elif field == "for_each":
            yield Fault("`for_each` reads `item`, which only exists inside the loop", "name the list in a result")
        else:
            yield from _fault(fit.follow(self._item_shape(step), path))

    def _call(self, step: Step) -> Iterator[Fault]:
        if step.action is None:
            yield Fault("a call needs an action", "name one of the actions, or use another kind of step")
        elif (signature := self._signatures.get(step.action)) is None:
            yield Fault(
                f"there is no action `{fit.shown(step.action)}`", fit.nearest(step.action, self._signatures, "actions")
            )
        else:
            if signature.system not in self._systems:
                mend = "use a connected system, or have an admin add the connection"
                yield Fault(f"there is no connection to {signature.system}", mend)
            yield from fit.arguments(signature.args, step.args, lambda source: self._type(source, step))

    def _type(self, source: str, step: Step | None = None) -> str:
        """The type of an expression's value, as far as it is plain from the signatures."""
        path = _bare_path(source)
        if path is None:
            return _made_type(source)
        (root,) = references.roots(frozenset({path}))
        if root == ITEM and step is not None and step.for_each is not None:
            shape: Shape | Fault = fit.follow(self._item_shape(step), path)
        elif root in self._steps:
            shape = fit.follow(self._shape(self._steps[root]), path)
        else:
            return fit.ANY
        return shape.type if isinstance(shape, Shape) else fit.ANY

    def _shape_in(self, step: Step, name: str, field: str) -> Shape:
        """The shape of the step `name` as `step` sees it: in `expect`, its own result is that of the one iteration."""
        if name == step.id and field == "expect":
            return self._single(step)
        return self._shape(self._steps[name])

    def _shape(self, step: Step) -> Shape:
        single = self._single(step)
        return single if step.for_each is None else fit.list_of(single)

    def _single(self, step: Step) -> Shape:
        signature = self._signatures.get(step.action) if step.kind == "call" and step.action else None
        return fit.UNKNOWN if signature is None else fit.result_shape(signature)

    def _item_shape(self, step: Step) -> Shape:
        """What one element of the step's `for_each` is; unknown when the list is computed."""
        path = _bare_path(step.for_each or "")
        if path is None:
            return fit.UNKNOWN
        (root,) = references.roots(frozenset({path}))
        if root not in self._steps or root == step.id:
            return fit.UNKNOWN
        listed = fit.follow(self._shape(self._steps[root]), f"{path}[]")
        return listed if isinstance(listed, Shape) else fit.UNKNOWN


def _fault(found: Shape | Fault) -> Iterator[Fault]:
    if isinstance(found, Fault):
        yield found


def _bare_path(source: str) -> str | None:
    """The path that `source` is, when it is nothing but a path."""
    try:
        paths = expressions.parse(source).references
    except errors.ExpressionInvalid:
        return None
    written = re.sub(r"\[-?[0-9]+\]", "[]", source.strip())
    return written if paths == {written} else None


def _made_type(source: str) -> str:
    """The type of a value that an expression makes itself: an f-string is a text whatever is in it."""
    return "string" if re.match(r"f['\"]", source.strip()) else fit.ANY


def _own_args(step: Step) -> Iterator[Fault]:
    """The args of a step that calls nothing."""
    needed, allowed = _ARGS[step.kind]
    if step.action is not None:
        yield Fault(f"a step of kind {step.kind} has no action", "remove `action`, or make it a call")
    for name in sorted(needed - step.args.keys()):
        yield Fault(f"a step of kind {step.kind} needs `args.{name}`", f"add `{name}`")
    for name in sorted(step.args.keys() - needed - allowed):
        yield Fault(
            f"a step of kind {step.kind} has no `args.{fit.shown(name)}`", fit.nearest(name, needed | allowed, "args")
        )
    if step.kind == "wait":
        yield from _wait(step.args)
    if "schema" in step.args and step.kind in ("ask", "extract"):
        yield from _schema(step.args["schema"])


def _wait(args: Mapping[str, JsonValue]) -> Iterator[Fault]:
    if ("seconds" in args) == ("until" in args):
        yield Fault("a wait needs one of `args.seconds` and `args.until`", "give exactly one of them")
    seconds, until = args.get("seconds", 1), args.get("until", {})
    if not isinstance(seconds, dict) and not (_is_number(seconds) and 0 < float(str(seconds)) <= MAX_WAIT_S):
        yield Fault("`args.seconds` must be a number above 0 and at most a year", "give the seconds as a number")
    if not isinstance(until, dict) and not fit.is_of_format(until, "date-time"):
        yield Fault("`args.until` must be a time with a zone", "write it as 2026-01-31T09:00:00Z")


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _schema(value: JsonValue) -> Iterator[Fault]:
    try:
        if not isinstance(value, dict):
            raise ValueError("not an object")
        jsonschema_rs.meta.validate(value)
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
        yield Fault("`args.schema` is no JSON Schema", 'write it as {"type": "string"}, for instance')


def _circles(plan: Plan) -> Iterator[Defect]:
    try:
        graphlib.TopologicalSorter(dependencies(plan)).prepare()
    except graphlib.CycleError as exc:
        names = list(dict.fromkeys(exc.args[1]))
        problem = f"these steps wait for each other: {', '.join(names)}"
        yield Defect(step=names[0], problem=problem, mend="remove one of the references or `after`")
    except errors.ExpressionInvalid:
        return
