"""Tokens of the identity service: scopes count, and time runs out."""

import time
from dataclasses import replace
from pathlib import Path

import httpx

from evals.worlds.client import Client, ClientFor
from evals.worlds.credentials import ClientCredentials
from evals.worlds.enterprise import Enterprise


def own(enterprise: Enterprise) -> ClientCredentials:
    credential = enterprise["identity"].credential
    assert isinstance(credential, ClientCredentials)
    return credential


def test_a_token_without_the_scope_is_refused_and_told_which(enterprise: Enterprise, client_for: ClientFor) -> None:
    reader = client_for("identity", replace(own(enterprise), scopes=("accounts.read",)))
    reply = reader.call("accounts.disable", path={"account_id": "acc-0009"})
    assert (403, "application/problem+json") == (reply.status_code, reply.headers["content-type"])
    assert ["accounts.write"] == reply.json()["missing_scopes"]
    assert 403 == reader.call("accounts.groups.list", path={"account_id": "acc-0009"}).status_code
    assert 200 == reader.call("accounts.get", path={"account_id": "acc-0009"}).status_code


def test_a_wrong_secret_and_a_scope_too_many_get_no_token(enterprise: Enterprise) -> None:
    credential = own(enterprise)
    grant = {"grant_type": "client_credentials", "client_id": credential.client_id}
    wrong = httpx.post(credential.token_url, data={**grant, "client_secret": "wrong"}, trust_env=False)
    asked = {**grant, "client_secret": credential.client_secret, "scope": "accounts.read everything"}
    greedy = httpx.post(credential.token_url, data=asked, trust_env=False)
    assert (401, "invalid_client") == (wrong.status_code, wrong.json()["error"])
    assert (400, "invalid_scope") == (greedy.status_code, greedy.json()["error"])


def test_a_token_of_a_minute_is_the_default(enterprise: Enterprise) -> None:
    credential = own(enterprise)
    pair = (credential.client_id, credential.client_secret)
    reply = httpx.post(credential.token_url, data={"grant_type": "client_credentials"}, auth=pair, trust_env=False)
    assert (60, "accounts.read accounts.write groups.read groups.write") == (
        reply.json()["expires_in"],
        reply.json()["scope"],
    )


def test_an_expired_token_is_invalid(tmp_path: Path) -> None:
    with Enterprise.start(tmp_path, ["identity"], token_lifetime_s=1) as started, Client(started["identity"]) as client:
        assert 200 == client.call("groups.list").status_code
        time.sleep(1.1)
        reply = client.call("groups.list")
    assert (401, True) == (reply.status_code, 'error="invalid_token"' in reply.headers["www-authenticate"])
