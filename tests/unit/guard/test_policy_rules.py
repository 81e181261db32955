"""The rules and the class table: pure judgements over labelled arguments."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import errors
from tools.action import Action, ActionClass, ActionId, Argument, Place
from tools.guard import policy, scope
from tools.guard.verdict import Allow, Ask, Deny
from tools.labels import Label, Labelled, labelled

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def action(kind: ActionClass, **arguments: Any) -> Action:
    """An action whose arguments are targets, but for those named `content_…`."""
    return Action(
        id=ActionId("crm.do"),
        system="crm",
        operation="do",
        method="POST",
        path="/do",
        pointer="/paths/~1do/post",
        action_class=kind,
        arguments=tuple(
            Argument(
                name=name,
                wire_name=name,
                place=Place.BODY,
                json_schema=schema,
                is_target=not name.startswith("content_"),
                unit="minor" if name.endswith("_minor") else None,
            )
            for name, schema in arguments.items()
        ),
    )


def question(kind: ActionClass, **arguments: tuple[Any, Label]) -> policy.Question:
    types = {name: "number" if isinstance(value, int | float) else "string" for name, (value, _) in arguments.items()}
    schemas = {name: {"type": kind_} for name, kind_ in types.items()}
    given_ = {name: labelled(value, label) for name, (value, label) in arguments.items()}
    return policy.Question(
        action=action(kind, **schemas),
        arguments=Labelled(value=given_, own=Label.USER),
        requester="sam",
        now=NOW,
    )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (question(ActionClass.READ, id=("x", Label.MODEL)), Allow),
        (question(ActionClass.WRITE, id=("x", Label.TYPED), content_note=("t", Label.MODEL)), Allow),
        (question(ActionClass.WRITE, id=("x", Label.TEXT)), Ask),
        (question(ActionClass.WRITE, id=("x", Label.MODEL)), Ask),
        (question(ActionClass.MONEY, customer=("c", Label.USER), amount=(50, Label.USER)), Allow),
        (question(ActionClass.MONEY, customer=("c", Label.TYPED), amount=(50, Label.USER)), Ask),
        (question(ActionClass.MONEY, customer=("c", Label.USER), amount=(50, Label.TYPED)), Allow),
        (question(ActionClass.MONEY, customer=("c", Label.USER), content_text=("t", Label.TYPED)), Ask),
        (question(ActionClass.MESSAGE, to=("a@b.c", Label.USER), content_text=("t", Label.USER)), Allow),
        (question(ActionClass.MESSAGE, to=("a@b.c", Label.TYPED), content_text=("t", Label.USER)), Ask),
        (question(ActionClass.MESSAGE, to=("a@b.c", Label.USER), content_text=("t", Label.TYPED)), Ask),
        (question(ActionClass.DELETE, id=("x", Label.USER)), Ask),
        (question(ActionClass.PERMISSION, id=("x", Label.USER)), Ask),
        (question(ActionClass.UNKNOWN, id=("x", Label.USER)), Deny),
    ],
)
def test_the_class_table_judges_by_label(asked: policy.Question, expected: type) -> None:
    assert expected is type(policy.judge(asked, policy.Ruleset()))


@pytest.mark.parametrize(
    ("name", "amount", "people"),
    [("amount", 1000.0, 0), ("amount", 1000.01, 2), ("amount_minor", 100_000, 0), ("amount_minor", 100_001, 2)],
)
def test_money_over_the_cap_needs_two_people(name: str, amount: float, people: int) -> None:
    verdict = policy.judge(question(ActionClass.MONEY, **{name: (amount, Label.USER)}), policy.Ruleset(money_cap=1000))
    assert people == (verdict.count if isinstance(verdict, Ask) else 0)


def test_an_amount_that_is_no_number_counts_as_over_the_cap() -> None:
    verdict = policy.judge(question(ActionClass.MONEY, amount=("lots", Label.USER)), policy.Ruleset())
    assert isinstance(verdict, Ask)
    assert verdict.count == 2


def rules(*then: str) -> policy.Ruleset:
    made = [{"id": f"r{n}", "why": "because", "when": "True", "then": what} for n, what in enumerate(then)]
    return policy.Ruleset.model_validate({"rules": made})


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (("allow",), Allow),
        (("allow", "ask"), Ask),
        (("ask", "allow"), Ask),
        (("allow", "deny", "ask"), Deny),
        (("deny", "allow"), Deny),
    ],
)
def test_deny_beats_ask_beats_allow(then: tuple[str, ...], expected: type) -> None:
    assert expected is type(policy.judge(question(ActionClass.DELETE, id=("x", Label.USER)), rules(*then)))


def test_no_rule_allows_an_action_nobody_classified() -> None:
    assert isinstance(policy.judge(question(ActionClass.UNKNOWN), rules("allow")), Deny)


def test_a_rule_that_cannot_be_judged_denies() -> None:
    ruleset = policy.read("rules: [{id: r, why: w, when: args.missing == 1, then: allow}]")
    verdict = policy.judge(question(ActionClass.READ), ruleset)
    assert isinstance(verdict, Deny)
    assert verdict.rule == "policy.error"


def test_a_rule_sees_action_arguments_labels_and_requester() -> None:
    source = """
    rules:
      - id: internal-mail
        why: Mail to colleagues does not leave the company.
        when: >-
          action["class"] == "message" and args.to in ["ann@us.example"]
          and labels.to == "typed" and run.requester == "sam"
        then: allow
    """
    asked = question(ActionClass.MESSAGE, to=("ann@us.example", Label.TYPED))
    assert Allow(rule="internal-mail", why="Mail to colleagues does not leave the company.") == policy.judge(
        asked, policy.read(source)
    )


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("rules: [", "the policy is not YAML"),
        ("rules: [{id: r, why: w, when: 'True', then: maybe}]", "/rules/0/then"),
        ("rules: [{id: r, when: 'True', then: deny}]", "/rules/0/why"),
        ("rules: [{id: r, why: w, when: 'import os', then: deny}]", "when: "),
        ("rules: [{id: r, why: w, when: 'x', then: deny}, {id: r, why: w, when: 'x', then: deny}]", "two rules"),
        ("caps: 1", "/caps"),
    ],
)
def test_a_bad_policy_names_the_place(source: str, message: str) -> None:
    with pytest.raises(errors.PolicyInvalid, match=message.replace("/", "/")):
        policy.read(source)


def test_a_time_span_is_read() -> None:
    ruleset = policy.read("rules: [{id: r, why: w, when: 'True', then: ask, by: {within: 3h, count: 2}}]")
    assert Ask(rule="r", why="w", count=2, within=timedelta(hours=3)) == ruleset.rules[0].verdict()


labels = st.sampled_from(list(Label))
kinds = st.sampled_from(list(ActionClass))
_STRICTNESS = {Allow: 0, Ask: 1, Deny: 2}


@given(kind=kinds, first=labels, second=labels)
def test_less_trust_never_gets_more(kind: ActionClass, first: Label, second: Label) -> None:
    low, high = sorted((first, second))
    weak = policy.judge(question(kind, amount=(5, low), content_text=("t", low)), policy.Ruleset())
    strong = policy.judge(question(kind, amount=(5, high), content_text=("t", high)), policy.Ruleset())
    assert _STRICTNESS[type(weak)] >= _STRICTNESS[type(strong)]


names = st.frozensets(st.sampled_from(["crm", "erp", "crm.do", "erp.do"]), max_size=4)


@given(
    systems=st.none() | names,
    actions=st.none() | names,
    effects=st.integers(0, 5),
    narrower=st.tuples(st.none() | names, st.none() | names, st.none() | st.integers(0, 5)),
    used=st.integers(0, 6),
    kind=kinds,
)
def test_a_narrower_grant_never_allows_more(
    systems: frozenset[str] | None,
    actions: frozenset[str] | None,
    effects: int,
    narrower: tuple[frozenset[str] | None, frozenset[str] | None, int | None],
    used: int,
    kind: ActionClass,
) -> None:
    grant = scope.Grant(workspace="w", requester="sam", systems=systems, actions=actions, effects=effects)
    small = grant.narrowed(systems=narrower[0], actions=narrower[1], effects=narrower[2])
    usage = scope.Usage(effects=used, now=NOW, scopes=None, is_enabled=True)
    if scope.outside(grant, action(kind), usage) is not None:
        assert scope.outside(small, action(kind), usage) is not None


def test_what_is_outside_the_grant_is_named() -> None:
    grant = scope.Grant(workspace="w", requester="sam", systems=frozenset({"erp"}))
    usage = scope.Usage(effects=0, now=NOW, scopes=None, is_enabled=True)
    expected = Deny(rule="grant.systems", why="this run may not use the system crm")
    assert expected == scope.outside(grant, action(ActionClass.READ), usage)


def test_a_missing_scope_is_named() -> None:
    needs = action(ActionClass.READ).model_copy(update={"scopes": ("deals.read", "deals.write")})
    usage = scope.Usage(effects=0, now=NOW, scopes=frozenset({"deals.read"}), is_enabled=True)
    denied = scope.outside(scope.Grant(workspace="w", requester="sam"), needs, usage)
    assert Deny(rule="scope", why="the connection to crm lacks the scope deals.write") == denied
