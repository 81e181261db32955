"""Signing in to the pages, and what other sites cannot do to somebody who is."""

from __future__ import annotations

from typing import Any

import pytest

PAGES = ["/", "/runs", "/runs/run_nothing", "/approvals/apr_nothing", "/audit"]


def test_nobody_sees_a_page_without_signing_in(service: Any, browsers: Any) -> None:
    http = browsers().http
    for path in PAGES:
        answer = http.get(path)
        assert (303, f"/login?next={path.replace('/', '%2F')}") == (answer.status_code, answer.headers["Location"])


def test_an_api_key_does_not_open_pages_and_a_session_does_not_open_the_api(service: Any, browsers: Any) -> None:
    assert 303 == service.people["sam"].get("/").status_code
    assert 401 == browsers("sam").http.get("/v1/runs").status_code


def test_the_cookie_is_for_the_browser_and_this_site_alone(service: Any, browsers: Any) -> None:
    answer = browsers().http.post("/login", data={"key": service.keys["sam"], "next": "/runs"})
    assert (303, "/runs") == (answer.status_code, answer.headers["Location"])
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("interlock_session=")
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/", "max-age=43200"} <= attributes
    assert service.keys["sam"] not in cookie


def test_each_sign_in_makes_a_new_session(service: Any, browsers: Any) -> None:
    http = browsers("sam").http
    first = http.cookies["interlock_session"]
    http.post("/login", data={"key": service.keys["sam"]})
    assert first != http.cookies["interlock_session"]


def test_a_wrong_key_is_told_so_and_gives_no_cookie(service: Any, browsers: Any) -> None:
    answer = browsers().http.post("/login", data={"key": service.keys["sam"] + "x"})
    assert 401 == answer.status_code
    assert "No valid API key" in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_our_own_pages_only(service: Any, browsers: Any, place: str) -> None:
    answer = browsers().http.post("/login", data={"key": service.keys["sam"], "next": place})
    assert "/" == answer.headers["Location"]


def test_signing_out_ends_the_session_on_the_server_too(service: Any, browsers: Any) -> None:
    browser = browsers("sam")
    token = browser.http.cookies["interlock_session"]
    assert "/login" == browser.form("/", "/logout").headers["Location"]
    stale = browsers().http.get("/", headers={"Cookie": f"interlock_session={token}"})
    assert 303 == stale.status_code


def test_a_form_without_its_token_is_refused(service: Any, browsers: Any) -> None:
    http = browsers("sam").http
    for token in ({}, {"form_token": ""}, {"form_token": "0" * 64}):
        answer = http.post("/goals", data={"text": "Do something", **token})
        assert 403 == answer.status_code
        assert "not one of this session" in answer.text


def test_another_sessions_token_does_not_do(service: Any, browsers: Any) -> None:
    token = browsers("ann").page("/").partition('name="form_token" value="')[2].partition('"')[0]
    assert 64 == len(token)
    assert 403 == browsers("sam").http.post("/goals", data={"text": "Do it", "form_token": token}).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=["origin", "no origin", "cross-site", "same-site"],
)
def test_a_form_sent_from_another_site_is_refused(service: Any, browsers: Any, headers: dict[str, str]) -> None:
    browser = browsers("sam")
    token = browser.page("/").partition('name="form_token" value="')[2].partition('"')[0]
    answer = browser.http.post("/goals", data={"text": "Do it", "form_token": token}, headers=headers)
    assert 403 == answer.status_code
    assert 403 == browser.http.post("/login", data={"key": service.keys["ann"]}, headers=headers).status_code


def test_every_answer_has_the_headers_that_keep_browsers_in_bounds(service: Any, browsers: Any) -> None:
    http = browsers("sam").http
    for path in ("/", "/login", "/nowhere", "/static/interlock.css", "/v1/runs", "/healthz"):
        headers = http.get(path).headers
        policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
        assert policy == {
            "default-src": "'none'",
            "style-src": "'self'",
            "img-src": "'self'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        }, path
        assert ("nosniff", "DENY") == (headers["X-Content-Type-Options"], headers["X-Frame-Options"])
        assert (headers.get("Cache-Control") == "no-store") == (not path.startswith("/static/"))


def test_roles_hold_on_pages_too(service: Any, browsers: Any) -> None:
    assert 403 == browsers("sam").http.get("/audit").status_code
    assert "The log holds." in browsers("ida").page("/audit")
    assert 'action="/goals"' not in browsers("ann").page("/")
