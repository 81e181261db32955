"""The judge of the discovery suite counts what is right, what is wrong, and what is only safe."""

from __future__ import annotations

from typing import Any

import pytest

from discovery.lower import Signature
from evals.suites.discovery import judging
from evals.suites.discovery.bm25 import Bm25
from evals.suites.discovery.judging import Share
from evals.suites.discovery.labels import Label, Place, Query
from tools.action import Action, ActionClass, ActionId, Argument, Pagination, Surface
from tools.action import Place as ArgumentPlace

READ, WRITE, MONEY, DELETE, UNKNOWN = (
    ActionClass.READ,
    ActionClass.WRITE,
    ActionClass.MONEY,
    ActionClass.DELETE,
    ActionClass.UNKNOWN,
)


def test_each_miss_is_told_and_an_effect_called_read_stands_apart() -> None:
    found = _surface(
        _action("GET", "/seen", READ),
        _action("GET", "/logout", READ),
        _action("POST", "/pay", WRITE),
        _action("POST", "/refund", UNKNOWN),
        _action("DELETE", "/invoice", DELETE),
    )
    labels = [
        _label("GET", "/seen", READ),
        _label("GET", "/logout", WRITE),
        _label("POST", "/pay", MONEY),
        _label("POST", "/refund", MONEY),
        _label("DELETE", "/invoice", MONEY, also_right=["delete"]),
        _label("POST", "/quarantined", WRITE),
    ]
    judged = judging.judge_classes(labels, {"a.json": found})
    assert ("a.json GET /logout",) == judged.writes_called_read
    assert (
        "a.json POST /pay: money, proposed write (because)",
        "a.json POST /refund: money, proposed unknown (because)",
    ) == judged.wrong
    assert ("a.json POST /quarantined",) == judged.lost
    assert 1 == judged.unknown
    assert (Share(right=1, of=2), Share(right=0, of=1)) == (judged.precision[READ], judged.precision[WRITE])
    assert Share(right=1, of=1) == judged.precision[DELETE]
    assert (Share(right=1, of=3), Share(right=0, of=1)) == (judged.recall[MONEY], judged.recall[WRITE])
    assert UNKNOWN not in judged.precision


def test_targets_are_judged_by_wire_name_and_unclear_ones_count_neither_way() -> None:
    found = _surface(_action("POST", "/pay", MONEY, targets=("to", "memo"), contents=("amount", "note", "when")))
    label = _label("POST", "/pay", MONEY, targets=["to", "amount", "not_an_argument"], unclear=["when"])
    judged = judging.judge_targets([label, _label("POST", "/pay", MONEY)], {"a.json": found})
    assert (Share(right=1, of=2), Share(right=1, of=2)) == (judged.precision, judged.recall)
    assert ("a.json POST /pay: not a target ['memo'], is one ['amount']",) == judged.wrong


def test_relations_are_judged_where_they_are_labelled() -> None:
    made = _action("POST", "/pets", WRITE).model_copy(
        update={"read_back": ActionId("a.GET_/pets/{id}"), "pagination": Pagination(kind="page")}
    )
    found = _surface(made, _action("GET", "/pets/{id}", READ))
    label = _label(
        "POST", "/pets", WRITE, read_back="GET /pets/{id}", inverse="DELETE /pets/{id}", pagination="cursor"
    )
    judged = judging.judge_relations([label, _label("GET", "/pets/{id}", READ)], {"a.json": found})
    assert (Share(right=1, of=1), Share(right=0, of=1)) == (judged.read_back, judged.inverse)
    assert Share(right=0, of=1) == judged.pagination
    assert (
        "a.json POST /pets: pagination is cursor, proposed page",
        "a.json POST /pets: inverse is DELETE /pets/{id}, proposed None",
    ) == judged.wrong


def test_a_query_is_served_by_any_acceptable_action_and_its_rank_decides() -> None:
    found = _surface(_action("GET", "/pets", READ), _action("GET", "/cats", READ))
    answers = (Place(document="a.json", method="GET", path="/pets"), Place(document="a.json", method="GET", path="/no"))
    queries = [Query(query=text, half="dev", answers=answers) for text in ("first", "late", "never")]
    ranked = {"first": ["a.GET_/pets"], "late": ["a.GET_/cats"] * 10 + ["a.GET_/pets"], "never": ["a.GET_/cats"]}
    judged = judging.judge_search(queries, {"a.json": found}, lambda text, limit: ranked[text][:limit])
    assert (Share(right=1, of=3), Share(right=2, of=3)) == (judged.at_10, judged.at_20)
    assert ("never",) == judged.missed


def test_plain_bm25_prefers_the_rare_word_and_the_short_text() -> None:
    texts = {"long": "pay an invoice of a customer", "short": "pay invoice", "other": "pay later"}
    assert ["short", "long"] == Bm25(texts).search("Invoice!", 5)
    assert ["short"] == Bm25(texts).search("pay invoice", 1)
    assert [] == Bm25(texts).search("unheard", 5)


@pytest.mark.parametrize("search", [judging.catalog_search, judging.plain_search])
def test_both_searches_answer_with_ids(search: Any) -> None:
    listed = [
        Signature(id=ActionId(f"a.{word}"), system="a", action_class=READ, method="GET", path=f"/{word}")
        for word in ("pets", "cats")
    ]
    assert ["a.cats"] == search(listed)("cats", 20)


def _action(
    method: str, path: str, action_class: ActionClass, targets: tuple[str, ...] = (), contents: tuple[str, ...] = ()
) -> Action:
    arguments = [Argument(name=f"body_{one}", wire_name=one, place=ArgumentPlace.BODY) for one in targets + contents]
    return Action.model_validate(
        {
            "id": f"a.{method}_{path}",
            "system": "a",
            "operation": f"{method}_{path}",
            "method": method,
            "path": path,
            "pointer": Place.model_validate({"document": "a.json", "method": method, "path": path}).pointer,
            "action_class": action_class,
            "arguments": [one.model_copy(update={"is_target": one.wire_name in targets}) for one in arguments],
            "evidence": [{"field": "action_class", "why": "because"}],
        }
    )


def _surface(*actions: Action) -> Surface:
    return Surface(system="a", digest="", actions=actions)


def _label(method: str, path: str, action_class: ActionClass, **more: Any) -> Label:
    row = {"document": "a.json", "half": "dev", "method": method, "path": path, "class": action_class, "effect": "x"}
    return Label.model_validate(row | more)
