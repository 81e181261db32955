"""SAFETY row A9 in small: hostile values through render and egress, judged by the bytes that a raw server recorded."""

from __future__ import annotations

from evals.suites.discovery.smuggling import fuzz


async def test_a_hostile_value_is_refused_or_stands_in_its_place_on_the_wire() -> None:
    judged = await fuzz(400, lambda _: None, seed=9)
    assert (400, ()) == (judged.tried, judged.leaked)
    assert 50 < judged.refused < 350
