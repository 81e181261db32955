"""Goals over the demo enterprise, judged by the systems' own ledgers: exactly what was meant, and nothing else.

Also kills workers at named points of a run (SQLite, and PostgreSQL where there is one), and times the demo.
Choices, for work on the planner: `half=dev|test` runs the goals of one half alone, `cases=FILE` those of another file;
both leave the kills and the demo out.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

from evals import killpoints, postgres
from evals.stage import Stage
from evals.suite import Options, Result
from evals.suites.goals.cases import Case, Judgement, judge, load, read

HALVES: tuple[Literal["dev", "test"], ...] = ("dev", "test")
APPROVERS = ("ann", "ben")
ENDS_WITHIN_S = 60.0
OVER = frozenset({"done", "refused", "failed", "cancelled"})


async def run(options: Options) -> Result:
    only, file = options.choices.get("half"), options.choices.get("cases")
    halves = HALVES if only is None else tuple(half for half in HALVES if half == only)
    cases = read(Path(file), "dev") if file else [case for half in halves for case in load(half)]
    goals = await asyncio.to_thread(_pursue_all, cases, options)
    rows = list(goals)
    figures: dict[str, float] = {"wrong_effects": sum(row["wrong"] for row in rows)}
    if "test" in halves and not file:
        figures["test_right_share"] = _share([row["is_right"] for row in rows if row["half"] == "test"])
    if only is None and not file:
        kills = await _kill_all(options)
        rows += kills
        figures["kill_points"] = len(kills)
        figures["kill_points_right"] = sum(row["is_right"] for row in kills)
        figures["demo_run_s"] = await asyncio.to_thread(_time_the_demo, options)
    chart = {
        f"{half} {kind}": _share([row["is_right"] for row in goals if (row["half"], row["kind"]) == (half, kind)])
        for half in halves
        for kind in ("single", "lookup", "multi")
    }
    return Result(figures=figures, rows=rows, chart=chart)


def _pursue_all(cases: list[Case], options: Options) -> list[dict[str, Any]]:
    rows = []
    with tempfile.TemporaryDirectory(prefix="interlock-goals-") as folder, Stage.start(Path(folder)) as stage:
        for case in cases:
            _reset(stage)
            rows.append(_pursue(stage, case))
            options.tell(f"{case.id}: {'right' if rows[-1]['is_right'] else rows[-1]['reason'] or 'wrong'}")
    return rows


def _reset(stage: Stage) -> None:
    """Every goal finds the systems as they were seeded, whatever an earlier goal did."""
    for name, system in stage.enterprise.systems.items():
        if system.ledger():
            stage.enterprise.stop(name)
            (stage.worlds / f"{name}.ledger.jsonl").unlink()
            stage.enterprise.start_one(name)


def _pursue(stage: Stage, case: Case) -> dict[str, Any]:
    began = time.monotonic()
    submitted = stage.people["sam"].post("/v1/goals", {"text": case.goal})
    ended = _await_end(stage, submitted["id"])
    entries = {name: system.ledger() for name, system in stage.enterprise.systems.items()}
    judgement = judge(case, entries)
    # A goal that asks for nothing is right when the run understood that, not when it gave up.
    is_right = judgement.is_right and ended["state"] == "done"
    return _row(case, ended, judgement, is_right, time.monotonic() - began)


def _row(case: Case, ended: Mapping[str, Any], judgement: Judgement, is_right: bool, took_s: float) -> dict[str, Any]:
    return {
        "trial": case.id,
        "half": case.half,
        "kind": case.kind,
        "is_right": is_right,
        "state": ended["state"],
        "wrong": len(judgement.wrong),
        "missing": len(judgement.missing),
        "seconds": round(took_s, 2),
        # Why a goal of the test half was refused is not told: whoever read it would work on that.
        "reason": "" if is_right or case.half == "test" else str(ended["reason"])[:200],
    }


def _await_end(stage: Stage, run: str) -> dict[str, Any]:
    """Approve whatever the run asks, as two people would, until it ends or stands still."""
    deadline = time.monotonic() + ENDS_WITHIN_S
    while True:
        found: dict[str, Any] = stage.admin.get(f"/v1/runs/{run}")
        if found["state"] in OVER or time.monotonic() > deadline:
            return found
        waits = found["waiting_for"]
        for wait in waits:
            if wait["kind"] == "approval":
                _approve(stage, wait["reference"])
        if waits and not any(wait["kind"] in ("approval", "timer") for wait in waits):
            return found
        time.sleep(0.05)


def _approve(stage: Stage, approval: str) -> None:
    path = f"/v1/approvals/{approval}"
    for name in APPROVERS:
        seen, etag = stage.people[name].seen(path)
        if seen["state"] == "open":
            stage.people[name].post(f"{path}/decision", {"choice": "approve", "reason": ""}, if_match=etag)


async def _kill_all(options: Options) -> list[dict[str, Any]]:
    with ExitStack() as undo:
        folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="interlock-kills-")))
        rows = await _kill_on("sqlite", folder / "sqlite", None, options)
        try:
            server = undo.enter_context(postgres.running(folder / "server"))
        except postgres.NoPostgres as exc:
            options.tell(f"no kill points on PostgreSQL: {exc}")
            return rows
        url = postgres.create(server, "kills")
        return rows + await _kill_on("postgresql", folder / "postgresql", url, options)


async def _kill_on(kind: str, folder: Path, url: str | None, options: Options) -> list[dict[str, Any]]:
    rows = []
    campaign = await killpoints.Campaign.start(folder, url)
    try:
        for point in killpoints.POINTS:
            found = await campaign.run(point)
            options.tell(f"{kind}, killed {point}: {'right' if found.is_right else found}")
            rows.append(
                {
                    "trial": f"killed {point}",
                    "half": kind,
                    "kind": "kill",
                    "is_right": found.is_right,
                    "state": found.state,
                    "wrong": sum(max(count - 1, 0) for count in found.written.values()),
                    "missing": sum(1 for count in found.written.values() if count == 0),
                    "seconds": round(found.recovery_s, 2),
                    "reason": "" if found.is_right else str(found),
                }
            )
    finally:
        await campaign.stop()
    return rows


def _time_the_demo(options: Options) -> float:
    """Seconds of the demo's run, without the person's part."""
    command = [sys.executable, "-m", "api.cli", "demo", "--once", "--yes", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    run_s = float(json.loads(done.stdout)["run_s"])
    options.tell(f"the demo's run took {run_s} s")
    return run_s


def _share(values: list[bool]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0
