"""kill -9 of the worker at every named point of a run: the run ends right, and each system has each effect once."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.killpoints import POINTS, Campaign


@pytest.mark.timeout(400)
async def test_every_run_ends_right_wherever_its_worker_is_killed(database_url: str, tmp_path: Path) -> None:
    campaign = await Campaign.start(tmp_path, database_url)
    try:
        results = [await campaign.run(point) for point in POINTS]
    finally:
        await campaign.stop()
    assert [] == [result for result in results if not result.is_right]
    assert len(results) >= 10
