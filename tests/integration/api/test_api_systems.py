"""Systems, their documents, connections and actions over REST."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "paths": {
        "/notes": {
            "get": {"operationId": "listNotes", "responses": {"200": {"description": "Notes."}}},
            "post": {
                "operationId": "createNote",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {"text": {"type": "string"}},
                                "required": ["text"],
                            }
                        }
                    },
                },
                "responses": {"201": {"description": "Made."}},
            },
        },
        "/lost/{id}": {"get": {"parameters": [{"$ref": "#/components/nowhere"}], "responses": {}}},
    },
}


def told(answer: Any, status: int = 200) -> Any:
    assert status == answer.status_code, answer.text
    return answer.json()


@pytest.fixture
def slug() -> str:
    return f"notes_{uuid.uuid4().hex[:8]}"


def add(service: Any, slug: str, **more: Any) -> Any:
    body = {"slug": slug, "base_url": "https://notes.example/api", "title": "Notes", **more}
    return service.admin.post("/v1/systems", json=body)


def test_a_system_is_registered_discovered_and_accepted(service: Any, slug: str) -> None:
    answer = add(service, slug)
    made = told(answer, 201)
    assert f"/v1/systems/{slug}" == answer.headers["Location"]
    created_at = made.pop("created_at")
    system = {
        "slug": slug,
        "title": "Notes",
        "base_url": "https://notes.example/api",
        "allow_private": False,
        "owner": "admin",
    }
    assert system | {"surface": None} == made

    path = f"/v1/systems/{slug}/document"
    surface = told(service.admin.put(path, content=json.dumps(DOCUMENT)))
    lost = surface.pop("quarantine")
    assert [("/lost/{id}", "GET")] == [(one["path"], one["method"]) for one in lost]
    validated = surface.pop("flaws")
    assert "/paths/~1lost~1{id}/get/responses" in [one["pointer"] for one in validated]
    times = {"created_at": surface.pop("created_at"), "digest": surface.pop("digest")}
    found = {
        "system": slug,
        "revision": 1,
        "dialect": "openapi-3.1",
        "title": "Notes",
        "created_by": "admin",
        "actions": 2,
        "accepted": 0,
        "classes": {"read": 1, "write": 1},
    }
    assert found == surface
    again = told(service.admin.put(path, content=json.dumps(DOCUMENT)))
    assert times == {"created_at": again["created_at"], "digest": again["digest"]}

    ids = [f"{slug}.create_note", f"{slug}.list_notes"]
    assert {"accepted": ids, "left": []} == told(service.admin.post(f"/v1/systems/{slug}/accept", json={}))
    seen = told(service.people["sam"].get(f"/v1/systems/{slug}"))
    assert 2 == seen["surface"]["accepted"]
    assert created_at == seen["created_at"]


def test_a_document_that_is_none_leaves_nothing_behind(service: Any, slug: str) -> None:
    problem = told(add(service, slug, document="just some text"), 422)
    assert "urn:interlock:problem:document" == problem["type"]
    assert 404 == service.admin.get(f"/v1/systems/{slug}").status_code


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"slug": "Not A Slug"}, "/slug"),
        ({"base_url": "ftp://notes.example"}, "/base_url"),
        ({"base_url": "https://user:pass@notes.example"}, "/base_url"),
        ({"base_url": "https://notes.example/?page=1"}, "/base_url"),
        ({"colour": "blue"}, "/colour"),
        ({"title": "two\nlines"}, "/title"),
    ],
    ids=["slug", "scheme", "credentials", "query", "unknown field", "line break"],
)
def test_a_system_that_does_not_fit_is_refused_where_it_does_not(
    service: Any, slug: str, change: dict[str, str], pointer: str
) -> None:
    problem = told(add(service, **{"slug": slug, **change}), 422)
    assert [pointer] == [place["pointer"] for place in problem["problems"]]


def test_a_slug_is_taken_once(service: Any, slug: str) -> None:
    told(add(service, slug), 201)
    assert "urn:interlock:problem:conflict" == told(add(service, slug), 409)["type"]


def test_a_changed_base_url_is_kept_and_recorded(service: Any, slug: str) -> None:
    told(add(service, slug), 201)
    change = {"base_url": "https://notes.example/v2"}
    assert "https://notes.example/v2" == told(service.admin.patch(f"/v1/systems/{slug}", json=change))["base_url"]
    records = told(service.people["ida"].get("/v1/audit/chains/registry?limit=200"))["items"]
    assert {"system": slug} | change == next(one["body"] for one in records if one["kind"] == "system.changed")


def test_actions_are_listed_in_pages_searched_and_described(service: Any) -> None:
    sam = service.people["sam"]
    listed, cursor = [], None
    while cursor is not None or not listed:
        page = told(
            sam.get("/v1/actions", params={"system": "crm", "limit": 7, **({"cursor": cursor} if cursor else {})})
        )
        listed += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert sorted(set(listed)) == listed
    assert 20 == len(listed)
    best = told(sam.get("/v1/actions", params={"q": "send an e-mail to somebody", "limit": 3}))["items"]
    assert "crm.send_email" == best[0]["id"]
    action = told(sam.get("/v1/actions/crm.delete_contact"))
    asked = {
        "verdict": "ask",
        "rule": "class.delete",
        "why": "it removes something; a person confirms every removal",
        "role": "approver",
        "count": 1,
    }
    assert asked == action["approval"]
    assert ("delete", "park", True, 1) == (
        action["action_class"],
        action["resolver"]["kind"],
        action["is_accepted"],
        action["revision"],
    )


def test_a_secret_goes_in_and_never_comes_out(service: Any, slug: str) -> None:
    told(add(service, slug), 201)
    canary = f"canary-{uuid.uuid4().hex}"
    body = {"system": slug, "credential": {"kind": "header", "name": "X-Key", "value": canary}}
    made = service.admin.post("/v1/connections", json=body)
    connection = told(made, 201)
    shown = {name: connection[name] for name in ("system", "name", "auth_kind", "public", "has_secret", "is_enabled")}
    assert shown == {
        "system": slug,
        "name": "main",
        "auth_kind": "header",
        "public": {"name": "X-Key", "prefix": ""},
        "has_secret": True,
        "is_enabled": True,
    }
    path = f"/v1/connections/{connection['id']}"
    off = told(service.admin.patch(path, json={"is_enabled": False}))
    assert (False, 1) == (off["is_enabled"], off["version"])
    fresh = {"credential": {"kind": "bearer", "token": canary + "2"}}
    replaced = told(service.admin.put(f"{path}/secret", json=fresh))
    assert ("bearer", {}, 2) == (replaced["auth_kind"], replaced["public"], replaced["version"])
    wrong = service.admin.put(f"{path}/secret", json={"credential": {"kind": "bearer", "token": canary + "\n"}})
    everything = [
        made.text,
        wrong.text,
        service.admin.get("/v1/connections?limit=200").text,
        service.people["ida"].get("/v1/audit/chains/registry/export").text,
    ]
    assert 422 == wrong.status_code
    assert not any(canary in text for text in everything)


def test_a_connection_needs_a_system_and_a_free_name(service: Any, slug: str) -> None:
    body = {"system": slug, "credential": {"kind": "none"}}
    assert 404 == service.admin.post("/v1/connections", json=body).status_code
    told(add(service, slug), 201)
    assert "none" == told(service.admin.post("/v1/connections", json=body), 201)["auth_kind"]
    assert 409 == service.admin.post("/v1/connections", json=body).status_code


def test_an_action_gives_its_schemas_as_documents_of_their_own(service: Any, slug: str) -> None:
    node = {"type": "object", "properties": {"text": {"type": "string"}, "parent": {"$ref": "#/components/schemas/N"}}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/N"}}}
    operation = {
        "operationId": "createNote",
        "requestBody": {"content": {"application/json": {"schema": {**node, "required": ["text"]}}}},
        "responses": {"201": {"description": "Made.", "content": content}},
    }
    schemas = {"N": node, "Unused": {"type": "object"}}
    document = {**DOCUMENT, "paths": {"/notes": {"post": operation}}, "components": {"schemas": schemas}}
    told(add(service, slug, document=document), 201)
    found = told(service.people["sam"].get(f"/v1/actions/{slug}.create_note/schema"))
    shared = {"type": "object", "properties": {"text": {"type": "string"}, "parent": {"$ref": "#/$defs/N"}}}
    dialect = "https://json-schema.org/draft/2020-12/schema"
    lowered, tokens = found.pop("lowered"), found.pop("tokens")
    assert {
        "id": f"{slug}.create_note",
        "revision": 1,
        "arguments": {
            "$schema": dialect,
            "type": "object",
            "properties": {"text": {"type": "string"}, "parent": {"$ref": "#/$defs/N"}},
            "required": ["text"],
            "additionalProperties": False,
            "$defs": {"N": shared},
        },
        "result": {"$schema": dialect, "$ref": "#/$defs/N", "$defs": {"N": shared}},
    } == found
    assert ["text"] == lowered["required"]
    assert not {"$ref", "$defs"} & set(json.dumps(lowered).replace('"', " ").split())
    assert 10 < tokens < 200
    told(service.people["sam"].get(f"/v1/actions/{slug}.none/schema"), 404)
