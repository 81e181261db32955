"""What reading makes of a document's text; the caps of the process around it are tested elsewhere."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery import reader

LARGE = {"max_nodes": 100_000, "max_depth": 100}

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    # A text like `0E0` is a number by YAML 1.2, which PyYAML, writing 1.1, does not know and leaves unquoted.
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20).filter(
        lambda text: reader.FLOAT.match(text) is None
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1), inner, max_size=4)
    ),
    max_leaves=20,
)


def read(text: str, **caps: int) -> Any:
    return reader.read_yaml(text.encode(), **(LARGE | caps))


def test_response_codes_are_strings_and_dates_stay_as_written() -> None:
    text = "200: {on: no, since: 2024-01-02, at: 2024-01-02T03:04:05Z, ratio: 1.5, count: 3, gone: ~}"
    expected = {
        "200": {"on": "no", "since": "2024-01-02", "at": "2024-01-02T03:04:05Z", "ratio": 1.5, "count": 3, "gone": None}
    }
    assert expected == read(text)


def test_a_quoted_scalar_is_always_a_string() -> None:
    assert ["1", "true", "null", 1, True, None] == read("['1', \"true\", 'null', 1, true, null]")


def test_an_alias_stands_for_what_it_names_and_a_merge_key_lends_it() -> None:
    text = "base: &b {x: 1, y: 2}\nsame: *b\nown: {<<: *b, y: 3}"
    assert {"base": {"x": 1, "y": 2}, "same": {"x": 1, "y": 2}, "own": {"x": 1, "y": 3}} == read(text)


def test_aliases_count_as_what_they_stand_for() -> None:
    lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(reader.Refused, match="aliases counted as what they stand for"):
        read("\n".join(lines))


@pytest.mark.parametrize("text", ["a: &x [*x]", "a: *nowhere"], ids=["of itself", "of nothing"])
def test_an_alias_without_a_finished_anchor_is_refused(text: str) -> None:
    with pytest.raises(reader.Refused, match="stands for nothing before it"):
        read(text)


def test_depth_is_bounded_without_recursion() -> None:
    with pytest.raises(reader.Refused, match="nested deeper than 100"):
        read("[" * 50_000)


def test_a_yaml_fault_is_told_with_its_place() -> None:
    with pytest.raises(reader.Refused) as caught:
        read("openapi: 3.0.0\npaths: {a: [}")
    assert {"line": 2, "column": 13} == caught.value.place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"openapi": "3.0.0", "paths": {', {"line": 1, "column": 32}),
        ('{"a": 1,\n "b": tru}', {"line": 2, "column": 7}),
    ],
    ids=["cut off", "misspelt"],
)
def test_a_json_fault_is_told_with_its_place(text: str, place: dict[str, int]) -> None:
    with pytest.raises(reader.Refused, match="not valid JSON") as caught:
        reader.read(text.encode(), **LARGE)
    assert place == caught.value.place


def test_json_values_and_depth_are_counted() -> None:
    document = {"a": [1, 2, {"b": None}], "c": {}}
    assert 7 == reader.measure(document, **LARGE)
    with pytest.raises(reader.Refused, match="more than 6 values"):
        reader.measure(document, max_nodes=6, max_depth=9)
    with pytest.raises(reader.Refused, match="deeper than 2"):
        reader.measure(document, max_nodes=99, max_depth=2)


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_what_another_writer_wrote_as_yaml_is_read_back(value: Any) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    # PyYAML writes YAML 1.1, which differs for words that it quotes anyway; numbers with a comma or colon stay strings.
    assert value == reader.read_yaml(text.encode(), **LARGE)


@given(VALUES)
@settings(max_examples=50, deadline=None)
def test_json_is_counted_the_same_as_its_yaml(value: Any) -> None:
    text, nodes = orjson.dumps(value), reader.measure(value, **LARGE)
    assert value == reader.read_yaml(text, max_nodes=nodes, max_depth=100)
    with pytest.raises(reader.Refused, match="more than"):
        reader.read_yaml(text, max_nodes=nodes - 1, max_depth=100)
