"""A billing system that nobody here wrote, by Stripe's own document: a goal creates a customer and an invoice there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from evals import pursuit
from evals.stage import Stage

SHARED = Path(__file__).resolve().parents[3] / "shared"
DOCUMENT = SHARED / "specs" / "stripe.json"
#: localstripe takes any key that looks like one of Stripe's test keys.
KEY = ("sk_test_12345", "")
ACTIONS = ["billing.get_customers", "billing.post_customers", "billing.post_invoiceitems", "billing.post_invoices"]
GOAL = (
    'Create the customer "Kestrel Foods" with email ap@kestrel.example in billing, '
    "create an invoiceitem with an amount of 640 EUR for it, and create an invoice for it."
)


@pytest.fixture(scope="module")
def localstripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The system's own interface. It is installed from PyPI on the way."""
    if not (SHARED / "systems" / "localstripe").is_dir() or not DOCUMENT.is_file():
        pytest.skip(f"localstripe and Stripe's document are not in {SHARED}")
    systems = tmp_path_factory.mktemp("real") / "systems"
    shutil.copytree(SHARED / "systems", systems, copy_function=_copied_writable)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    pip = {"PIP_RETRIES": "1", "PIP_DEFAULT_TIMEOUT": "15", "PIP_NO_COMPILE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    started = _script(systems / "localstripe" / "start.sh", PORT=str(port), **pip)
    if started.returncode != 0:
        pytest.skip(f"localstripe could not be installed or started: {started.stdout[-500:]}")
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=KEY, trust_env=False) as client:
            yield client
    finally:
        _script(systems / "localstripe" / "stop.sh")


@pytest.fixture(scope="module")
def stage(crm_stage: Stage, localstripe: httpx.Client) -> Stage:
    """Interlock with localstripe as its system `billing`, of which an admin accepts what the goal needs."""
    admin = crm_stage.admin
    system = {"slug": "billing", "base_url": str(localstripe.base_url), "allow_private": True}
    added = admin.post("/v1/systems", system | {"document": DOCUMENT.read_text("utf-8")})
    assert (452, []) == (added["surface"]["actions"], added["surface"]["quarantine"])
    credential = {"kind": "basic", "username": KEY[0], "password": KEY[1]}
    admin.post("/v1/connections", {"system": "billing", "credential": credential})
    assert {"accepted": ACTIONS, "left": []} == admin.post("/v1/systems/billing/accept", {"actions": ACTIONS})
    return crm_stage


def test_a_goal_creates_a_customer_and_an_invoice(stage: Stage, localstripe: httpx.Client) -> None:
    sam, ann = stage.people["sam"], stage.people["ann"]
    run = pursuit.submit(sam, GOAL)

    # Money moves to a customer that the goal could not name, so a person looks at each of the two requests.
    first = pursuit.asked(sam, run)
    (customer,) = _listed(localstripe, "customers")
    assert ("Kestrel Foods", "ap@kestrel.example") == (customer["name"], customer["email"])
    _subscribe(localstripe, customer["id"])
    pursuit.decide(ann, first, "approve")
    second = pursuit.asked(sam, run, after=first)
    assert [] == _listed(localstripe, "invoices")
    assert {"customer": customer["id"]} == ann.get(f"/v1/approvals/{second}")["arguments"]
    pursuit.decide(ann, second, "approve")

    ended = pursuit.ended(sam, run)
    assert ("done", None) == (ended["state"], ended["problem"])
    assert [customer["id"]] == [one["id"] for one in _listed(localstripe, "customers")]
    (invoice,) = _listed(localstripe, "invoices")
    assert (customer["id"], "ap@kestrel.example", 64_000, "eur", "draft") == tuple(
        invoice[field] for field in ("customer", "customer_email", "total", "currency", "status")
    )
    assert [
        ("billing.post_customers", "done", customer["id"]),
        ("billing.post_invoiceitems", "done", invoice["lines"]["data"][-1]["invoice_item"]),
        ("billing.post_invoices", "done", invoice["id"]),
    ] == [(one["action"], one["state"], one["result"]["id"]) for one in sam.items(f"/v1/runs/{run}/effects")]


def test_a_resolver_that_the_document_does_not_vouch_for_is_not_proposed(stage: Stage) -> None:
    """localstripe ignores Idempotency-Key, so an effect in doubt must not be sent again on its strength."""
    found = [stage.admin.get(f"/v1/actions/{action}")["resolver"] for action in ACTIONS[1:]]
    assert [("probe", False), ("park", False), ("park", False)] == [(one["kind"], one["is_proven"]) for one in found]


def _subscribe(localstripe: httpx.Client, customer: str) -> None:
    """Put the customer on a free account plan, as somebody at billing would: localstripe invoices only subscribers."""
    plan = {"id": "account", "amount": 0, "currency": "eur", "interval": "month", "product[name]": "Account"}
    subscription = {"customer": customer, "items[0][plan]": "account", "trial_period_days": 30}
    for path, body in (("/v1/plans", plan), ("/v1/subscriptions", subscription)):
        localstripe.post(path, data=body).raise_for_status()


def _listed(localstripe: httpx.Client, what: str) -> list[dict[str, Any]]:
    found = localstripe.get(f"/v1/{what}").raise_for_status().json()
    return list(found["data"])


def _copied_writable(source: str, target: str) -> str:
    """What is shared is read-only; the copy holds the system's state."""
    shutil.copy2(source, target)
    Path(target).chmod(0o700)
    return target


def _script(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    log = path.with_suffix(".log")
    with log.open("w") as file:
        done = subprocess.run(
            ["bash", str(path)], stdin=subprocess.DEVNULL, stdout=file, stderr=file, env={**os.environ, **environment}
        )
    return subprocess.CompletedProcess(done.args, done.returncode, log.read_text("utf-8", errors="replace"))
