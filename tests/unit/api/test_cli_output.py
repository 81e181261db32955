"""What the command line shows came from strangers: it is text, whatever it holds."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from api.cli import output, story


def shown(draw) -> str:
    to = Console(file=io.StringIO(), width=100, force_terminal=False)
    draw(to)
    return to.file.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (True, "yes"),
        (["a", "b"], "a, b"),
        ([], "-"),
        ({"b": 1, "a": [2]}, '{"a":[2],"b":1}'),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("abc\u202ecod.exe", "abc\\u202ecod.exe"),
        ("bell\a", "bell\\u0007"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_a_value_is_shown_as_text_with_its_control_characters_visible(value: object, text: str) -> None:
    assert text == output.plain(value).plain


def test_markup_in_a_value_stays_as_it_is() -> None:
    draw = output.listing({"name": "name"}, [{"name": "[red]x[/red] [link=http://evil.example]y[/link]"}], empty="none")
    assert "[red]x[/red] [link=http://evil.example]y[/link]" in shown(draw)


def test_an_empty_list_says_so() -> None:
    assert "No runs yet." in shown(output.listing({"run": "id"}, [], empty="No runs yet."))


def test_an_approval_tells_where_each_argument_comes_from() -> None:
    approval = {
        "bound": {"request": {"method": "POST", "url": "https://billing.example/v1/invoices"}},
        "why": "large",
        "rule": "large-invoice",
        "requester": "sam",
        "count": 2,
        "role": "approver",
        "not_requester": True,
        "expires_at": "2026-03-01T10:00:00+00:00",
        "arguments": {"amount": 5, "lines": [{"sku": "A"}], "a/b": 1},
        "labels": {"/amount": "user", "/lines/0/sku": "typed", "/a~1b": "text"},
    }
    lines = [line.split() for line in shown(lambda to: story.draw_request(to, approval)).splitlines()]
    assert ["request", "POST", "https://billing.example/v1/invoices"] in lines
    assert ["needs", "2", "x", "approver,", "not", "who", "asked"] in lines
    assert ["amount", "5", "said", "by", "the", "requester"] in lines
    assert ["lines", '[{"sku":"A"}]', "looked", "up:", "a", "typed", "field", "of", "a", "record"] in lines
    assert ["a/b", "1", "free", "text", "of", "a", "system"] in lines
