"""Every error becomes one problem document, decided in one place."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest
from starlette.exceptions import HTTPException

from api import problems
from tools import errors


def family(parent: type[errors.InterlockError]) -> Iterator[type[errors.InterlockError]]:
    yield parent
    for child in parent.__subclasses__():
        yield from family(child)


@pytest.mark.parametrize("kind", list(family(errors.InterlockError)), ids=lambda kind: kind.__name__)
def test_every_error_of_ours_has_a_status_and_keeps_its_mend(kind: type[errors.InterlockError]) -> None:
    problem = problems.problem_of(kind("this is wrong", mend="do that"))
    assert (problem.detail, problem.mend) == ("this is wrong", "do that")
    assert problem.type.startswith(problems.URN)
    is_ours = kind in (errors.InterlockError, errors.VaultSealed, errors.PlannerFailed, errors.Unavailable)
    assert is_ours == (problem.status >= 500)


def test_children_of_invalid_are_unprocessable_and_a_reused_key_is_no_conflict() -> None:
    assert {422} == {problems.of_error(kind()).status for kind in family(errors.Invalid)}
    assert (409, 422) == (problems.of_error(errors.Conflict()).status, problems.of_error(errors.KeyReused()).status)


def test_a_pointer_becomes_a_place() -> None:
    problem = problems.of_error(errors.Invalid("it is empty", pointer="/text"))
    assert [problems.Place(pointer="/text", problem="it is empty")] == problem.problems


def test_http_errors_keep_their_status_and_unexpected_ones_tell_nothing() -> None:
    assert (412, "read it again") == (
        (found := problems.problem_of(HTTPException(412, "read it again"))).status,
        found.detail,
    )
    unexpected = problems.problem_of(RuntimeError("password=hunter2"))
    assert 500 == unexpected.status
    assert "hunter2" not in unexpected.model_dump_json()


def test_a_document_is_sent_as_one_with_the_headers_its_status_needs() -> None:
    answer = problems.response(problems.of_error(errors.Unauthenticated()))
    assert (401, problems.MEDIA_TYPE, "Bearer") == (
        answer.status_code,
        answer.media_type,
        answer.headers["WWW-Authenticate"],
    )
    assert orjson.loads(answer.body) == {
        "type": "urn:interlock:problem:unauthenticated",
        "title": "No valid API key",
        "status": 401,
        "detail": errors.Unauthenticated.__doc__,
    }


def test_validation_points_at_each_place_by_json_pointer() -> None:
    found = [
        {"loc": ("body", "a/b", 0, "c~d"), "msg": "Value error, is wrong"},
        {"loc": ("query", "limit"), "msg": "too large"},
    ]
    problem = problems.of_validation(found)
    assert "body /a~1b/0/c~0d: is wrong (and 1 more)" == problem.detail
    assert problem.problems == [
        problems.Place(pointer="/a~1b/0/c~0d", problem="is wrong", source="body"),
        problems.Place(pointer="limit", problem="too large", source="query"),
    ]
