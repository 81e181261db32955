"""Armed faults strike at their point, and the state tells whether the request happened."""

import time
from collections.abc import Iterator

import httpx
import pytest

from evals.worlds.client import Client, ClientFor

TICKET = {"subject": "Fault", "description": "Struck.", "requester_email": "a@b.example"}


@pytest.fixture
def tickets(client_for: ClientFor) -> Iterator[Client]:
    client = client_for("tickets")
    yield client
    client.system.clear_faults()


@pytest.mark.parametrize("action", ["drop", "reset"])
@pytest.mark.parametrize(
    ("point", "opened"), [("before_commit", 0), ("after_commit", 1), ("before_reply", 1), ("mid_body", 1)]
)
def test_a_broken_connection_leaves_the_state_of_its_point(
    tickets: Client, point: str, action: str, opened: int
) -> None:
    before = len(tickets.system.ledger())
    tickets.system.arm_fault("create-ticket", point, action)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        tickets.call("create-ticket", body=TICKET)
    assert before + opened == len(tickets.system.ledger())
    assert 201 == tickets.call("create-ticket", body=TICKET).status_code


def test_a_status_strikes_as_often_as_it_is_armed_after_those_it_skips(tickets: Client) -> None:
    tickets.system.arm_fault("GET /tickets", "before_reply", "status", status=429, retry_after_s=7, times=2, skip=1)
    replies = [tickets.call("list-tickets") for _ in range(4)]
    assert [200, 429, 429, 200] == [reply.status_code for reply in replies]
    assert "7" == replies[1].headers["retry-after"]


def test_a_delay_holds_the_reply(tickets: Client) -> None:
    tickets.system.arm_fault("*", "before_reply", "delay", delay_s=0.3)
    start = time.monotonic()
    assert 200 == tickets.call("list-agents").status_code
    assert time.monotonic() - start >= 0.3


def test_billing_replays_what_was_committed_before_the_connection_broke(client_for: ClientFor) -> None:
    billing, key = client_for("billing"), {"Idempotency-Key": "lost reply"}
    before = len(billing.system.ledger())
    billing.system.arm_fault("PostCustomers", "after_commit", "drop")
    with pytest.raises(httpx.RemoteProtocolError):
        billing.call("PostCustomers", body={"name": "Lost"}, headers=key)
    assert "true" == billing.call("PostCustomers", body={"name": "Lost"}, headers=key).headers["idempotent-replayed"]
    assert before + 1 == len(billing.system.ledger())
