"""No value leaves its place in the path, whoever reads it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tools import errors
from tools.action import Action, ActionId, Argument, Place
from tools.wire import render


def action_at(path: str, **options: Any) -> Action:
    names = re.findall(r"\{([^{}]*)\}", path)
    return Action(
        id=ActionId("crm.act"),
        system="crm",
        operation="act",
        method="DELETE",
        path=path,
        pointer="",
        arguments=tuple(Argument(name=name, wire_name=name, place=Place.PATH, **options) for name in names),
    )


def url(path: str, arguments: dict[str, Any], base: str = "https://api.example.com", **options: Any) -> str:
    return render(action_at(path, **options), arguments, base).url


@pytest.mark.parametrize(
    ("base", "path", "arguments", "expected"),
    [
        ("https://h", "/contacts/{id}", {"id": "c 1"}, "https://h/contacts/c%201"),
        ("https://h/", "/contacts/{id}", {"id": 7}, "https://h/contacts/7"),
        ("https://h:8443/api/v2/", "/a/{x}/b/{y}", {"x": "1", "y": "ü"}, "https://h:8443/api/v2/a/1/b/%C3%BC"),
        ("https://h", "/files/{name}.{kind}", {"name": "a.b", "kind": "pdf"}, "https://h/files/a.b.pdf"),
        ("https://h", "/sites('{id}')/lists", {"id": "a:b"}, "https://h/sites('a%3Ab')/lists"),
        ("https://h", "/a b/{id}:cancel", {"id": "..."}, "https://h/a%20b/...:cancel"),
        ("https://h", "/{id}/{id}", {"id": "a"}, "https://h/a/a"),
        ("https://h", "items", {}, "https://h/items"),
    ],
)
def test_the_url_is_the_base_the_template_and_the_values(
    base: str, path: str, arguments: dict[str, Any], expected: str
) -> None:
    assert expected == url(path, arguments, base)


SPLITTING = ["../admin", "a/b", "a\\b", "%2e%2e", "..%2fadmin", "%252e%252e", "a?x=1", "a#b", "a%00b", "..;/x"]
CONTROL = ["a\nb", "a\r\nHost: x", "a\x00b", "a\x7fb", "a\x85b", "\ud800"]
CLIMBING = ["..", ".", "..;x=1", ".;", " ..", ".. "]


@pytest.mark.parametrize(
    ("style", "value"),
    [(style, value) for style in ("simple", "label", "matrix") for value in ["", *SPLITTING, *CONTROL]]
    + [("simple", value) for value in CLIMBING]
    + [("label", "."), ("label", ".;x")],
)
def test_a_hostile_value_is_refused_by_its_argument_and_not_repeated(style: str, value: str) -> None:
    with pytest.raises(errors.RequestUnsafe) as caught:
        url("/c/{id}", {"id": value}, style=style)
    assert "id" == caught.value.data["argument"]
    assert len(value) < 3 or value not in caught.value.message


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/c/{a}{b}", {"a": ".", "b": "."}),
        ("/c/.{a}", {"a": "."}),
        ("/c/{a}.", {"a": "."}),
        ("/c/%2e{a}/x", {"a": "."}),
        ("/c/../{a}", {"a": "x"}),
        ("/c/%2e%2e/{a}", {"a": "x"}),
        ("/c/{a}", {"a": []}),
        ("/c/{a}", {"a": {}}),
        ("/c/{a}", {"a": None}),
        ("/c/{a}", {"a": ["x", ""]}),
        ("/c/{a}", {"a": {"..": "/"}}),
        ("/c/{a}", {}),
        ("/c?x={a}", {"a": "1"}),
        ("/c\\{a}", {"a": "1"}),
    ],
)
def test_pieces_that_only_together_leave_the_template_are_refused(path: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(errors.RequestUnsafe):
        url(path, arguments)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a/b.txt", "a/b.txt"), ("a?b#c%d", "a%3Fb%23c%25d"), ("../x", None), ("x/..", None), ("x/./y", None),
     ("%2e%2e/x", None), ("a/..;/b", None), ("a\\..\\b", None)],
)  # fmt: skip
def test_reserved_characters_open_the_path_but_never_upwards(value: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(errors.RequestUnsafe):
            url("/files/{path}", {"path": value}, allow_reserved=True)
    else:
        assert f"https://api.example.com/files/{expected}" == url("/files/{path}", {"path": value}, allow_reserved=True)


@pytest.mark.parametrize(
    "base",
    ["ftp://h", "//h", "h/v1", "https://", "https://u:p@h", "https://h?x=1", "https://h#f", "https://h/../x",
     "https://h/ü", "https://h/a b", "https://h\n", "https://[::1", ""],
)  # fmt: skip
def test_a_base_url_that_could_lead_elsewhere_is_refused(base: str) -> None:
    with pytest.raises(errors.RequestUnsafe):
        url("/c", {}, base)


def test_an_argument_the_action_does_not_have_is_refused() -> None:
    with pytest.raises(errors.RequestUnsafe, match="no argument 'x'"):
        url("/c", {"x": 1})


def test_a_url_longer_than_servers_take_is_refused() -> None:
    with pytest.raises(errors.RequestUnsafe, match="longer than 16000"):
        url("/c/{id}", {"id": "a" * 16_000})


PIECES = st.sampled_from(
    ["..", ".", "/", "\\", "%", "2e", "2f", "%2e", ";", "?", "#", "\r\n", "\x00", "a", "é", "=", ","]
)
VALUES = st.one_of(st.text(max_size=8), st.lists(PIECES, max_size=6).map("".join))


def decoded_fully(text: str) -> str:
    while (once := unquote(text)) != text:
        text = once
    return text


@settings(max_examples=300, deadline=None)
@given(VALUES, VALUES, st.sampled_from(["simple", "label", "matrix"]), st.booleans())
@example(".", "", "label", False)
def test_whatever_is_sent_stays_in_the_template(first: str, second: str, style: str, is_reserved: bool) -> None:
    """The raw path has the template's segments in the template's order, and no decoding of it climbs."""
    try:
        made = url(
            "/v1/{a}/x-{b}/end", {"a": first, "b": second}, "https://h/api", style=style, allow_reserved=is_reserved
        )
    except errors.RequestUnsafe:
        return
    raw = urlsplit(made)
    assert ("https", "h", "", "") == (raw.scheme, raw.netloc, raw.query, raw.fragment)
    assert re.fullmatch(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/%]+", raw.path)
    assert raw.path.startswith("/api/v1/")
    assert raw.path.endswith("/end")
    segments = raw.path.split("/")
    assert is_reserved or (6 == len(segments) and segments[4].startswith("x-"))
    for segment in re.split(r"[/\\]", decoded_fully(raw.path)):
        assert segment.partition(";")[0] not in (".", "..")
