"""What undoes an action and what reads it back, in the path shapes that real APIs have."""

from __future__ import annotations

import pytest

from discovery import classify
from tools.action import Action, ActionId, Argument, Place


def action(line: str, *arguments: str, summary: str = "") -> Action:
    method, path = line.split()
    return Action(
        id=ActionId(line),
        system="x",
        operation="do",
        method=method,
        path=path,
        pointer=line,
        summary=summary,
        arguments=tuple(Argument(name=one, wire_name=one, place=Place.BODY) for one in arguments),
    )


def related(line: str, *others: str) -> tuple[str | None, str | None]:
    """The read-back and the inverse proposed for the action `line` of a surface that has `others` too."""
    found = classify.classify([action(line), *map(action, others)], {}, {})[0]
    return found.read_back, found.inverse


@pytest.mark.parametrize(
    ("line", "undone"),
    [
        ("POST /rooms/{id}/archive", "POST /rooms/{id}/unarchive"),
        ("POST /projects/{id}/archive", "POST /projects/{id}/restore"),
        ("POST /rooms.kick", "POST /rooms.invite"),
        ("PUT /users/{id}/block", "PUT /users/{id}/unblock"),
        ("POST /rooms/{id}/addMembers", "POST /rooms/{id}/removeMembers"),
        ("POST /chat.scheduleMessage", "POST /chat.deleteScheduledMessage"),
        ("POST /transfer/create", "POST /transfer/cancel"),
        ("POST /Calls.json", "DELETE /Calls/{Sid}.json"),
        ("POST /sessions", "POST /sessions/{id}/expire"),
        ("POST /tasks/{id}/rating", "DELETE /tasks/{id}/rating"),
        ("POST /issues/{id}/comments", "DELETE /issues/comments/{comment_id}"),
        ("POST /Permissions", "DELETE /Permission/{PermissionId}"),
        ("DELETE /groups/{id}/members/{user}", "PUT /groups/{id}/members/{user}"),
        ("DELETE /files/{id}", "POST /files/{id}/restore"),
    ],
)
def test_a_deed_and_what_undoes_it(line: str, undone: str) -> None:
    assert undone == related(line, undone)[1]


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("POST /rooms/{id}/archive", "POST /projects/{id}/unarchive"),
        ("POST /rooms/{id}/archive", "GET /rooms/{id}/unarchive"),
        ("POST /issues/{id}/labels", "DELETE /issues/{id}/labels"),
        ("DELETE /contacts/{id}", "POST /contacts"),
        ("PATCH /contacts/{id}", "DELETE /contacts/{id}"),
        ("POST /contacts", "POST /contacts/{id}"),
    ],
    ids=["of another thing", "a GET", "all of them", "made anew", "changed", "a change"],
)
def test_what_does_not_undo_a_deed(line: str, other: str) -> None:
    assert None is related(line, other)[1]


def test_a_removal_of_named_members_undoes_their_addition() -> None:
    adding, removing = action("POST /pulls/{id}/reviewers"), action("DELETE /pulls/{id}/reviewers", "reviewers")
    assert removing.id == classify.classify([adding, removing], {}, {})[0].inverse


@pytest.mark.parametrize(
    ("line", "reads"),
    [
        ("POST /Calls.json", "GET /Calls/{Sid}.json"),
        ("POST /transfer/create", "POST /transfer/get"),
        ("POST /teams.users.update", "GET /teams.users.list"),
        ("POST /issues/{id}/comments", "GET /issues/comments/{comment_id}"),
        ("POST /issue/{id}/comment", "GET /issue/{id}/comment/{comment_id}"),
        ("POST /roles/{id}/members", "GET /roles/{id}/members"),
        ("PUT /members/{id}/wage-setting", "GET /members/{id}/wage-setting"),
        ("PUT /orders", "GET /orders/{order_id}"),
    ],
)
def test_what_reads_a_write_back(line: str, reads: str) -> None:
    surface = [action(line), action("GET /orders"), action(reads, summary="Retrieve what is there")]
    assert reads == classify.classify(surface, {}, {})[0].read_back


def test_of_two_reads_of_a_record_the_one_by_its_id_is_taken() -> None:
    by_number, by_id = "GET /orders/{order_number}", "GET /orders/{order_id}"
    assert by_id == related("POST /orders", by_number, by_id)[0]
    assert by_id == related("POST /orders", by_id, by_number)[0]


@pytest.mark.parametrize("other", ["GET /people/{id}", "GET /people/{id}/tasks", "POST /notes/get"])
def test_what_reads_something_else(other: str) -> None:
    assert None is related("POST /people/{id}/notes", other)[0]
