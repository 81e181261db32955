"""The discovery suite counts by itself, tells every trial in one shape, and names nothing of the test half."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.apart import Ended
from evals.suite import Options
from evals.suites import discovery
from evals.suites.discovery import corpus, cost
from evals.suites.discovery.corpus import Count
from evals.suites.discovery.findings import Bench, Row, share
from tools import errors
from tools.action import Action, ActionId, Argument, Place, Surface

PATHS = {
    "/here": {"get": {}, "parameters": [], "post": {"$ref": "#/x-shared"}},
    "/there": {"get": {"$ref": "there.yml"}},
    "/same": {"$ref": "#/paths/~1here"},
    "x-not-a-path": {"get": {}},
}


@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_operations_are_counted_without_discovery(tmp_path: Path, suffix: str) -> None:
    document = tmp_path / f"things{suffix}"
    document.write_text(json.dumps({"openapi": "3.0.3", "paths": PATHS}))
    expected = Count(
        described=frozenset({"GET /here", "POST /here", "GET /same", "POST /same"}),
        elsewhere=frozenset({"GET /there"}),
    )
    assert expected == corpus.count(document)


def test_every_operation_of_a_corpus_is_an_action_or_explained(tmp_path: Path) -> None:
    operations = {"/a#first": {"get": {}}, "/a": {"get": {}}, "/b?c": {"get": {}}, "/d": {"get": {"$ref": "d.yml"}}}
    _write(tmp_path / "things.json", {"openapi": "3.0.3", "info": {"title": "Things"}, "paths": operations})
    _write(tmp_path / "other.json", {"asyncapi": "1.2.0"})
    found = corpus.measure(Bench(tmp_path, lambda _: None))
    other, things, total = found.rows
    assert {"operations": 3, "action_share": 0.6666} == found.figures
    assert (2, 3, True) == (things.value, things.against, things.is_right)
    assert "1 operations are in files that the corpus does not have" in things.says
    assert "the path holds a query" in things.says
    assert (0, 0, True) == (other.value, other.against, other.is_right)
    assert "AsyncAPI" in other.says
    assert (2, 3, False) == (total.value, total.against, total.is_right)


def test_a_share_that_misses_its_aim_by_a_hair_does_not_read_as_reached() -> None:
    assert 0.9949 == share(10_742, 10_796)
    assert 0.0 == share(0, 0)


def test_a_row_is_the_same_for_all_trials() -> None:
    row = Row(part="cost", trial="a.json", measure="CPU over parse", value=2.0, is_right=None)
    assert {
        "part": "cost",
        "trial": "a.json",
        "measure": "CPU over parse",
        "value": 2.0,
        "against": None,
        "seconds": None,
        "megabytes": None,
        "is_right": None,
        "says": "",
    } == row.as_json()


def test_schemas_are_weighed_once_where_they_are_shared() -> None:
    argument = Argument(name="a", wire_name="a", place=Place.QUERY, json_schema={"type": "string"})
    action = Action(
        id=ActionId("x.get"), system="x", operation="get", method="GET", path="/", pointer="", arguments=(argument,),
        result_schema={"$ref": "#/$defs/A"}, errors={"404": {}},
    )  # fmt: skip
    surface = Surface(system="x", digest="", actions=(action,), defs={"A": {"type": "object"}})
    kept = ['{"type":"string"}', '{"$ref":"#/$defs/A"}', "{}", '{"A":{"type":"object"}}']
    assert sum(map(len, kept)) == cost.schema_bytes(surface)


def test_a_side_that_fails_is_not_tried_again_and_says_so() -> None:
    ended = Ended(told={}, cpu_s=0.0, seconds=1.0, peak_bytes=1, problem="ended with 1: no")
    parse = Ended(told={}, cpu_s=0.5, seconds=1.0, peak_bytes=1, problem="")
    spent = cost.medians([ended])
    assert "ended with 1: no" == spent.problem
    assert float("inf") == cost.cpu_over(spent, cost.medians([parse]))
    assert 2.0 == cost.cpu_over(cost.medians([parse, parse]), cost.medians([_half(parse)]))


async def test_an_unknown_part_is_named_with_those_there_are() -> None:
    with pytest.raises(errors.Invalid, match=r"no part 'speed'.*corpus, classes, search, traffic, wire, cost, hostile"):
        await discovery.run(Options(choices={"part": "speed"}))


async def test_without_the_corpus_the_suite_fails_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "CORPUS", tmp_path / "specs")
    with pytest.raises(errors.Unknown, match="specs is absent"):
        await discovery.run(Options())


def _half(ended: Ended) -> Ended:
    return Ended(told={}, cpu_s=ended.cpu_s / 2, seconds=1.0, peak_bytes=1, problem="")


def _write(path: Path, root: object) -> None:
    path.write_text(json.dumps(root))
