"""The oracle of the discovery suite is sound in itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Any

import pytest
from pydantic import ValidationError

from evals.suites.discovery import labels
from evals.suites.discovery.labels import Label
from tools.action import ActionClass

LABELS, QUERIES = labels.load_labels(), labels.load_queries()
CLASSES = sorted(set(ActionClass) - {ActionClass.UNKNOWN})
ROW = {"document": "a.json", "method": "POST", "path": "/x", "half": "dev", "class": "write", "effect": "writes"}


def test_no_operation_is_labelled_twice() -> None:
    assert [] == _twice((label.document, label.pointer) for label in LABELS)


def test_no_query_is_asked_twice_and_no_answer_is_named_twice() -> None:
    assert [] == _twice(query.query.lower() for query in QUERIES)
    assert [] == [query.query for query in QUERIES if _twice(query.answers)]


@pytest.mark.parametrize("action_class", CLASSES)
def test_each_class_has_enough_labels_and_even_halves(action_class: ActionClass) -> None:
    halves = Counter(one.half for one in LABELS if one.action_class is action_class)
    assert min(halves.values()) >= 15
    assert abs(halves["dev"] - halves["test"]) <= 1


def test_the_queries_are_halved_evenly() -> None:
    halves = Counter(query.half for query in QUERIES)
    assert abs(halves["dev"] - halves["test"]) <= 1


def test_a_half_is_loaded_alone() -> None:
    assert [one for one in LABELS if one.half == "dev"] == labels.load_labels("dev")
    assert [one for one in QUERIES if one.half == "test"] == labels.load_queries("test")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"class": "unknown"}, "a label decides"),
        ({"also_right": ["read"]}, "never also a read"),
        ({"also_right": ["write"]}, "repeats the class"),
        ({"targets": ["id"], "unclear": ["id"]}, "target, unclear, or neither"),
        ({"unclear": ["id"]}, "target, unclear, or neither"),
        ({"colour": "red"}, "Extra inputs"),
        ({"half": "all"}, "'dev' or 'test'"),
    ],
)
def test_a_label_that_makes_no_sense_is_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Label.model_validate(ROW | change)


def _twice(values: Iterable[Hashable]) -> list[Hashable]:
    return [value for value, count in Counter(values).items() if count > 1]
