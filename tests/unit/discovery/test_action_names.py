from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery import naming
from discovery.described import Operation
from discovery.references import pointer


def operation(identifier: str = "", path: str = "/things", method: str = "GET") -> Operation:
    where = pointer("paths", path, method.lower())
    return Operation(method=method, path=path, pointer=where, operation_id=identifier)


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        (operation("getPetById"), "get_pet_by_id"),
        (operation("repos/list-for-user"), "repos_list_for_user"),
        (operation("HTTPServerV2.create"), "http_server_v2_create"),
        (operation("2fa.enable", method="POST"), "post_2_fa_enable"),
        (operation("", "/v1/pets/{petId}/toys", "POST"), "post_v1_pets_pet_id_toys"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_name_is_the_operation_id_or_method_and_path(described: Operation, expected: str) -> None:
    assert [expected] == naming.names([described])


def test_rivals_all_get_a_mark_so_that_none_takes_over_the_name_of_another() -> None:
    first, second = operation("list", "/a"), operation("list", "/b")
    both = naming.names([first, second])
    assert both == naming.names([second, first])[::-1]
    assert 2 == len(set(both))
    assert all(re.fullmatch(r"list_[0-9a-f]{8}", name) for name in both)


@given(st.lists(st.tuples(st.text(max_size=90), st.text(max_size=30)), max_size=20, unique_by=lambda pair: pair[1]))
@settings(max_examples=100, deadline=None)
def test_names_are_unique_short_and_plain_whatever_the_document_says(described: list[tuple[str, str]]) -> None:
    names = naming.names([operation(identifier, f"/{path}") for identifier, path in described])
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) for name in names)
