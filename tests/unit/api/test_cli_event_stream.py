"""Server-sent events as the standard has them, WHATWG HTML section 9.2.6."""

from __future__ import annotations

from api.cli.client import _parse


def test_events_are_read_with_comments_and_unknown_fields_passed_over() -> None:
    lines = ["retry: 1000", "", ": still here", "", "id: 7", "event: step.done", 'data: {"a":', "data: 1}", "", "id: 8"]
    assert [{"id": "7", "event": "step.done", "data": {"a": 1}}] == list(_parse(iter(lines)))


def test_an_event_that_was_cut_off_is_not_told() -> None:
    assert [] == list(_parse(iter(['data: {"a": 1}'])))


def test_a_data_line_without_a_space_is_read_too() -> None:
    assert [{"event": "message", "data": [1]}] == list(_parse(iter(["data:[1]", ""])))
