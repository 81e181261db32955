"""Which steps are ready, with which arguments, and how far those may be trusted."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agent import interpret
from agent.goal import read_spans
from agent.interpret import Over, Progress, Unit
from agent.plan import Plan, Step
from agent.tables import StepState
from tools import errors
from tools.action import Action, ActionId, Argument, Place
from tools.labels import Label, labelled

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOAL = "Invoice cus_77 for 18,400 EUR by 2026-12-24 and tag it 'rush', in 30 days"


def progress(*steps: dict[str, Any], author: str = "model", **over: Any) -> Progress:
    """`over` gives results by step id; a Label.TYPED value each."""
    done = {
        (name, 0): Over(state=StepState.DONE, result=labelled(value, Label.TYPED, f"step:{name}"))
        for name, value in over.items()
    }
    plan = Plan(steps=tuple(Step.model_validate(step) for step in steps))
    return Progress(plan=plan, author=author, goal=GOAL, spans=read_spans(GOAL), now=NOW, over=done)


def names(units: list[Unit]) -> list[tuple[str, int]]:
    return [(unit.step.id, unit.iteration) for unit in units]


A: dict[str, Any] = {"id": "a", "action": "crm.get"}
B: dict[str, Any] = {"id": "b", "action": "crm.get", "args": {"id": {"$": "a.id"}}}
C: dict[str, Any] = {"id": "c", "action": "crm.get"}
LOOP: dict[str, Any] = {"id": "each", "action": "crm.get", "for_each": "a.list", "args": {"id": {"$": "item"}}}


def test_steps_without_open_dependencies_are_ready_together() -> None:
    assert [("a", 0), ("c", 0)] == names(interpret.ready(progress(A, B, C)))
    assert [("b", 0), ("c", 0)] == names(interpret.ready(progress(A, B, C, a={"id": "x"})))


def test_a_loop_has_one_unit_an_element_and_its_result_is_the_list() -> None:
    running = progress(A, LOOP, a={"list": ["x", "y"]})
    assert [("each", 0), ("each", 1)] == names(interpret.ready(running))
    over = dict(running.over) | {
        ("each", n): Over(state=StepState.DONE, result=labelled(n, Label.TYPED)) for n in range(2)
    }
    done = Progress(plan=running.plan, author="model", goal="", spans=(), now=NOW, over=over)
    result = done.result(running.plan.steps[1])
    assert result is not None
    assert [0, 1] == result.plain()
    assert interpret.is_finished(done)


def test_a_loop_over_nothing_is_finished() -> None:
    assert interpret.is_finished(progress(A, LOOP, a={"list": []}))


def test_a_loop_whose_condition_fails_never_looks_at_its_list() -> None:
    running = progress(A, LOOP | {"when": "a.go"}, a={"go": False, "list": None})
    (unit,) = interpret.ready(running)
    assert ("each", 0, False) == (unit.step.id, unit.iteration, interpret.is_wanted(running, unit))


def test_a_loop_over_something_else_than_a_list_fails() -> None:
    with pytest.raises(errors.ExpressionFailed, match="for_each of each is not a list"):
        interpret.ready(progress(A, LOOP, a={"list": "xyz"}))


def test_nothing_is_ready_once_a_step_has_failed() -> None:
    failed = Over(state=StepState.FAILED, result=labelled(None, Label.TEXT))
    running = progress(A, C)
    assert [] == interpret.ready(
        Progress(plan=running.plan, author="model", goal="", spans=(), now=NOW, over={("a", 0): failed})
    )


AMOUNT = Action(
    id=ActionId("billing.invoice"),
    system="billing",
    operation="invoice",
    method="POST",
    path="/",
    pointer="",
    arguments=(Argument(name="amount", wire_name="amount", place=Place.BODY, unit="minor"),),
)


@pytest.mark.parametrize(
    ("value", "action", "author", "expected"),
    [
        ("cus_77", None, "model", Label.USER),
        ("cus_7", None, "model", Label.MODEL),
        ("cus_7", None, "embedded", Label.TYPED),
        ("rush", None, "model", Label.USER),
        ("rus", None, "model", Label.MODEL),
        ("EUR", None, "model", Label.USER),
        ("2026-12-24", None, "model", Label.USER),
        ("2026-12-22", None, "model", Label.USER),
        ("2026-12-23", None, "model", Label.MODEL),
        (18400, None, "model", Label.USER),
        (18401, None, "model", Label.MODEL),
        (1840000, None, "model", Label.MODEL),
        (1840000, AMOUNT, "model", Label.USER),
        (18400, AMOUNT, "model", Label.MODEL),
        (True, None, "model", Label.TYPED),
        ("", None, "model", Label.MODEL),
    ],
)
def test_a_literal_is_the_users_word_only_when_the_goal_says_it(
    value: Any, action: Action | None, author: str, expected: Label
) -> None:
    step = {"id": "s", "action": "billing.invoice", "args": {"amount": value}}
    running = progress(step, author=author)
    bound = interpret.bind(running, interpret.ready(running)[0], action)
    assert (expected, {"amount": value}) == (bound.label, bound.plain())


def test_a_computed_argument_keeps_the_label_of_what_it_was_made_from() -> None:
    running = progress(A, B, a={"id": "x"})
    bound = interpret.bind(running, interpret.ready(running)[0])
    assert (Label.TYPED, {"id": "x"}, frozenset({"step:a"})) == (bound.label, bound.plain(), bound.origins)


@pytest.mark.parametrize(
    ("argument", "source", "expected"),
    [
        (Argument(name="vat", wire_name="vat", place=Place.BODY, json_schema={"type": "string"}), {"$": "a.vat"}, {}),
        (Argument(name="vat", wire_name="vat", place=Place.BODY, json_schema={"type": "string"}), None, {"vat": None}),
        (Argument(name="vat", wire_name="vat", place=Place.BODY, json_schema={"type": ["string", "null"]}),
         {"$": "a.vat"}, {"vat": None}),
        (Argument(name="vat", wire_name="vat", place=Place.BODY, json_schema={"$ref": "#/$defs/Vat"}),
         {"$": "a.vat"}, {"vat": None}),
        (Argument(name="vat", wire_name="vat", place=Place.BODY, required=True, json_schema={"type": "string"}),
         {"$": "a.vat"}, {"vat": None}),
    ],
)  # fmt: skip
def test_an_optional_argument_that_takes_no_null_is_left_out_when_it_comes_to_null(
    argument: Argument, source: Any, expected: dict[str, Any]
) -> None:
    step = {"id": "b", "action": "billing.invoice", "args": {"vat": source}, "after": ["a"]}
    running = progress(A, step, a={"vat": None})
    action = AMOUNT.model_copy(update={"arguments": (argument,)})
    assert expected == interpret.bind(running, interpret.ready(running)[0], action).plain()


def test_a_model_cannot_launder_a_text_through_a_nested_literal() -> None:
    step = {"id": "s", "action": "crm.get", "args": {"deep": {"to": ["cus_77", "attacker@evil.example"]}}}
    running = progress(step)
    bound = interpret.bind(running, interpret.ready(running)[0])
    labels = {pointer: leaf.label for pointer, leaf in bound.leaves()}
    assert {"/deep/to/0": Label.USER, "/deep/to/1": Label.MODEL} == labels


def test_expect_sees_the_steps_own_result() -> None:
    step = {"id": "s", "action": "crm.get", "expect": "len(s.data) == 1"}
    running = progress(step)
    (unit,) = interpret.ready(running)
    assert [True, False] == [
        interpret.is_as_expected(running, unit, labelled({"data": data}, Label.TYPED)) for data in (["x"], [])
    ]
