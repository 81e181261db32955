"""How actions of one surface belong together, told by a small API of which each test changes one thing."""

from __future__ import annotations

from typing import Any

import pytest

from discovery.compiler import compile_surface
from discovery.document import Document
from tools.action import Action, ActionId, Pagination, Probe, Resolver, ResolverKind, Surface

PERSON = {
    "type": "object",
    "required": ["email", "name"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "email": {"type": "string"},
        "name": {"type": "string"},
        "company_id": {"type": "string"},
    },
}
PEOPLE = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}},
        "paging": {"type": "object", "properties": {"next_cursor": {"type": "string"}}},
    },
}
FOUND = Probe(
    action=ActionId("crm.list_people"),
    arguments={"email": "email"},
    items="items",
    matches={"email": "email"},
    found_id="id",
)


def content(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def person() -> dict[str, Any]:
    return content({"$ref": "#/components/schemas/Person"})


def document(filters: tuple[str, ...] = ("email", "cursor"), conflict: bool = True, key: str = "") -> dict[str, Any]:
    conflicts = {"409": {"description": ""}} if conflict else {}
    header = [{"name": key, "in": "header", "schema": {"type": "string"}}] if key else []
    query = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in filters]
    return {
        "/people": {
            "get": {"operationId": "listPeople", "parameters": query, "responses": {"200": content(PEOPLE)}},
            "post": {
                "operationId": "createPerson",
                "parameters": header,
                "requestBody": person(),
                "responses": {"201": person()} | conflicts,
            },
        },
        "/people/{id}": {
            "get": {"operationId": "getPerson", "responses": {"200": person()}},
            "patch": {"operationId": "updatePerson", "requestBody": person(), "responses": {"200": person()}},
            "delete": {"operationId": "deletePerson", "responses": {"204": {"description": ""}}},
        },
        "/people/{id}/promote": {"post": {"operationId": "promotePerson", "responses": {"200": person()}}},
        "/people/{id}/notes": {"post": {"operationId": "addNote", "responses": {"201": {"description": ""}}}},
        "/teams/{team}/members": {
            "get": {"operationId": "listMembers", "responses": {"200": content(PEOPLE)}},
        },
        "/teams/{team}/members/{person}": {
            "put": {"operationId": "addMember", "responses": {"204": {"description": ""}}},
            "delete": {"operationId": "removeMember", "responses": {"204": {"description": ""}}},
        },
    }


def surface(paths: dict[str, Any]) -> Surface:
    root = {"paths": paths, "components": {"schemas": {"Person": PERSON}}}
    return compile_surface("crm", Document(root=root, dialect="openapi-3.0", digest="d", title=""))


def action(name: str, paths: dict[str, Any] | None = None) -> Action:
    return next(one for one in surface(paths or document()).actions if one.operation == name)


@pytest.mark.parametrize(
    ("name", "read_back", "inverse"),
    [
        ("create_person", "crm.get_person", "crm.delete_person"),
        ("update_person", "crm.get_person", None),
        ("promote_person", "crm.get_person", None),
        ("add_note", None, None),
        ("add_member", None, "crm.remove_member"),
        ("delete_person", None, None),
        ("list_people", None, None),
    ],
)
def test_what_reads_a_write_back_and_what_undoes_it(name: str, read_back: str | None, inverse: str | None) -> None:
    found = action(name)
    assert (read_back, inverse) == (found.read_back, found.inverse)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (document(), Resolver(kind=ResolverKind.NATURAL_KEY, probe=FOUND)),
        (document(conflict=False), Resolver(kind=ResolverKind.PROBE, probe=FOUND)),
        (document(filters=("cursor",)), Resolver()),
        (document(filters=("name",), conflict=False), Resolver()),
        (document(filters=("company_id",)), Resolver()),
        (
            document(key="Idempotency-Key"),
            Resolver(kind=ResolverKind.KEY, key_header="Idempotency-Key", is_proven=False, probe=FOUND),
        ),
    ],
    ids=[
        "409 and a filter",
        "a filter alone",
        "no filter",
        "a mere name",
        "shared by many",
        "a key, with the probe behind it",
    ],
)
def test_how_a_lost_create_is_settled(paths: dict[str, Any], expected: Resolver) -> None:
    assert expected == action("create_person", paths).resolver


def test_a_name_serves_where_the_system_refuses_a_second_one() -> None:
    probe = action("create_person", document(filters=("name",))).resolver.probe
    assert probe is not None
    assert {"name": "name"} == probe.matches


def test_a_lost_change_is_settled_by_reading_the_record() -> None:
    probe = Probe(action=ActionId("crm.get_person"), arguments={"id": "id"}, found_id="id")
    assert Resolver(kind=ResolverKind.PROBE, probe=probe) == action("update_person").resolver


def test_a_lost_addition_is_settled_by_reading_the_collection() -> None:
    probe = Probe(
        action=ActionId("crm.list_members"),
        arguments={"team": "team"},
        items="items",
        matches={"id": "person"},
        found_id="id",
    )
    assert Resolver(kind=ResolverKind.PROBE, probe=probe) == action("add_member").resolver


@pytest.mark.parametrize("name", ["delete_person", "promote_person", "add_note"])
def test_what_nothing_shows_is_parked(name: str) -> None:
    assert Resolver() == action(name).resolver


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (("cursor",), Pagination(kind="cursor", argument="cursor", items="items", next_field="paging.next_cursor")),
        (("pageNumber",), Pagination(kind="page", argument="pageNumber", items="items")),
        (("offset",), Pagination(kind="offset", argument="offset", items="items")),
        (("email",), None),
    ],
    ids=["cursor", "page", "offset", "none"],
)
def test_how_a_listing_is_paged(filters: tuple[str, ...], expected: Pagination | None) -> None:
    assert expected == action("list_people", document(filters=filters)).pagination


NEXT_PAGE = {"type": "object", "properties": {"offset": {"type": "string"}}}


@pytest.mark.parametrize(
    ("argument", "answer", "expected"),
    [
        ("page", {"next_page": {"type": ["string", "null"]}}, ("cursor", "next_page")),
        ("offset", {"next_page": NEXT_PAGE}, ("cursor", "next_page.offset")),
        ("page", {"next_page": NEXT_PAGE}, ("page", None)),
        ("page", {"total": {"type": "integer"}}, ("page", None)),
    ],
    ids=["a text", "a text in an object", "another text in an object", "none"],
)
def test_a_page_that_the_answer_gives_back_is_a_cursor(
    argument: str, answer: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    paths = document(filters=(argument,))
    people = {"type": "object", "properties": {"items": PEOPLE["properties"]["items"]} | answer}
    paths["/people"]["get"]["responses"] = {"200": content(people)}
    found = action("list_people", paths).pagination
    assert found is not None
    assert expected == (found.kind, found.next_field)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [(("page", "per_page"), Pagination(kind="page", argument="page")), (("page",), None), (("limit",), None)],
    ids=["a page and its size", "a page alone", "a size alone"],
)
def test_a_page_and_its_size_page_a_listing_whose_answer_is_not_described(
    filters: tuple[str, ...], expected: Pagination | None
) -> None:
    paths = document(filters=filters)
    paths["/people"]["get"]["responses"] = {"200": person()}
    assert expected == action("list_people", paths).pagination


def test_a_list_in_one_of_two_answers_is_paged() -> None:
    paths = document(filters=("offset",))
    paths["/people"]["get"]["responses"] = {"200": content({"oneOf": [PEOPLE, {"type": "object"}]})}
    assert Pagination(kind="offset", argument="offset", items="items") == action("list_people", paths).pagination


def test_a_link_header_pages_a_bare_list() -> None:
    paths = document()
    answer = content({"type": "array", "items": PERSON}) | {"headers": {"Link": {"schema": {"type": "string"}}}}
    paths["/people"]["get"] |= {"parameters": [], "responses": {"200": answer}}
    assert Pagination(kind="link") == action("list_people", paths).pagination


def test_every_proposal_carries_its_evidence() -> None:
    fields = {entry.field for entry in action("create_person").evidence}
    expected = {"action_class", "resource", "resolver", "read_back", "inverse", "arguments.company_id.is_target"}
    assert expected == fields
