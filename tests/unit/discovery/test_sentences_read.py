"""What the first sentence of a summary or a description is taken to say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discovery import sentences


@pytest.mark.parametrize(
    ("text", "verb", "head"),
    [
        ("Creates a short-lived API key for a given resource.", "create", "key"),
        ("<p>Sends an ephemeral <b>message</b> to a user.</p>", "send", "message"),
        ("This endpoint allows you to delete the record", "delete", "record"),
        ("Permanently deletes a customer. It cannot be undone.", "delete", "customer"),
        ("**Note:** Removes the [member](https://example.com/members) from a team", "remove", "member"),
        ("Use this endpoint to refund a payment", "refund", "payment"),
        ("BatchRetrieveOrders", "retrieve", "order"),
        ("Access Token Create", "create", "token"),
        ("Returns", "return", ""),
        ("The orders of a customer", "", ""),
        ("A list", "", ""),
        ("", "", ""),
    ],
)
def test_the_verb_of_a_sentence_and_what_it_is_about(text: str, verb: str, head: str) -> None:
    found = sentences.read(text)
    assert (verb, head) == (found.verb, found.head)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Indicate that a step is done", True),
        ("Frobnicates the widget", True),
        ("Get a widget", True),
        ("Details of a widget", False),
        ("For the widget", False),
        ("Whether a widget exists", False),
    ],
)
def test_a_first_word_that_takes_an_object_is_an_order(text: str, expected: bool) -> None:
    assert expected is sentences.read(text).is_order


@given(st.text(max_size=2000))
def test_any_text_can_be_read(text: str) -> None:
    assert 400 >= len(sentences.read(text).text)
