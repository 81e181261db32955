"""A refusal is explained by its own kind only; what no kind covers stays unexplained."""

from __future__ import annotations

import pytest

from evals.suites.discovery.refusals import Cause, explain
from tools.action import Action, ActionId

ACTION = Action(id=ActionId("crm.act"), system="crm", operation="act", method="GET", path="/c/{number}", pointer="")


@pytest.mark.parametrize(
    ("reader", "why", "paths", "expected"),
    [
        ("prism", "Request path parameter id must be integer", ["/c/{number}", "/c/{id}"], Cause.DOCUMENT),
        ("prism", "Request path parameter id must be integer", ["/c/{number}", "/d/{id}"], Cause.UNEXPLAINED),
        ("prism", "Request path parameter id must match exactly one schema in oneOf", [], Cause.READER),
        ("prism", "Request body property id must match exactly one schema in oneOf", [], Cause.UNEXPLAINED),
        ("prism", "Request query parameter f must have required property 'x'", [], Cause.READER),
        ("prism", "Request query must have required property 'x'", [], Cause.UNEXPLAINED),
        ("prism", 'Request body property ref must match pattern "^refs/.*$"', [], Cause.OURS),
        ("prism", 'Request body property ref must match pattern "^a\\.*$"', [], Cause.UNEXPLAINED),
        ("body", "/a: None is not valid under any of the given schemas (oneOf)", [], Cause.DOCUMENT),
        ("body", "/a: 'x' is not valid under any of the given schemas (oneOf)", [], Cause.UNEXPLAINED),
        ("body", "/a: None is not one of ['b'] (enum)", [], Cause.DOCUMENT),
        ("schema", "/a: expected string, came null", [], Cause.UNEXPLAINED),
        ("wire", "argument a: it is required", [], Cause.UNEXPLAINED),
    ],
)
def test_a_refusal_has_the_cause_of_its_kind(reader: str, why: str, paths: list[str], expected: Cause) -> None:
    found = explain(reader, why, ACTION, paths)
    assert (expected, expected is Cause.UNEXPLAINED) == (found.cause, found.explanation == "")
