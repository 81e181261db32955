"""Revisions over REST and the command line: listed, compared, and accepted anew where nothing changed."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import uuid
from typing import Any

import pytest

ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {"sku": {"type": "string"}, "speed": {"type": "string", "enum": ["slow", "fast", "drone"]}},
    "required": ["sku"],
}


def document(order: dict[str, Any]) -> str:
    body = {"required": True, "content": {"application/json": {"schema": order}}}
    answer = {"responses": {"200": {"description": "Done."}}}
    paths = {
        "/orders": {
            "get": {"operationId": "listOrders", **answer},
            "post": {"operationId": "createOrder", "requestBody": body, **answer},
        }
    }
    return json.dumps({"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": paths})


def told(answer: Any, status: int = 200) -> Any:
    assert status == answer.status_code, answer.text
    return answer.json()


@pytest.fixture
def slug(service: Any) -> str:
    """A system with two revisions; the first is accepted, and the second knows one delivery speed less."""
    slug = f"shop_{uuid.uuid4().hex[:8]}"
    body = {"slug": slug, "base_url": "https://shop.example", "document": document(ORDER)}
    told(service.admin.post("/v1/systems", json=body), 201)
    told(service.admin.post(f"/v1/systems/{slug}/accept", json={}))
    later = copy.deepcopy(ORDER)
    later["properties"]["speed"]["enum"].remove("drone")
    later["properties"]["gift"] = {"type": "boolean"}
    told(service.admin.put(f"/v1/systems/{slug}/document", content=document(later)))
    return slug


def command(service: Any, *words: str) -> str:
    # As wide as it wants, whatever terminal the tests run in.
    environment = {"INTERLOCK_URL": service.url, "INTERLOCK_API_KEY": service.admin_key, "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def test_revisions_are_listed_and_compared(service: Any, slug: str) -> None:
    sam = service.people["sam"]
    assert [2, 1] == [one["revision"] for one in told(sam.get(f"/v1/systems/{slug}/revisions"))["items"]]
    action = f"{slug}.create_order"
    at = f"/actions/{action}/arguments/properties"
    dropped = {
        "kind": "enum",
        "impact": "breaks",
        "side": "argument",
        "pointer": f"{at}/speed/enum",
        "actions": [action],
        "before": ["drone"],
        "after": [],
        "likelihood": None,
    }
    gained = {
        **dropped,
        "kind": "additive",
        "impact": "safe",
        "pointer": f"{at}/gift",
        "before": None,
        "after": "gift",
    }
    expected = {
        "system": slug,
        "before": 1,
        "after": 2,
        "counts": {"breaks": 1, "may_break": 0, "safe": 1},
        "changed": 1,
        "unchanged": 1,
        "findings": [dropped, gained],
    }
    assert expected == told(sam.get(f"/v1/systems/{slug}/diff"))
    backwards = told(sam.get(f"/v1/systems/{slug}/diff", params={"from": 2, "to": 1}))
    assert [("enum", "safe"), ("removed", "breaks")] == sorted(
        (one["kind"], one["impact"]) for one in backwards["findings"]
    )
    assert [] == told(sam.get(f"/v1/systems/{slug}/diff", params={"from": 2, "to": 2}))["findings"]


def test_a_revision_that_is_none_is_not_compared(service: Any, slug: str) -> None:
    sam = service.people["sam"]
    assert 404 == sam.get(f"/v1/systems/{slug}/diff", params={"from": 7}).status_code
    assert 404 == sam.get(f"/v1/systems/{slug}/diff", params={"to": 1}).status_code
    assert 422 == sam.get(f"/v1/systems/{slug}/diff", params={"from": 0}).status_code
    assert 404 == sam.get("/v1/systems/nobody/diff").status_code


def test_the_older_bytes_again_change_nothing(service: Any, slug: str) -> None:
    again = told(service.admin.put(f"/v1/systems/{slug}/document", content=document(ORDER)))
    assert (1, 2, 2) == (again["revision"], again["actions"], again["accepted"])
    assert 2 == told(service.people["sam"].get(f"/v1/systems/{slug}"))["surface"]["revision"]


def test_acceptance_is_carried_over(service: Any, slug: str) -> None:
    path = f"/v1/systems/{slug}/accept"
    assert 422 == service.admin.post(path, json={"carry": "unchanged", "actions": []}).status_code
    assert 403 == service.people["sam"].post(path, json={"carry": "unchanged"}).status_code
    expected = {"accepted": [f"{slug}.list_orders"], "left": [f"{slug}.create_order"]}
    assert expected == told(service.admin.post(path, json={"carry": "unchanged"}))
    assert 1 == told(service.admin.get(f"/v1/systems/{slug}"))["surface"]["accepted"]


def test_the_command_line_shows_what_breaks_and_carries_the_rest(service: Any, slug: str) -> None:
    drawn = command(service, "systems", "diff", slug)
    assert "1 break, 0 may break, 1 are safe; 1 actions differ, 1 do not." in drawn
    assert "− drone" in drawn
    assert "gift" not in drawn
    assert "gift" in command(service, "systems", "diff", slug, "--from", "1", "--to", "2", "--all")
    assert f"  {slug}.create_order" in command(service, "systems", "accept", slug, "--carry", "unchanged")


def test_an_action_is_told_with_its_evidence_and_its_links(service: Any) -> None:
    shown = service.people["sam"].get("/v1/actions/crm.delete_contact").json()
    listing = {
        "action": "crm.list_contacts",
        "argument": "contact_id",
        "field": "results[].id",
        "why": "same system listing",
    }
    assert listing in shown["producers"]
    fed = service.people["sam"].get("/v1/actions/crm.list_contacts").json()["consumers"]
    assert listing | {"action": "crm.delete_contact"} in fed
    drawn = command(service, "actions", "show", "crm.delete_contact")
    words = [line.split() for line in drawn.splitlines()]
    assert ["class", "delete", "DELETE"] in words
    assert "target" in drawn
    assert "crm.list_contacts: results[].id" in drawn
    assert "contact_id from crm.list_contacts" in command(service, "actions", "search", "delete a contact", "--needs")
