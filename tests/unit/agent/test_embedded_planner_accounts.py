"""Nothing that a goal coordinates, or adds in a remark after it, is dropped in silence."""

from __future__ import annotations

import pytest

from agent.plan import CannotDo
from discovery.lower import Signature
from tests.unit.agent.test_embedded_planner_sentences import proposal_for


@pytest.mark.parametrize(
    "goal",
    [
        "Set the state of book B-100 to lost and the colour to green",
        "Block member M-17 and pin him",
        "Block member M-17, and also the other one",
        "Block member M-17 and her bicycle",
        "Block member M-17. It should bear the badge gold.",
    ],
)
async def test_what_no_step_accounts_for_refuses_the_goal(goal: str, library: tuple[Signature, ...]) -> None:
    refused = await proposal_for(goal, library)
    assert isinstance(refused, CannotDo), refused
