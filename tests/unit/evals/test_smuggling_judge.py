"""The judge of smuggled values sees each way in which bytes can be other than the template with its values."""

from __future__ import annotations

from typing import Any

import pytest

from evals.suites.discovery.smuggling import wrong_body, wrong_head

GIVEN: dict[str, Any] = {"a": "1", "b": "2", "q": "3", "d": {"k": "4"}, "h": "5", "c": "6", "t": "7", "o": {"k": "8"}}
HEAD = (
    "POST /api/v1/1/x-2/end?q=3&d%5Bk%5D=4 HTTP/1.1\r\nHost: h\r\nAccept: application/json\r\nX-Note: 5\r\n"
    "Cookie: sid=6\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\nUser-Agent: interlock\r\n"
    "Content-Length: 2\r\n\r\n"
)
PARTS = (
    b'--B\r\nContent-Disposition: form-data; name="t"\r\n\r\n7\r\n'
    b'--B\r\nContent-Disposition: form-data; name="o"\r\n\r\n{"k":"8"}\r\n'
)


def test_the_head_of_the_template_is_right() -> None:
    assert "" == wrong_head(HEAD.encode(), GIVEN)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/v1/1/x-2/end", "/v1/1/2/x-2/end"),
        ("/v1/1/x-2/end", "/v1/x-2/end"),
        ("/v1/1/", "/v1/../"),
        ("q=3", "q=4"),
        ("?q=3", "?q=3&evil=1"),
        ("=4 HTTP", "=4#x HTTP"),
        ("=4 HTTP", "=4 x HTTP"),
        ("POST", "GET"),
        ("X-Note: 5", "X-Note: 5\r\nX-Evil: 1"),
        ("X-Note: 5\r\n", ""),
        ("X-Note: 5", "X-Note: 6"),
        ("sid=6", "sid=6; evil=1"),
        ("Content-Length: 2", "Content-Length: 2\r\nContent-Length: 0"),
    ],
)
def test_another_head_is_seen(old: str, new: str) -> None:
    assert old in HEAD
    assert wrong_head(HEAD.replace(old, new).encode(), GIVEN)


@pytest.mark.parametrize(
    ("content_type", "right", "wrong"),
    [
        ("application/json", b'{"t":"7","o":{"k":"8"}}', b'{"t":"7","o":{"k":"8"},"evil":1}'),
        ("application/x-www-form-urlencoded", b"t=7&o%5Bk%5D=8", b"t=7&o%5Bk%5D=8&evil=1"),
        ("multipart/form-data; boundary=B", PARTS + b"--B--\r\n", PARTS + PARTS + b"--B--\r\n"),
    ],
)
def test_another_body_is_seen(content_type: str, right: bytes, wrong: bytes) -> None:
    assert "" == wrong_body(content_type, right, GIVEN)
    assert wrong_body(content_type, wrong, GIVEN)
