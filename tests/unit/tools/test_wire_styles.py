"""Every place and style of OpenAPI's parameters, against the standard's own table and an independent reader."""

from __future__ import annotations

import json
import math
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import errors
from tools.action import Action, ActionId, Argument, Place
from tools.wire import Request, render

BASE = "https://api.example.com/v1"
LIST = ["blue", "black", "brown"]
OBJECT = {"R": 100, "G": 200, "B": 150}


def sent(argument: Argument, value: Any) -> Request:
    path = "/c/{color}" if argument.place is Place.PATH else "/c"
    action = Action(
        id=ActionId("crm.paint"), system="crm", operation="paint", method="get", path=path, pointer="",
        arguments=(argument,),
    )  # fmt: skip
    return render(action, {argument.name: value}, BASE)


def on_the_wire(request: Request, place: Place) -> str | None:
    url = urlsplit(request.url)
    match place:
        case Place.PATH:
            return url.path.removeprefix("/v1/c/")
        case Place.QUERY:
            return url.query
        case Place.HEADER:
            return dict(request.headers).get("color")
        case _:
            return dict(request.headers).get("Cookie")


@pytest.mark.parametrize(
    ("place", "style", "explode", "value", "expected"),
    [
        # The table of OpenAPI 3.1.1, section 4.8.12.4 (Style Examples), row by row.
        (Place.PATH, "matrix", False, "blue", ";color=blue"),
        (Place.PATH, "matrix", False, LIST, ";color=blue,black,brown"),
        (Place.PATH, "matrix", False, OBJECT, ";color=R,100,G,200,B,150"),
        (Place.PATH, "matrix", True, "blue", ";color=blue"),
        (Place.PATH, "matrix", True, LIST, ";color=blue;color=black;color=brown"),
        (Place.PATH, "matrix", True, OBJECT, ";R=100;G=200;B=150"),
        (Place.PATH, "label", False, "blue", ".blue"),
        (Place.PATH, "label", False, LIST, ".blue,black,brown"),
        (Place.PATH, "label", False, OBJECT, ".R,100,G,200,B,150"),
        (Place.PATH, "label", True, LIST, ".blue.black.brown"),
        (Place.PATH, "label", True, OBJECT, ".R=100.G=200.B=150"),
        (Place.PATH, "simple", False, "blue", "blue"),
        (Place.PATH, "simple", False, LIST, "blue,black,brown"),
        (Place.PATH, "simple", False, OBJECT, "R,100,G,200,B,150"),
        (Place.PATH, "simple", True, LIST, "blue,black,brown"),
        (Place.PATH, "simple", True, OBJECT, "R=100,G=200,B=150"),
        (Place.PATH, None, None, LIST, "blue,black,brown"),
        (Place.QUERY, "form", False, "", "color="),
        (Place.QUERY, "form", False, "blue", "color=blue"),
        (Place.QUERY, "form", False, LIST, "color=blue,black,brown"),
        (Place.QUERY, "form", False, OBJECT, "color=R,100,G,200,B,150"),
        (Place.QUERY, "form", True, LIST, "color=blue&color=black&color=brown"),
        (Place.QUERY, "form", True, OBJECT, "R=100&G=200&B=150"),
        (Place.QUERY, None, None, LIST, "color=blue&color=black&color=brown"),
        (Place.QUERY, "spaceDelimited", False, LIST, "color=blue%20black%20brown"),
        (Place.QUERY, "spaceDelimited", None, LIST, "color=blue%20black%20brown"),
        (Place.QUERY, "spaceDelimited", False, OBJECT, "color=R%20100%20G%20200%20B%20150"),
        (Place.QUERY, "pipeDelimited", False, LIST, "color=blue%7Cblack%7Cbrown"),
        (Place.QUERY, "pipeDelimited", False, OBJECT, "color=R%7C100%7CG%7C200%7CB%7C150"),
        (Place.QUERY, "pipeDelimited", True, LIST, "color=blue&color=black&color=brown"),
        (Place.QUERY, "deepObject", True, OBJECT, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
        (Place.QUERY, "deepObject", True, {"a": [{"b": True}]}, "color%5Ba%5D%5B0%5D%5Bb%5D=true"),
        (Place.HEADER, "simple", False, "blue", "blue"),
        (Place.HEADER, "simple", False, LIST, "blue,black,brown"),
        (Place.HEADER, "simple", False, OBJECT, "R,100,G,200,B,150"),
        (Place.HEADER, "simple", True, OBJECT, "R=100,G=200,B=150"),
        (Place.COOKIE, "form", False, LIST, "color=blue,black,brown"),
        (Place.COOKIE, None, None, "a b;c", "color=a%20b%3Bc"),
        (Place.COOKIE, "form", True, LIST, "color=blue; color=black; color=brown"),
        # What the table leaves open.
        (Place.QUERY, None, None, [], ""),
        (Place.QUERY, None, None, None, ""),
        (Place.QUERY, "form", True, {"R": None, "G": 1}, "G=1"),
        (Place.HEADER, None, None, [], None),
    ],
)
def test_a_parameter_is_written_as_the_standard_says(
    place: Place, style: str | None, explode: bool | None, value: Any, expected: str | None
) -> None:
    argument = Argument(name="color", wire_name="color", place=place, style=style, explode=explode)
    assert expected == on_the_wire(sent(argument, value), place)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"),
        (12, "12"),
        (18400.0, "18400"),
        (18400.5, "18400.5"),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
        ("a b&c=d+e/ü", "a%20b%26c%3Dd%2Be%2F%C3%BC"),
    ],
)
def test_scalars_are_written_plainly(value: Any, expected: str) -> None:
    argument = Argument(name="color", wire_name="color", place=Place.QUERY)
    assert f"color={expected}" == on_the_wire(sent(argument, value), Place.QUERY)


def test_reserved_characters_stay_only_where_declared_and_harmless() -> None:
    argument = Argument(name="color", wire_name="color", place=Place.QUERY, allow_reserved=True)
    assert "color=a/b?c:d,e@f%26g%3Dh%2Bi%23j%25k" == on_the_wire(sent(argument, "a/b?c:d,e@f&g=h+i#j%k"), Place.QUERY)


@pytest.mark.parametrize("place", list(Place)[:4])
def test_a_parameter_described_by_content_is_json(place: Place) -> None:
    argument = Argument(name="color", wire_name="color", place=place, content_type="application/json")
    written = on_the_wire(sent(argument, {"b": [1], "a": "x"}), place)
    assert written is not None
    text = unquote(written).removeprefix("color=")
    assert {"a": "x", "b": [1]} == json.loads(text)


@pytest.mark.parametrize(
    ("place", "style", "explode", "value"),
    [
        (Place.QUERY, "form", True, [["nested"]]),
        (Place.QUERY, "form", True, {"a": {"b": 1}}),
        (Place.QUERY, "form", True, [None]),
        (Place.QUERY, "spaceDelimited", False, ["a b"]),
        (Place.QUERY, "pipeDelimited", False, ["a|b"]),
        (Place.QUERY, "deepObject", True, {"a][b": 1}),
        (Place.QUERY, "deepObject", True, {"": 1}),
        (Place.QUERY, "form", True, math.nan),
        (Place.QUERY, "form", True, "\ud800"),
        (Place.HEADER, None, None, ["a,b"]),
        (Place.HEADER, None, True, {"a=b": "c"}),
        (Place.HEADER, None, None, "a\r\nX-Admin: 1"),
        (Place.HEADER, None, None, " padded"),
        (Place.HEADER, None, None, "é"),
        (Place.PATH, "label", True, ["1.5"]),
    ],
)
def test_what_cannot_be_told_apart_or_sent_is_refused_by_name(
    place: Place, style: str | None, explode: bool | None, value: Any
) -> None:
    argument = Argument(name="paint", wire_name="color", place=place, style=style, explode=explode)
    with pytest.raises(errors.RequestUnsafe) as caught:
        sent(argument, value)
    assert "paint" == caught.value.data["argument"]


def test_a_key_of_an_object_cannot_pass_for_another_argument() -> None:
    arguments = (
        Argument(name="filter", wire_name="filter", place=Place.QUERY),
        Argument(name="owner", wire_name="owner", place=Place.QUERY),
    )
    action = Action(
        id=ActionId("crm.list"), system="crm", operation="list", method="GET", path="/c", pointer="",
        arguments=arguments,
    )  # fmt: skip
    assert render(action, {"filter": {"size": 1}, "owner": "me"}, BASE).url.endswith("?size=1&owner=me")
    with pytest.raises(errors.RequestUnsafe, match="name of another argument"):
        render(action, {"filter": {"owner": "you"}, "owner": "me"}, BASE)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(10**9), 10**9)
SCALARS = st.one_of(TEXTS, NUMBERS)


def pairs_read(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))


def bracketed(pairs: list[tuple[str, str]]) -> Any:
    """Reads `a[b][0]=c` as qs and Rails do, all leaves as texts; containers with keys 0, 1, … are lists."""
    tree: dict[str, Any] = {}
    for name, text in pairs:
        head, *rest = name.replace("]", "").split("[")
        node = tree
        for here, _ in zip([head, *rest], rest, strict=False):
            node = node.setdefault(here, {})
        node[[head, *rest][-1]] = text
    return listed(tree)


def listed(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    parts = {key: listed(part) for key, part in node.items()}
    return list(parts.values()) if parts and list(parts) == [str(index) for index in range(len(parts))] else parts


def texts_of(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: texts_of(part) for key, part in value.items()}
    return [texts_of(part) for part in value] if isinstance(value, list) else str(value)


@given(st.lists(SCALARS, min_size=1, max_size=4), st.booleans())
def test_a_form_reader_gets_back_every_exploded_list(value: list[Any], is_reserved: bool) -> None:
    argument = Argument(name="c", wire_name="c[]", place=Place.QUERY, allow_reserved=is_reserved)
    assert [("c[]", str(part)) for part in value] == pairs_read(on_the_wire(sent(argument, value), Place.QUERY) or "")


@given(st.lists(SCALARS, min_size=1, max_size=4), st.booleans())
def test_a_reader_that_splits_first_gets_back_every_joined_list(value: list[Any], is_reserved: bool) -> None:
    """RFC 6570: split at the raw comma, then decode each member."""
    argument = Argument(name="c", wire_name="c", place=Place.QUERY, explode=False, allow_reserved=is_reserved)
    written = on_the_wire(sent(argument, value), Place.QUERY) or ""
    assert [str(part) for part in value] == [unquote(part) for part in written.removeprefix("c=").split(",")]


@given(st.dictionaries(TEXTS, SCALARS, min_size=1, max_size=4))
def test_a_form_reader_gets_back_every_exploded_object(value: dict[str, Any]) -> None:
    argument = Argument(name="c", wire_name="c", place=Place.QUERY)
    expected = [(name, str(part)) for name, part in value.items()]
    assert expected == pairs_read(on_the_wire(sent(argument, value), Place.QUERY) or "")


KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]"), min_size=1, max_size=5).filter(
    lambda key: not key.isdigit()
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(KEYS, inner, min_size=1, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=3))
def test_a_bracket_reader_gets_back_every_deep_object(value: dict[str, Any]) -> None:
    argument = Argument(name="c", wire_name="c", place=Place.QUERY, style="deepObject", explode=True)
    assert {"c": texts_of(value)} == bracketed(pairs_read(on_the_wire(sent(argument, value), Place.QUERY) or ""))


@given(st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=5), min_size=1))
def test_a_header_reader_gets_back_every_list_that_is_sent(value: list[str]) -> None:
    argument = Argument(name="color", wire_name="color", place=Place.HEADER)
    try:
        written = on_the_wire(sent(argument, value), Place.HEADER)
    except errors.RequestUnsafe:
        assert any("," in part for part in value)
        return
    assert written is not None
    assert value == written.split(",")
