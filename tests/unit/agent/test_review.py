"""Review of a plan's steps, names and references. Arguments are in test_review_arguments.py."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.plan import Defect, Plan, dependencies
from agent.review import RESERVED, review
from discovery.lower import ArgumentSignature, ResultField, Signature
from tools.action import ActionClass, ActionId


def fields(**types: str) -> tuple[ResultField, ...]:
    return tuple(ResultField(path=path.replace("__", "."), type=kind) for path, kind in types.items())


DEAL = Signature(
    id=ActionId("crm.get_deal"),
    system="crm",
    action_class=ActionClass.READ,
    method="GET",
    path="/deals/{id}",
    args=(ArgumentSignature(name="id", type="string", required=True),),
    result=(
        *fields(id="string", number="integer", amount="number", company__id="string", custom="object"),
        ResultField(path="tags[]", type="string"),
    ),
)
FIND = Signature(
    id=ActionId("crm.find_contacts"),
    system="crm",
    action_class=ActionClass.READ,
    method="GET",
    path="/contacts",
    args=(ArgumentSignature(name="email", type="string"),),
    result=(ResultField(path="data[].id", type="string"), ResultField(path="data[].email", type="string")),
    items="data",
)
NOTE = Signature(
    id=ActionId("erp.add_note"),
    system="erp",
    action_class=ActionClass.WRITE,
    method="POST",
    path="/notes",
    args=(
        ArgumentSignature(name="customer", type="string", required=True),
        ArgumentSignature(name="count", type="integer"),
    ),
)
KNOWN = {one.id: one for one in (DEAL, FIND, NOTE)}

GET = {"id": "deal", "action": "crm.get_deal", "args": {"id": "D-104"}}
SEARCH = {"id": "found", "action": "crm.find_contacts", "args": {"email": "ada@example.com"}}


def note(**changed: Any) -> dict[str, Any]:
    return {"id": "note", "action": "erp.add_note", "args": {"customer": "C-1"}} | changed


def computed(source: str) -> dict[str, Any]:
    return note(args={"customer": {"$": source}})


def defects_of(*steps: dict[str, Any], inputs: frozenset[str] = frozenset()) -> list[Defect]:
    plan = Plan.model_validate({"steps": steps})
    return list(review(plan, KNOWN, inputs=inputs, systems_connected=frozenset({"crm", "erp"})))


SOUND = {
    "a literal": [note()],
    "a field": [GET, computed("deal.company.id")],
    "a field of a free-form object": [GET, computed("deal.custom.anything.at_all")],
    "a field whose name is no plain name": [GET, computed('deal["x-y"]')],
    "an element": [SEARCH, computed("found.data[0].id")],
    "the last element": [SEARCH, computed("found.data[-1].id")],
    "a scalar element": [GET, computed("deal.tags[0]")],
    "a field of an action that documents no result": [note(), computed("note.whatever") | {"id": "again"}],
    "a loop over elements": [SEARCH, computed("item.id") | {"for_each": "found.data"}],
    "a loop with a condition on the element": [
        SEARCH,
        computed("item.id") | {"for_each": "found.data", "when": "item.email != 'x'"},
    ],
    "a loop over what is computed": [SEARCH, computed("item") | {"for_each": "[x.id for x in found.data]"}],
    "the results of a loop": [
        SEARCH,
        {"id": "deals", "action": "crm.get_deal", "args": {"id": {"$": "item.id"}}, "for_each": "found.data"},
        computed("deals[0].company.id"),
    ],
    "the expectation of its own result": [SEARCH | {"expect": "len(found.data) == 1"}],
    "the expectation of one iteration": [
        SEARCH,
        {
            "id": "deals",
            "action": "crm.get_deal",
            "args": {"id": {"$": "item.id"}},
            "for_each": "found.data",
            "expect": "deals.amount > 0 and item.id == deals.id",
        },
    ],
    "a number as a text": [GET, computed('f"{deal.number}"')],
    "an integer from a number": [GET, note(args={"customer": "C-1", "count": {"$": "round(deal.amount)"}})],
    "a let": [{"id": "total", "kind": "let", "args": {"value": {"$": "1 + 1"}}}, note(when="total > 1")],
    "an ask": [{"id": "which", "kind": "ask", "args": {"question": "Which?", "schema": {"type": "string"}}}],
    "a wait": [{"id": "pause", "kind": "wait", "args": {"seconds": 3600}}, note(after=["pause"])],
    "a wait for a time": [{"id": "pause", "kind": "wait", "args": {"until": "2026-01-31T09:00:00Z"}}],
    "a wait for a computed time": [{"id": "pause", "kind": "wait", "args": {"until": {"$": "now()"}}}],
    "an extract": [{"id": "said", "kind": "extract", "args": {"text": {"$": "deal.id"}, "schema": {}}}, GET],
    "steps in another order than they run": [computed("deal.company.id"), GET],
}


@pytest.mark.parametrize("steps", SOUND.values(), ids=SOUND)
def test_a_sound_plan_has_no_defects(steps: list[dict[str, Any]]) -> None:
    assert [] == defects_of(*steps)


FAULTY: dict[str, tuple[list[dict[str, Any]], tuple[str, str, str]]] = {
    "an unknown action": (
        [note(action="erp.add_notes")],
        ("note", "there is no action `erp.add_notes`", "did you mean `erp.add_note`?"),
    ),
    "a call without an action": (
        [note(action=None)],
        ("note", "a call needs an action", "name one of the actions, or use another kind of step"),
    ),
    "a reserved name": (
        [note(id="item")],
        ("item", "`item` has a meaning in expressions", "name the step `item_step`"),
    ),
    "an unknown step": (
        [GET, computed("deel.id")],
        ("note", "`args` reads `deel`, which is no step", "did you mean `deal`?"),
    ),
    "an unknown field": (
        [GET, computed("deal.compny.id")],
        ("note", "the result `deal` has no documented field `compny`", "did you mean `company`?"),
    ),
    "an unknown field deep below": (
        [SEARCH, computed("found.data[0].mail")],
        ("note", "the result `found.data[]` has no documented field `mail`", "did you mean `email`?"),
    ),
    "a field of a scalar": (
        [GET, computed("deal.id.value")],
        ("note", "`deal.id` is string; it has no field `value`", "use `deal.id` itself"),
    ),
    "a field of a list": (
        [SEARCH, computed("found.data.id")],
        (
            "note",
            "`found.data` is a list; it has no field `id`",
            "write `found.data[0].id`, or `[x.id for x in found.data]`, or use for_each",
        ),
    ),
    "an element of what is no list": (
        [GET, computed("deal[0]")],
        ("note", "`deal` is no list (object)", "there are these fields: amount, company, custom, id, number, tags"),
    ),
    "a field in a comprehension": (
        [SEARCH, note(when="len([x for x in found.data if x.name == 'Ada']) == 1")],
        (
            "note",
            "the result `found.data[]` has no documented field `name`",
            "there are these fields: email, id",
        ),
    ),
    "its own result": (
        [computed("note.id")],
        ("note", "`args` reads the step's own result", "only `expect` may name the step itself"),
    ),
    "item without a loop": (
        [computed("item.id")],
        ("note", "`args` reads `item`, but the step has no `for_each`", "add for_each, or name a step"),
    ),
    "item in its own list": (
        [note(for_each="item.parts")],
        ("note", "`for_each` reads `item`, which only exists inside the loop", "name the list in a result"),
    ),
    "an unknown field of an element": (
        [SEARCH, computed("item.nme") | {"for_each": "found.data"}],
        ("note", "the result `item` has no documented field `nme`", "there are these fields: email, id"),
    ),
    "a loop over an object": (
        [SEARCH, note(for_each="found")],
        ("note", "`for_each` needs a list; `found` is object", "name the list in the result"),
    ),
    "an unknown input": (
        [computed("inputs.emial")],
        ("note", "there is no input `emial`", "did you mean `email`?"),
    ),
    "an unknown step in after": (
        [GET, note(after=["dea"])],
        ("note", "`after` names `dea`, which is no step", "did you mean `deal`?"),
    ),
    "after itself": ([note(after=["note"])], ("note", "the step comes after itself", "remove it from `after`")),
    "an integer for a text": (
        [GET, computed("deal.number")],
        (
            "note",
            "`customer` must be string, but `deal.number` is integer",
            'write the text {"$": "f\\"{deal.number}\\""}',
        ),
    ),
    "a number for an integer": (
        [GET, note(args={"customer": "C-1", "count": {"$": "deal.amount"}})],
        (
            "note",
            "`count` must be integer, but `deal.amount` is number",
            "write round(deal.amount), times 100 first where cents are wanted",
        ),
    ),
    "an object for a text": (
        [GET, computed("deal.company")],
        ("note", "`customer` must be string, but `deal.company` is object", "use a result field of type string"),
    ),
    "an action on a let": (
        [{"id": "x", "kind": "let", "action": "crm.get_deal", "args": {"value": 1}}],
        ("x", "a step of kind let has no action", "remove `action`, or make it a call"),
    ),
    "an ask without a question": (
        [{"id": "x", "kind": "ask", "args": {}}],
        ("x", "a step of kind ask needs `args.question`", "add `question`"),
    ),
    "an ask with more than it takes": (
        [{"id": "x", "kind": "ask", "args": {"question": "?", "shema": {}}}],
        ("x", "a step of kind ask has no `args.shema`", "did you mean `schema`?"),
    ),
    "an ask whose schema is none": (
        [{"id": "x", "kind": "ask", "args": {"question": "?", "schema": {"type": "text"}}}],
        ("x", "`args.schema` is no JSON Schema", 'write it as {"type": "string"}, for instance'),
    ),
    "a wait for nothing": (
        [{"id": "x", "kind": "wait"}],
        ("x", "a wait needs one of `args.seconds` and `args.until`", "give exactly one of them"),
    ),
    "a wait that ends before it starts": (
        [{"id": "x", "kind": "wait", "args": {"seconds": -1}}],
        ("x", "`args.seconds` must be a number above 0 and at most a year", "give the seconds as a number"),
    ),
    "a wait for a time without a zone": (
        [{"id": "x", "kind": "wait", "args": {"until": "2026-01-31T09:00:00"}}],
        ("x", "`args.until` must be a time with a zone", "write it as 2026-01-31T09:00:00Z"),
    ),
    "args too big": (
        [note(args={"customer": "C" * 70_000})],
        ("note", "`args` has 70015 bytes; the most is 65536", "split the step, or say less"),
    ),
}


@pytest.mark.parametrize(("steps", "expected"), FAULTY.values(), ids=FAULTY)
def test_a_defect_names_its_step_and_its_mend(steps: list[dict[str, Any]], expected: tuple[str, str, str]) -> None:
    step, problem, mend = expected
    assert [Defect(step=step, problem=problem, mend=mend)] == defects_of(*steps, inputs=frozenset({"email"}))


def test_a_name_used_twice_is_a_defect_of_both_steps() -> None:
    expected = Defect(step="note", problem="2 steps are named `note`", mend="give each step its own name")
    assert [expected, expected] == defects_of(note(), note())


@pytest.mark.parametrize("place", ["when", "for_each", "expect"])
def test_an_expression_that_cannot_be_read_is_a_defect_with_its_column(place: str) -> None:
    (defect,) = defects_of(note(**{place: "1 +* 2"}))
    assert ("note", True) == (defect.step, defect.problem.startswith(f"`{place}`: column 4: not an expression"))


@pytest.mark.parametrize("source", ["__import__('os')", "deal.id.upper()", "(lambda: 1)()", "1 if"])
def test_an_argument_outside_the_language_is_a_defect_with_its_place(source: str) -> None:
    (defect,) = defects_of(GET, computed(source))
    assert ("note", True) == (defect.step, defect.problem.startswith("`args`: /customer: column "))


def test_a_system_without_a_connection_is_a_defect() -> None:
    plan = Plan.model_validate({"steps": [GET, note()]})
    expected = Defect(
        step="note",
        problem="there is no connection to erp",
        mend="use a connected system, or have an admin add the connection",
    )
    assert (expected,) == review(plan, KNOWN, systems_connected=frozenset({"crm"}))


def test_a_circle_is_one_defect_that_names_its_steps() -> None:
    first = computed("second.id") | {"id": "first"}
    second = computed("first.id") | {"id": "second"}
    (defect,) = defects_of(first, second)
    assert ("these steps wait for each other", {"first", "second"}) == (
        defect.problem.partition(":")[0],
        set(defect.problem.partition(": ")[2].split(", ")),
    )


def test_what_a_planner_wrote_is_cut_in_a_defect_and_defects_are_bounded() -> None:
    found = defects_of(note(action="x" * 9_000), *[note(id=f"n{n}", args={"y" * 900: 1}) for n in range(90)])
    assert (100, True) == (len(found), max(len(defect.problem) for defect in found) < 200)


def test_all_defects_of_a_plan_come_in_one_review() -> None:
    found = defects_of(note(action="erp.gone"), computed("nothing.id") | {"id": "other"})
    assert [("note", "there is no action `erp.gone`"), ("other", "`args` reads `nothing`, which is no step")] == [
        (defect.step, defect.problem) for defect in found
    ]


def test_a_result_that_was_cut_for_the_planner_may_have_other_fields() -> None:
    wide = DEAL.model_copy(update={"result": fields(**{f"field_{n}": "string" for n in range(60)})})
    plan = Plan.model_validate({"steps": [GET, computed("deal.field_61")]})
    known = {**KNOWN, wide.id: wide}
    assert () == review(plan, known, systems_connected=frozenset({"crm", "erp"}))


@pytest.mark.parametrize("name", sorted(name for name in RESERVED if name.islower()))
def test_no_step_bears_a_name_that_expressions_use(name: str) -> None:
    assert [f"`{name}` has a meaning in expressions"] == [defect.problem for defect in defects_of(note(id=name))]


def test_dependencies_are_what_expressions_name_and_what_after_lists() -> None:
    plan = Plan.model_validate(
        {
            "steps": [
                GET,
                SEARCH | {"expect": "len(found.data) == 1"},
                computed("f'{deal.id} {inputs.x}'") | {"when": "found.data", "after": ["last"]},
                note(id="last", for_each="[d for d in deal.tags]", args={"customer": {"$": "item"}}),
            ]
        }
    )
    assert {
        "deal": frozenset(),
        "found": frozenset(),
        "note": {"deal", "found", "last"},
        "last": {"deal"},
    } == dependencies(plan)


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=12)
    | st.builds(lambda s: {"$": s}, st.text(max_size=12)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
_step = st.fixed_dictionaries(
    {"id": st.sampled_from(["a", "b", "c", "item", "note"])},
    optional={
        "kind": st.sampled_from(["call", "let", "ask", "wait", "extract"]),
        "action": st.sampled_from(["crm.get_deal", "crm.find_contacts", "erp.add_note", "no.such"]),
        "args": st.dictionaries(
            st.sampled_from(["id", "email", "customer", "count", "value", "schema"]), _json, max_size=3
        ),
        "when": st.text(max_size=12) | st.sampled_from(["a.id == 1", "b[0]", "item", "c.data[0].id"]),
        "for_each": st.sampled_from(["a", "b.data", "[x for x in c]", "item"]),
        "expect": st.sampled_from(["a.id", "b", "note.data[0].x"]),
        "after": st.lists(st.sampled_from(["a", "b", "z"]), max_size=2),
    },
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_step, min_size=1, max_size=4))
def test_review_never_raises_and_what_it_passes_can_be_ordered(steps: list[dict[str, Any]]) -> None:
    plan = Plan.model_validate({"steps": steps})
    if not review(plan, KNOWN, systems_connected=frozenset({"crm", "erp"})):
        needed, over = dependencies(plan), set[str]()
        for _ in plan.steps:
            over |= {name for name, before in needed.items() if before <= over}
        assert over == set(needed)
