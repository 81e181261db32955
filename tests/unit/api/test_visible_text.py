"""Foreign text is escaped, shown whole in effect, and can neither hide nor turn anything."""

from __future__ import annotations

import html
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.web.text import brief, visible

TAG = re.compile(r"<[^>]*>")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain & <b>bold</b>", "plain &amp; &lt;b&gt;bold&lt;/b&gt;"),
        ("a\u202eb", 'a<span class="code">\\u202e</span>b'),
        ("\x1b[31mred", '<span class="code">\\u001b</span>[31mred'),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("\U000e0041", '<span class="code">\\U000e0041</span>'),
        ("emoji 🙂 é", "emoji 🙂 é"),
        (None, "None"),
    ],
)
def test_what_is_unseen_is_shown_as_its_code(text: object, shown: str) -> None:
    assert shown == visible(text)


@settings(max_examples=100)
@given(st.text(max_size=200))
def test_nothing_unseen_and_no_tag_of_the_text_is_left(text: str) -> None:
    shown = str(visible(text, None))
    plain = html.unescape(TAG.sub("", shown))
    assert all(
        unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp", "Co", "Cs") for char in plain if char not in "\n\t"
    )
    assert set(TAG.findall(shown)) <= {'<span class="code">', "</span>"}


def test_long_text_is_cut_with_a_mark_and_the_rest_is_kept() -> None:
    shown = str(visible("a" * 10 + "<end>", 10))
    assert shown.startswith('aaaaaaaaaa<span class="cut">…</span><details')
    assert "5 more characters" in shown
    assert "&lt;end&gt;" in shown


def test_a_brief_text_is_one_line() -> None:
    assert "one two" == brief("one\n  two")
    assert 'one<span class="cut">…</span>' == brief("one two", 3)
