"""A control holds what its schema cannot allow, in one place of those asked for."""

from __future__ import annotations

from typing import Any

import pytest

from evals.suites.discovery.controls import WRONG, spoiled
from tools.action import Action, ActionId, Argument, Body, Place


@pytest.mark.parametrize(
    ("place", "content_type", "schema", "expected"),
    [
        (Place.QUERY, "application/json", {"type": "integer"}, WRONG),
        (Place.PATH, "application/json", {"type": "string", "enum": ["a"]}, WRONG),
        (Place.QUERY, "application/json", {"type": "string"}, None),
        (Place.QUERY, "application/json", {"oneOf": [{"type": "integer"}], "type": "integer"}, None),
        (Place.BODY, "application/json", {"type": "string"}, [WRONG]),
        (Place.BODY, "application/json", {"type": "array"}, WRONG),
        (Place.BODY, "application/json", {"type": "object"}, None),
        (Place.BODY, "application/x-www-form-urlencoded", {"type": "string"}, None),
        (Place.BODY, "application/x-www-form-urlencoded", {"type": "boolean"}, WRONG),
    ],
)
def test_a_control_is_wrong_where_that_can_be_told(
    place: Place, content_type: str, schema: dict[str, Any], expected: Any
) -> None:
    arguments = (
        Argument(name="free", wire_name="free", place=place, json_schema={}),
        Argument(name="absent", wire_name="absent", place=place, json_schema={"type": "integer"}),
        Argument(name="v", wire_name="v", place=place, json_schema=schema),
    )
    action = Action(
        id=ActionId("zoo.act"), system="zoo", operation="act", method="POST", path="/x/{v}", pointer="",
        arguments=arguments, body=Body(content_type=content_type),
    )  # fmt: skip
    given = {"free": 1, "v": "right"}
    wrong = None if expected is None else given | {"v": expected}
    assert wrong == spoiled(action, given, frozenset({place}))
    assert spoiled(action, given, frozenset(Place) - {place}) is None
