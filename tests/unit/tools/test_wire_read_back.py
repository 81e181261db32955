"""What is serialised is what an independent reader of the standard parses back: every place, style and shape.

The readers follow RFC 6570 (which OpenAPI 3.1 section 4.8.12.4 refers to) from the other side: they cut at the raw
separators first and decode each piece afterwards.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tools import errors
from tools.action import Action, ActionId, Argument, Body, Place
from tools.wire import Request, render

NAME = "color"
SHAPES = ("text", "list", "object")
CASES = [
    *((Place.PATH, style, explode) for style in ("simple", "label", "matrix") for explode in (False, True)),
    *((Place.QUERY, "form", explode) for explode in (False, True)),
    *((Place.QUERY, style, False) for style in ("spaceDelimited", "pipeDelimited")),
    *((Place.HEADER, "simple", explode) for explode in (False, True)),
    *((Place.COOKIE, "form", explode) for explode in (False, True)),
]
#: What separates members, where the member itself cannot say it: nothing is encoded, or the encoded form separates too.
UNSAYABLE = {"label": ".", "spaceDelimited": " ", "pipeDelimited": "|", Place.HEADER: ",="}


def sent(argument: Argument, value: Any) -> Request:
    path = "/c/v{color}" if argument.place is Place.PATH else "/c"
    action = Action(
        id=ActionId("crm.paint"), system="crm", operation="paint", method="GET", path=path, pointer="",
        arguments=(argument,),
    )  # fmt: skip
    return render(action, {argument.name: value}, "https://h")


def written(request: Request, place: Place) -> str:
    headers = dict(request.headers)
    url = urlsplit(request.url)
    match place:
        case Place.PATH:
            return url.path.removeprefix("/c/v")
        case Place.QUERY:
            return url.query
        case Place.HEADER:
            return headers[NAME]
        case _:
            return headers["Cookie"]


def texts(place: Place, style: str) -> st.SearchStrategy[str]:
    """All texts that the place and the style can carry."""
    if place is Place.HEADER:
        characters = st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters=UNSAYABLE[place])
    else:
        barred = "/\\%?#" if place is Place.PATH else ""
        controls = ("Cc",) if place is Place.PATH else ()
        barred += UNSAYABLE.get(style, "")
        characters = st.characters(exclude_categories=["Cs", *controls], exclude_characters=barred)
    return st.text(characters, min_size=1, max_size=8).map(str.strip).filter(bool)


def values(shape: str, members: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    match shape:
        case "text":
            return members
        case "list":
            return st.lists(members, min_size=1, max_size=4)
        case _:
            return st.dictionaries(members, members, min_size=1, max_size=4)


def read(place: Place, style: str, explode: bool, shape: str, text: str) -> Any:
    """The value that `text` stands for, by RFC 6570 section 3.2."""
    decode = str if place is Place.HEADER else unquote
    match style:
        case "label":
            assert text.startswith(".")
            return of_members(text[1:].split("." if explode else ","), explode, shape, decode)
        case "matrix":
            assert text.startswith(";")
            return of_pairs(text[1:].split(";"), ",", explode, shape)
        case "form":
            return of_pairs(text.split("; " if place is Place.COOKIE else "&"), ",", explode, shape)
        case "spaceDelimited" | "pipeDelimited":
            return of_pairs([text], "%20" if style == "spaceDelimited" else "%7C", False, shape)
        case _:
            return of_members(text.split(","), explode, shape, decode)


def of_pairs(pairs: list[str], separator: str, explode: bool, shape: str) -> Any:
    named = [pair.partition("=")[::2] for pair in pairs]
    if explode and shape == "object":
        return {unquote(name): unquote(value) for name, value in named}
    assert {NAME} == {name for name, _ in named}
    if explode and shape == "list":
        return [unquote(value) for _, value in named]
    pieces = named[0][1].split(separator)
    return of_members(pieces if shape != "text" else [named[0][1]], False, shape, unquote)


def of_members(pieces: list[str], explode: bool, shape: str, decode: Any) -> Any:
    if shape == "text":
        assert len(pieces) == 1
        return decode(pieces[0])
    if shape == "list":
        return [decode(piece) for piece in pieces]
    pairs = [piece.split("=") for piece in pieces] if explode else zip(pieces[::2], pieces[1::2], strict=True)
    return {decode(name): decode(value) for name, value in pairs}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("place", "style", "explode"), CASES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_reader_gets_back_every_value_of_every_style(
    place: Place, style: str, explode: bool, shape: str, data: st.DataObject
) -> None:
    value = data.draw(values(shape, texts(place, style)))
    assume(value != ".")  # refused in a path, where it may be taken for a dot segment
    argument = Argument(name=NAME, wire_name=NAME, place=place, style=style, explode=explode)
    assert value == read(place, style, explode, shape, written(sent(argument, value), place))


@pytest.mark.parametrize(
    ("place", "style", "explode"), [case for case in CASES if case[0] in (Place.PATH, Place.QUERY)]
)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_reserved_characters_left_as_they_are_read_back_the_same(
    place: Place, style: str, explode: bool, data: st.DataObject
) -> None:
    shape = data.draw(st.sampled_from(SHAPES))
    # A label's own dot before a slash would be a dot segment, which is refused.
    characters = "a:?@!$'()*,;&=+b" + ("/" if style != "label" else "")
    value = data.draw(values(shape, st.text(characters, min_size=1, max_size=6)))
    argument = Argument(name=NAME, wire_name=NAME, place=place, style=style, explode=explode, allow_reserved=True)
    # A text of its own keeps the separators of lists, which it has none to tell apart from.
    assume(shape != "text" or "," not in value)
    assert value == read(place, style, explode, shape, written(sent(argument, value), place))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("place", [Place.QUERY, Place.COOKIE])
@settings(max_examples=40)
@given(value=JSON)
def test_a_json_reader_gets_back_every_parameter_described_by_content(place: Place, value: Any) -> None:
    argument = Argument(name=NAME, wire_name=NAME, place=place, content_type="application/json")
    assume(value is not None)  # null leaves the parameter out
    assert value == json.loads(unquote(written(sent(argument, value), place).removeprefix("color=")))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]"), min_size=1, max_size=5)
TREES = st.recursive(
    TEXTS | st.integers(-(10**9), 10**9) | st.booleans(),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(KEYS, inner, min_size=1, max_size=3),
    max_leaves=8,
)


def leaves(name: str, value: Any) -> list[tuple[str, str]]:
    """The pairs that a reader of brackets expects: one for each leaf, under its whole path."""
    if isinstance(value, dict):
        return [pair for key, part in value.items() for pair in leaves(f"{name}[{key}]", part)]
    if isinstance(value, list):
        return [pair for index, part in enumerate(value) for pair in leaves(f"{name}[{index}]", part)]
    return [(name, json.dumps(value) if isinstance(value, bool) else str(value))]


def body_of(body: Body, arguments: dict[str, Any], schema: dict[str, Any] | None = None) -> Request:
    places = [
        Argument(name=name, wire_name=name, place=Place.BODY, json_schema=schema or {}) for name in arguments
    ]  # fmt: skip
    action = Action(
        id=ActionId("crm.paint"), system="crm", operation="paint", method="POST", path="/c", pointer="",
        arguments=tuple(places), body=body,
    )  # fmt: skip
    return render(action, arguments, "https://h")


@settings(max_examples=60)
@given(value=st.dictionaries(KEYS, TREES, min_size=1, max_size=3), flat=TEXTS)
def test_a_form_reader_gets_back_every_nested_body(value: dict[str, Any], flat: str) -> None:
    encoding = {"tree": {"style": "deepObject", "explode": True}}
    request = body_of(
        Body(content_type="application/x-www-form-urlencoded", encoding=encoding), {"tree": value, "t": flat}
    )
    expected = [*leaves("tree", value), ("t", flat)]
    assert expected == parse_qsl((request.body or b"").decode(), keep_blank_values=True)


@settings(max_examples=60)
@given(content=st.binary(max_size=80), kind=st.sampled_from(["application/octet-stream", "image/png", "text/plain"]))
def test_a_reader_of_bytes_gets_back_every_file_and_every_text(content: bytes, kind: str) -> None:
    text = content.decode("latin-1")
    given_text = text if kind == "text/plain" else f"data:{kind};base64,{base64.b64encode(content).decode()}"
    request = body_of(Body(content_type=kind, is_whole=True), {"body": given_text})
    assert (text.encode() if kind == "text/plain" else content) == request.body


@pytest.mark.parametrize("value", [None, [], {}])
@pytest.mark.parametrize("place", [Place.QUERY, Place.HEADER, Place.COOKIE])
def test_a_required_parameter_that_nothing_stands_for_is_refused(place: Place, value: Any) -> None:
    argument = Argument(name="paint", wire_name=NAME, place=place, required=True)
    with pytest.raises(errors.RequestUnsafe, match="it is required") as caught:
        sent(argument, value)
    assert "paint" == caught.value.data["argument"]


@pytest.mark.parametrize(
    ("content_type", "encoding", "value"),
    [
        ("application/x-www-form-urlencoded", {}, []),
        ("application/x-www-form-urlencoded", {}, None),
        ("application/x-www-form-urlencoded", {"o": {"style": "deepObject"}}, {}),
        ("multipart/form-data", {}, []),
        ("multipart/form-data", {}, None),
    ],
)
def test_a_required_part_of_a_form_that_nothing_stands_for_is_refused(
    content_type: str, encoding: dict[str, Any], value: Any
) -> None:
    argument = Argument(name="o", wire_name="o", place=Place.BODY, required=True)
    action = Action(
        id=ActionId("crm.paint"), system="crm", operation="paint", method="POST", path="/c", pointer="",
        arguments=(argument,), body=Body(content_type=content_type, encoding=encoding),
    )  # fmt: skip
    with pytest.raises(errors.RequestUnsafe, match="it is required"):
        render(action, {"o": value}, "https://h")


@pytest.mark.parametrize("value", [{"tags": []}, {"tags": {}}, {"a": [{"b": []}]}])
def test_an_empty_list_inside_brackets_is_refused_and_not_lost(value: Any) -> None:
    argument = Argument(name=NAME, wire_name=NAME, place=Place.QUERY, style="deepObject", explode=True)
    with pytest.raises(errors.RequestUnsafe, match="nothing is written for an empty list"):
        sent(argument, value)
