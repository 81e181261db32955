"""Kinds of credential: what may be shown, what is sealed, what goes on a request."""

import pytest

from tools import credentials, errors
from tools.credentials import Placement
from tools.vault import Secret

CANARY = "canary-9c2e"

OAUTH = {
    "kind": "oauth2_client_credentials",
    "token_url": "https://id.example.com/token",
    "client_id": "inter lock",
    "client_secret": CANARY + ":/",
}

EVERY_KIND = [
    pytest.param({"kind": "none"}, {}, {}, Placement(), id="none"),
    pytest.param(
        {"kind": "api_key", "name": "X-Key", "key": CANARY},
        {"place": "header", "name": "X-Key"},
        {"key": CANARY},
        Placement(header=("X-Key", CANARY)),
        id="api_key in a header",
    ),
    pytest.param(
        {"kind": "api_key", "place": "query", "name": "key", "key": CANARY},
        {"place": "query", "name": "key"},
        {"key": CANARY},
        Placement(query=("key", CANARY)),
        id="api_key in the query",
    ),
    pytest.param(
        {"kind": "bearer", "token": CANARY},
        {},
        {"token": CANARY},
        Placement(header=("Authorization", f"Bearer {CANARY}")),
        id="bearer",
    ),
    pytest.param(
        # RFC 7617 section 2: Aladdin and open sesame
        {"kind": "basic", "username": "Aladdin", "password": "open sesame"},
        {},
        {"username": "Aladdin", "password": "open sesame"},
        Placement(header=("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")),
        id="basic",
    ),
    pytest.param(
        {"kind": "header", "name": "Authorization", "prefix": "Token ", "value": CANARY},
        {"name": "Authorization", "prefix": "Token "},
        {"value": CANARY},
        Placement(header=("Authorization", f"Token {CANARY}")),
        id="header",
    ),
    pytest.param(
        {**OAUTH, "auth": "body", "scopes": ["a.read", "b:write"]},
        {
            "token_url": "https://id.example.com/token",
            "client_id": "inter lock",
            "scopes": ["a.read", "b:write"],
            "auth": "body",
        },
        {"client_secret": CANARY + ":/"},
        Placement(),
        id="oauth2_client_credentials",
    ),
]


@pytest.mark.parametrize(("entered", "public", "sealed", "placement"), EVERY_KIND)
def test_every_kind_splits_into_public_and_sealed_and_comes_back(entered, public, sealed, placement) -> None:
    spec = credentials.read(entered)

    assert {"kind": entered["kind"], **public} == {"kind": spec.kind, **without_kind(spec.public())}
    assert sealed == spec.sealed()
    assert placement == spec.placement()
    assert spec == credentials.restored(spec.kind, spec.public(), Secret(spec.sealed()))


def without_kind(public: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in public.items() if name != "kind"}


@pytest.mark.parametrize(("entered", "public", "sealed", "placement"), EVERY_KIND)
def test_no_kind_shows_its_secret(entered, public, sealed, placement) -> None:
    spec = credentials.read(entered)
    shown = f"{spec!r} {spec} {spec.public()} {spec.model_dump()} {spec.model_dump_json()} {spec.placement()!r}"

    assert not any(secret in shown for secret in sealed.values())


def test_a_token_request_proves_the_client_in_the_way_that_was_set() -> None:
    in_body = credentials.read({**OAUTH, "auth": "body", "scopes": ["a", "b"]})
    in_header = credentials.read(OAUTH)

    assert isinstance(in_body, credentials.OAuth2ClientCredentials)
    assert isinstance(in_header, credentials.OAuth2ClientCredentials)
    assert (
        b"grant_type=client_credentials&scope=a+b&client_id=inter+lock&client_secret=canary-9c2e%3A%2F"
        == in_body.form()
    )
    assert b"grant_type=client_credentials" == in_header.form()
    # RFC 6749 section 2.3.1: form-encoded, then joined
    assert ("Authorization", credentials.basic("inter+lock:canary-9c2e%3A%2F")) == in_header.placement().header


@pytest.mark.parametrize(
    "entered",
    [
        {"kind": "bearer", "token": ""},
        {"kind": "bearer", "token": CANARY + "\r\nX-Evil: 1"},
        {"kind": "bearer", "token": " " + CANARY},
        {"kind": "bearer", "token": CANARY + "ü"},
        {"kind": "api_key", "name": "Host", "key": CANARY},
        {"kind": "api_key", "name": "X Key", "key": CANARY},
        {"kind": "header", "name": "Content-Length", "value": CANARY},
        {"kind": "header", "name": "X-Key", "prefix": "a\nb", "value": CANARY},
        {"kind": "basic", "username": "a:b", "password": CANARY},
        {"kind": "basic", "username": "a", "password": CANARY + "\x00"},
        {**OAUTH, "token_url": "file:///etc/passwd"},
        {**OAUTH, "token_url": f"https://user:{CANARY}@id.example.com/token"},
        {**OAUTH, "scopes": ["two words"]},
        {**OAUTH, "unheard_of": CANARY},
        {"kind": "telepathy", "token": CANARY},
        {"token": CANARY},
    ],
)
def test_a_credential_that_cannot_work_is_refused_without_repeating_it(entered: dict[str, object]) -> None:
    with pytest.raises(errors.Invalid) as caught:
        credentials.read(entered)

    problems = caught.value.data["problems"]
    assert problems
    assert CANARY not in f"{caught.value} {problems}"
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_problem_is_told_with_its_place() -> None:
    with pytest.raises(errors.Invalid) as caught:
        credentials.read({"kind": "bearer", "token": "a b\n"})

    expected = [
        {
            "pointer": "/bearer/token",
            "problem": "Value error, must be printable ASCII, without blanks at its ends, and not empty",
        }
    ]
    assert expected == caught.value.data["problems"]


def test_a_stored_credential_that_lost_its_secret_is_missing() -> None:
    with pytest.raises(errors.CredentialMissing) as caught:
        credentials.restored("bearer", {}, Secret({"key": CANARY}))

    assert CANARY not in repr(caught.value)
    assert caught.value.__cause__ is None
