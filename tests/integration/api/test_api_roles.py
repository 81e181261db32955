"""Who may call what: every operation of our own document, as everybody. Deny by default."""

from __future__ import annotations

import re
from typing import Any

import pytest

OPEN = {"get_health", "get_readiness"}
NOBODY = ("nobody", "a wrong key", "a key of another scheme")


@pytest.fixture(scope="session")
def operations(service: Any) -> list[tuple[str, str, dict[str, Any]]]:
    document = service.admin.get("/v1/openapi.json").json()
    return [
        (method.upper(), re.sub(r"{\w+}", "nothing-here", path), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_has_an_id_roles_and_a_problem_document(operations: Any) -> None:
    ids = [operation["operationId"] for _, _, operation in operations]
    assert sorted(set(ids)) == sorted(ids)
    assert set(ids) >= OPEN
    for _, path, operation in operations:
        is_open = operation["operationId"] in OPEN
        assert is_open == ("x-roles" not in operation), path
        assert is_open or operation["security"] == [{"key": []}]
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("who", NOBODY)
def test_without_a_valid_key_everything_is_closed(service: Any, operations: Any, who: str) -> None:
    headers = {
        "nobody": {},
        "a wrong key": {"Authorization": f"Bearer {service.admin_key[:-1]}x"},
        "a key of another scheme": {"Authorization": f"Basic {service.admin_key}"},
    }[who]
    with service.client() as http:
        for method, path, operation in operations:
            if operation["operationId"] in OPEN:
                continue
            answer = http.request(method, path, headers=headers, json={})
            assert (401, "Bearer") == (answer.status_code, answer.headers["WWW-Authenticate"]), (method, path)
            assert "application/problem+json" == answer.headers["Content-Type"]


@pytest.mark.parametrize("name", ["sam", "ann", "ida", "admin"])
def test_a_role_opens_exactly_what_the_document_says(service: Any, operations: Any, name: str) -> None:
    http = service.admin if name == "admin" else service.people[name]
    role = {"sam": "submitter", "ann": "approver", "ida": "auditor", "admin": "admin"}[name]
    for method, path, operation in operations:
        if operation["operationId"] in OPEN:
            continue
        answer = http.request(method, path, json={})
        assert (role not in operation["x-roles"]) == (answer.status_code == 403), (method, path, answer.text)
        assert answer.status_code < 500, (method, path, answer.text)


def test_an_admin_may_call_everything(operations: Any) -> None:
    assert all("admin" in operation.get("x-roles", ["admin"]) for _, _, operation in operations)


def test_a_revoked_key_and_an_expired_one_are_nobodys(service: Any) -> None:
    made = service.admin.post("/v1/keys", json={"name": "short.lived", "roles": ["admin"]})
    expired = {"name": "over", "roles": ["admin"], "expires_at": "2020-01-01T00:00:00Z"}
    over = service.admin.post("/v1/keys", json=expired).json()["key"]
    key = made.json()["key"]
    with service.client(key) as http, service.client(over) as late:
        assert 200 == http.get("/v1/keys/self").status_code
        assert 401 == late.get("/v1/keys/self").status_code
        assert 200 == service.admin.post("/v1/keys/short.lived/revoke").status_code
        assert 401 == http.get("/v1/keys/self").status_code
    again = service.admin.post("/v1/keys", json={"name": "short.lived", "roles": ["submitter"]})
    assert 409 == again.status_code
