"""What a request that is sent twice does: once by key in billing, twice in tickets."""

from evals.worlds.client import ClientFor


def test_billing_replays_the_reply_under_the_same_key(client_for: ClientFor) -> None:
    billing = client_for("billing")
    before = len(billing.system.ledger())
    key = {"Idempotency-Key": "replayed"}
    first, second = (billing.call("PostCustomers", body={"name": "Once"}, headers=key) for _ in range(2))
    assert first.json() == second.json()
    assert (None, "true") == tuple(reply.headers.get("idempotent-replayed") for reply in (first, second))
    assert before + 1 == len(billing.system.ledger())


def test_billing_refuses_another_request_under_the_same_key(client_for: ClientFor) -> None:
    billing, key = client_for("billing"), {"Idempotency-Key": "reused"}
    billing.call("PostCustomers", body={"name": "One"}, headers=key)
    reply = billing.call("PostCustomers", body={"name": "Other"}, headers=key)
    assert (400, "idempotency_error") == (reply.status_code, reply.json()["error"]["type"])


def test_a_refused_request_does_not_use_up_its_key(client_for: ClientFor) -> None:
    billing, key = client_for("billing"), {"Idempotency-Key": "refused first"}
    assert 400 == billing.call("PostCustomers", body={"email": "no"}, headers=key).status_code
    assert 200 == billing.call("PostCustomers", body={"email": "yes@b.example"}, headers=key).status_code


def test_a_ticket_sent_twice_is_opened_twice_and_shows_so_in_the_ledger(client_for: ClientFor) -> None:
    tickets = client_for("tickets")
    ticket = {
        "subject": "Twice",
        "description": "Sent twice.",
        "requester_email": "a@b.example",
        "external_ref": "R-77",
    }
    ids = [tickets.call("create-ticket", body=ticket).json()["id"] for _ in range(2)]
    lines = [line for line in tickets.system.ledger() if line["request"].get("external_ref") == "R-77"]
    assert ids == [line["record_id"] for line in lines]
    assert ids[0] != ids[1]
    assert ids == [row["id"] for row in tickets.call("list-tickets", query={"external_ref": "R-77"}).json()]


def test_a_ledger_line_tells_the_whole_change(client_for: ClientFor) -> None:
    crm = client_for("crm")
    before = crm.call("getDeal", path={"deal_id": "D-110"}).json()
    after = crm.call("updateDeal", path={"deal_id": "D-110"}, body={"stage": "won"}).json()
    line = crm.system.ledger()[-1]
    expected = {
        "system": "crm",
        "operation": "PATCH /deals/{deal_id}",
        "operation_id": "updateDeal",
        "path": "/v2/deals/D-110",
        "caller": "interlock",
        "idempotency_key": None,
        "request": {"stage": "won"},
        "record_type": "deals",
        "record_id": "D-110",
        "before": before,
        "after": after,
        "changes": [{"record_type": "deals", "record_id": "D-110", "before": before, "after": after}],
    }
    assert expected == {name: value for name, value in line.items() if name not in ("n", "at")}


def test_an_update_that_changes_nothing_leaves_no_ledger_line(client_for: ClientFor) -> None:
    crm = client_for("crm")
    before = len(crm.system.ledger())
    assert 200 == crm.call("updateDeal", path={"deal_id": "D-104"}, body={"stage": "won"}).status_code
    assert before == len(crm.system.ledger())
