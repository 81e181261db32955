"""A workspace sees nothing of another, and a request that was tampered with in the store can be decided by nobody."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa

from api import auth
from tools import db
from tools.clock import RandomIds
from tools.tables import Role


async def _stranger(url: str) -> str:
    database = db.Database(url)
    async with database.write("test") as session:
        name = f"eve-{uuid.uuid4().hex[:6]}"
        _, key = await auth.create_principal(session, RandomIds(), name, [Role.ADMIN], "another")
    await database.close()
    return key


def mail() -> dict[str, Any]:
    args = {"to": "rosa@example.com", "subject": f"Hello {uuid.uuid4().hex}", "body": "Hi"}
    return {"id": "write", "kind": "call", "action": "crm.send_email", "args": args}


async def test_an_admin_of_another_workspace_sees_and_changes_nothing_here(service: Any) -> None:
    run_id = service.submit("Write to rosa@example.com", mail())
    approval = service.asks(run_id)
    wait = service.waits(run_id, "approval")
    [connection] = [one for one in service.admin.get("/v1/connections").json()["items"] if one["system"] == "crm"]
    seen = {"If-Match": f'"{approval["digest"]}.{approval["version"]}"'}
    with service.client(await _stranger(service.database_url)) as eve:
        for path in ("systems", "connections", "actions", "runs", "approvals", "waits"):
            assert [] == eve.get(f"/v1/{path}").json()["items"], path
        for method, path, body in [
            ("GET", "/v1/systems/crm", None),
            ("POST", "/v1/systems/crm/accept", {}),
            ("GET", "/v1/actions/crm.send_email", None),
            ("GET", f"/v1/connections/{connection['id']}", None),
            ("PATCH", f"/v1/connections/{connection['id']}", {"is_enabled": False}),
            ("GET", f"/v1/runs/{run_id}", None),
            ("GET", f"/v1/runs/{run_id}/trace", None),
            ("GET", f"/v1/runs/{run_id}/stream", None),
            ("POST", f"/v1/runs/{run_id}/cancel", {}),
            ("GET", f"/v1/approvals/{approval['id']}", None),
            ("POST", f"/v1/approvals/{approval['id']}/decision", {"choice": "approve"}),
            ("POST", f"/v1/waits/{wait['id']}/answer", {"answer": "x"}),
            ("GET", f"/v1/audit/chains/{run_id}", None),
            ("POST", "/v1/keys/sam/revoke", None),
        ]:
            assert 404 == eve.request(method, path, json=body, headers=seen).status_code, (method, path)
        told = {one["chain"] for one in eve.get("/v1/audit/chains/registry").json()["items"]}
        assert ({"registry"}, 1) == (told, eve.get("/v1/audit/verify").json()["chains"])
    assert "open" == service.people["ann"].get(f"/v1/approvals/{approval['id']}").json()["state"]


def test_a_changed_byte_in_the_store_is_shown_and_cannot_be_approved(service: Any, browsers: Any) -> None:
    run_id = service.submit("Write to rosa@example.com", mail())
    approval = service.asks(run_id)
    path = f"/approvals/{approval['id']}"
    browser = browsers("ann")
    honest = browser.page(path)
    engine = db.sync_engine(service.database_url)
    with engine.begin() as connection:
        changed = sa.text("update approval set bound = replace(cast(bound as text), 'rosa@', 'eve@') where id = :id")
        if engine.dialect.name == "postgresql":
            changed = sa.text("update approval set bound = replace(bound::text, 'rosa@', 'eve@')::json where id = :id")
        assert 1 == connection.execute(changed, {"id": approval["id"]}).rowcount
    engine.dispose()
    page = browser.page(path)
    assert "does not match its digest" in page
    assert f'action="{path}"' not in page
    token = honest.partition('name="form_token" value="')[2].partition('"')[0]
    form = {"form_token": token, "choice": "approve", "seen": f'"{approval["digest"]}.{approval["version"]}"'}
    assert 409 == browser.http.post(path, data=form).status_code
    assert 409 == service.decide("ann", approval, choice="approve").status_code
