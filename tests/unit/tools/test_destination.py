"""URLs, read strictly and held to a base URL."""

import pytest

from tools import errors
from tools.destination import Destination, below, check_port, parse

BASE = "https://api.example.com/v1"


def test_a_url_is_taken_apart_and_nothing_is_normalised() -> None:
    expected = Destination(
        scheme="https", host="api.example.com", port=443, path="/v1//a%20b;c=1/%7Ed", query="q=%2F&empty="
    )

    assert expected == parse("https://API.example.com/v1//a%20b;c=1/%7Ed?q=%2F&empty=")
    assert expected.target == "/v1//a%20b;c=1/%7Ed?q=%2F&empty="


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("http://h", "h", "/"),
        ("http://h:80/x", "h", "/x"),
        ("https://h:80/x?", "h:80", "/x?"),
        ("http://[::1]:8080/x", "[::1]:8080", "/x"),
        ("http://[::1]/x", "[::1]", "/x"),
    ],
)
def test_host_header_and_target(url: str, authority: str, target: str) -> None:
    assert (authority, target) == (parse(url).authority, parse(url).target)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/v1/x",
        "//api.example.com/x",
        "file:///etc/passwd",
        "gopher://api.example.com/",
        "ftp://api.example.com/",
        "https:///x",
        "https://user@api.example.com/",
        "https://user:pass@api.example.com/",
        "https://@api.example.com/",
        "https://api.example.com\\@evil.example/",
        "https://api.example.com/a b",
        "https://api.example.com/a\r\nHost: evil",
        "https://api.example.com/\x00",
        "https://api.example.com/#part",
        "https://api.example.com:99999/",
        "https://api.example.com:8o/",
        "https://exämple.com/",
        "https://api%2eexample.com/",
        "https://api.example.com,evil.example/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://api.example.com/v1/../admin",
        "https://api.example.com/v1/./admin",
        "https://api.example.com/v1/%2e%2e/admin",
        "https://api.example.com/v1/%2E./admin",
        "https://api.example.com/v1/..%2fadmin",
        "https://api.example.com/v1/x%2f..%2fadmin",
        "https://api.example.com/v1/..%5cadmin",
        "https://api.example.com/v1/..;x=1/admin",
        "https://api.example.com/v1/..",
    ],
)
def test_a_url_with_two_readings_is_refused(url: str) -> None:
    with pytest.raises(errors.RequestUnsafe):
        parse(url)


@pytest.mark.parametrize("url", [BASE, BASE + "/", BASE + "/contacts", BASE + "?q=1", BASE + "/a...b/..c"])
def test_a_url_below_the_base_passes(url: str) -> None:
    assert parse(url) == below(url, BASE)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1/x",
        "https://api.example.com:8443/v1/x",
        "https://api.example.com.evil.example/v1/x",
        "https://evil.example/v1/x",
        "https://api.example.com/v2/x",
        "https://api.example.com/v11/x",
        "https://api.example.com/",
        "https://api.example.com/V1/x",
        "https://api.example.com/%761/x",
    ],
)
def test_a_url_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(errors.RequestUnsafe):
        below(url, BASE)


def test_no_refusal_repeats_the_url() -> None:
    with pytest.raises(errors.RequestUnsafe) as caught:
        parse("https://canary:canary@api.example.com/canary")

    assert "canary" not in caught.value.message


def test_ports_are_held_to_the_list() -> None:
    check_port(parse("https://h/"), (443,))
    check_port(parse("https://h:9/"), None)
    with pytest.raises(errors.AddressDenied):
        check_port(parse("https://h:22/"), (443, 8443))
