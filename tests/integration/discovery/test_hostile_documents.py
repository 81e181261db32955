"""Hostile documents and arguments (SAFETY A7 to A9) taken in by this very process: each comes to an end that is safe.

The large ones, and what each of them holds, are left to `interlock evals run discovery --set part=hostile`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from discovery import lower, surface
from evals.apart import Ended
from evals.endurance import endure
from evals.suites.discovery import hostile
from evals.suites.discovery.attacks import ATTACKS, Attack
from evals.work import GOOD, cpu_s

QUICK = [one for one in ATTACKS if one.is_quick]
MEASURED = ("YAML lists of aliases", "JSON objects nested 100,000 deep", "chain of 100,000 references")
#: in a process of their own, for what they hold


@pytest.fixture(autouse=True, scope="module")
def _without_the_heap_of_the_tests() -> Iterator[None]:
    """What other tests left behind must not make the collector slow while a check is timed."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("attack", QUICK, ids=lambda attack: ascii(attack.name[:60]))
def test_a_hostile_input_comes_to_a_safe_end(attack: Attack) -> None:
    document, before = attack.document(), cpu_s()
    told = endure(document, attack.arguments, GOOD)
    assert [] == hostile.faults(attack, _ended(told, cpu_s() - before))


@pytest.mark.parametrize("name", MEASURED)
def test_a_hostile_document_holds_little_memory(name: str) -> None:
    attack = next(one for one in ATTACKS if one.name == name)
    row = hostile.judged(attack, hostile.run(attack))
    assert row.is_right, row.says
    assert 0 < (row.megabytes or 0) < 256


def test_the_names_tell_the_inputs_apart() -> None:
    names = [one.name for one in ATTACKS]
    assert len(names) == len(set(names)) >= 100


def test_schemas_that_all_hold_each_other_are_shown_in_part() -> None:
    attack = next(one for one in ATTACKS if one.name == "200 schemas with each other's properties")
    built = surface.build("x", attack.document())
    shown = lower.signature(built.actions[0], built.defs)
    assert 200 == len(shown.args)
    assert 200 + lower.MAX_SHOWN == sum(map(_count, shown.args))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"end": "sent", "says": "GET https://api.example/v1/things"}, "this must not end as 'sent'"),
        ({"touched": ["socket.connect"]}, "touched socket.connect"),
        ({"is_unharmed": False}, "a good document is not taken in afterwards"),
        ({"check_s": 0.2}, "checking the value took 200 ms"),
        ({"says": ""}, "nothing says why"),
    ],
    ids=["end", "touched", "harmed", "slow", "silent"],
)
def test_each_fault_is_told(change: Mapping[str, Any], fault: str) -> None:
    attack = Attack(name="x", rule="A7", document=bytes, safe=frozenset({"refused"}))
    good = {"end": "refused", "says": "why", "touched": [], "is_unharmed": True}
    assert [] == hostile.faults(attack, _ended(good))
    assert [fault] == hostile.faults(attack, _ended({**good, **change}))


def test_what_is_sent_must_be_one_request_below_the_base_url() -> None:
    attack = Attack(name="x", rule="A9", document=bytes, safe=frozenset({"sent"}))
    sent = {"end": "sent", "touched": [], "is_unharmed": True}
    fault = ["the request is not of the form it should have"]
    for says, found in (
        ("GET https://api.example/v1/a?b=c%0D%0A | Accept: application/json", []),
        ("GET https://api.example/v1/a | X-Note: a\r\nX-Admin: 1", fault),
        ("GET https://evil.example/v1/a", fault),
        ("GET https://api.example/v1/a b", fault),
    ):
        assert found == hostile.faults(attack, _ended({**sent, "says": says}))


def _ended(told: Mapping[str, Any], spent_s: float = 0.1) -> Ended:
    return Ended(told=told, cpu_s=spent_s, seconds=spent_s, peak_bytes=2**20, problem="")


def _count(shown: lower.ArgumentSignature) -> int:
    return 1 + sum(map(_count, shown.fields))
