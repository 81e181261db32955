"""Pauses learned from answers."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.ratelimit import Pace, retry_after_s

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


class MovableClock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def pace(clock: MovableClock) -> Pace:
    return Pace(clock, cap_s=60.0, first_pause_s=1.0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("60", 60.0),
        ("61", 60.0),
        ("1000000000", 60.0),
        ("9" * 5000, 60.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sunday, 01-Mar-26 12:00:30 GMT", 30.0),
        ("Sun Mar  1 12:00:30 2026", 30.0),
        ("Sun, 01 Mar 2026 13:00:30 +0100", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 60.0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Sun, 99 Mar 2026 12:00:30 GMT", None),
    ],
)
def test_retry_after_in_both_forms(value: str, expected: float | None) -> None:
    assert expected == retry_after_s(value, NOW, cap_s=60.0)


@given(value=st.one_of(st.text(), st.from_regex(r"\w{3}, \d{1,3} \w{3} \d{1,6} \d\d:\d\d:\d\d \S{1,6}")))
@settings(max_examples=100)
def test_no_header_breaks_it_and_none_exceeds_the_cap(value: str) -> None:
    seconds = retry_after_s(value, NOW, cap_s=60.0)

    assert seconds is None or 0.0 <= seconds <= 60.0


def test_a_429_pauses_its_operation_for_as_long_as_it_says(pace: Pace, clock: MovableClock) -> None:
    assert 20.0 == pace.learn("crm", "list", 429, [("retry-after", "20")])

    assert (20.0, 0.0, 0.0) == (pace.wait_s("crm", "list"), pace.wait_s("crm", "create"), pace.wait_s("erp", "list"))
    clock.advance(20)
    assert 0.0 == pace.wait_s("crm", "list")


def test_without_a_retry_after_each_429_pauses_twice_as_long_up_to_the_cap(pace: Pace, clock: MovableClock) -> None:
    pauses = []
    for _ in range(8):
        pauses.append(pace.learn("crm", "list", 429, []))
        clock.advance(pauses[-1])

    assert [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0] == pauses


def test_another_answer_ends_the_pause_and_its_doubling(pace: Pace) -> None:
    pace.learn("crm", "list", 429, [])
    pace.learn("crm", "list", 429, [])

    assert 0.0 == pace.learn("crm", "list", 200, [])
    assert 0.0 == pace.wait_s("crm", "list")
    assert 1.0 == pace.learn("crm", "list", 429, [])


def test_two_paused_operations_pause_the_whole_connection(pace: Pace) -> None:
    pace.learn("crm", "list", 429, [("Retry-After", "5")])
    pace.learn("crm", "create", 429, [("Retry-After", "9")])

    assert (9.0, 0.0) == (pace.wait_s("crm", "untouched"), pace.wait_s("erp", "untouched"))


@pytest.mark.parametrize(
    ("headers", "expected"), [([], 0.0), ([("retry-after", "3")], 3.0), ([("retry-after", "x")], 0.0)]
)
def test_a_503_pauses_only_when_it_says_how_long(pace: Pace, headers: list[tuple[str, str]], expected: float) -> None:
    assert expected == pace.learn("crm", "list", 503, headers)


def test_old_pauses_do_not_pile_up(pace: Pace, clock: MovableClock) -> None:
    for number in range(50):
        pace.learn("crm", f"operation {number}", 429, [])
    clock.advance(1000)
    pace.learn("crm", "list", 429, [])

    assert 1 == len(pace._pauses)


async def test_waiting_returns_when_the_pause_is_over() -> None:
    class RunningClock:
        def now(self) -> datetime:
            return NOW + timedelta(seconds=asyncio.get_running_loop().time())

    loop = asyncio.get_running_loop()
    pace = Pace(RunningClock(), first_pause_s=0.05)
    pace.learn("crm", "list", 429, [])
    began = loop.time()

    await pace.wait("crm", "other")
    free_s = loop.time() - began
    await pace.wait("crm", "list")

    assert free_s < 0.04
    assert 0.05 <= loop.time() - began < 1.0
