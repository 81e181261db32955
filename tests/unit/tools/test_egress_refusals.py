"""What egress refuses before it resolves a name: nothing was sent, and the refusal says why."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tools import credentials
from tools.addresses import Address
from tools.egress import Cause, Egress, NotSent, Target
from tools.vault import KeyRing, Vault
from tools.wire import Request

BASE = "https://api.example.com/v1"
CANARY = "canary-77aa"
VAULT = Vault(KeyRing(bytes(32)))


class StoppedClock:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC)


async def forbidden(host: str, port: int) -> tuple[Address, ...]:
    raise AssertionError("nothing may be looked up")


@pytest.fixture
async def egress():
    async with Egress(VAULT, StoppedClock(), resolver=forbidden) as made:
        yield made


def request(**changes: Any) -> Request:
    return replace(Request(method="GET", url=f"{BASE}/contacts"), **changes)


def target(kind: str = "none", **entered: object) -> Target:
    spec = credentials.read({"kind": kind, **entered})
    sealed = VAULT.seal(spec.sealed(), "w", "c")
    return Target(workspace="w", connection="c", base_url=BASE, auth_kind=kind, public=spec.public(), envelope=sealed)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://evil.example/v1/contacts"},
        {"url": "http://api.example.com/v1/contacts"},
        {"url": "https://api.example.com:444/v1/contacts"},
        {"url": "https://api.example.com/v2"},
        {"url": f"{BASE}/../admin"},
        {"url": "https://user:pass@api.example.com/v1"},
        {"method": "get"},
        {"method": "CONNECT"},
        {"method": "GET / HTTP/1.1\r\nX: 1"},
        {"headers": (("X-Note", f"{CANARY}\r\nX-Evil: 1"),)},
        {"headers": (("X-Note", f"{CANARY}ü"),)},
        {"headers": (("X-Note", f" {CANARY}"),)},
        {"headers": (("X Note", CANARY),)},
        {"headers": (("", CANARY),)},
        {"headers": (("Host", CANARY),)},
        {"headers": (("content-length", "5"),)},
        {"headers": (("Transfer-Encoding", "chunked"),)},
        {"headers": (("Authorization", CANARY),)},
        {"content_type": "text/plain\r\nX-Evil: 1"},
    ],
    ids=str,
)
async def test_an_unsafe_request_is_not_sent(egress: Egress, changes: dict[str, object]) -> None:
    sent = await egress.send(request(**changes), target())

    assert isinstance(sent, NotSent)
    assert Cause.REQUEST is sent.cause
    assert CANARY not in sent.reason


@pytest.mark.parametrize(
    ("held", "changes"),
    [
        (target("header", name="X-Key", value="s"), {"headers": (("x-key", CANARY),)}),
        (target("api_key", place="query", name="key", key="s"), {"url": f"{BASE}/contacts?a=1&key="}),
        (target("api_key", place="query", name="key", key="s"), {"url": f"{BASE}/contacts?%6Bey=1"}),
    ],
    ids=["header", "query", "encoded query"],
)
async def test_a_request_cannot_set_what_the_credential_sets(egress: Egress, held: Target, changes) -> None:
    sent = await egress.send(request(**changes), held)

    assert isinstance(sent, NotSent)
    assert "where the connection's credential goes" in sent.reason


async def test_a_port_outside_the_list_is_not_tried(egress: Egress) -> None:
    expected = NotSent(reason="port 443 is not among the ports this System may use", cause=Cause.ADDRESS)

    assert expected == await egress.send(request(), replace(target(), allowed_ports=(8443,)))


@pytest.mark.parametrize(
    "held",
    [
        replace(target("bearer", token=CANARY), envelope=None),
        replace(target("bearer", token=CANARY), connection="another"),
        replace(target("bearer", token=CANARY), workspace="another"),
        replace(target("bearer", token=CANARY), envelope=Vault(KeyRing(bytes(range(32)))).seal({}, "w", "c")),
        replace(target("bearer", token=CANARY), auth_kind="basic"),
        replace(target("bearer", token=CANARY), auth_kind="telepathy"),
    ],
    ids=["no envelope", "other connection", "other workspace", "other key", "other kind", "unknown kind"],
)
async def test_a_credential_that_cannot_be_had_sends_nothing(egress: Egress, held: Target) -> None:
    sent = await egress.send(request(), held)

    assert isinstance(sent, NotSent)
    assert Cause.CREDENTIAL is sent.cause
    assert CANARY not in f"{sent} {held}"


async def test_a_token_url_on_a_forbidden_port_is_not_tried(egress: Egress) -> None:
    held = target(
        "oauth2_client_credentials", token_url="https://id.example.com:25/t", client_id="i", client_secret=CANARY
    )
    expected = NotSent(reason="port 25 is not among the ports this System may use", cause=Cause.ADDRESS)

    assert expected == await egress.send(request(), replace(held, allowed_ports=(443,)))
