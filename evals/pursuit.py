"""Goals followed through the API, as the people who work with Interlock do: submit, wait, decide."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from api.cli.client import Api

OVER = frozenset({"done", "refused", "failed", "cancelled"})
WITHIN_S = 60.0
LOOK_S = 0.05

Run = dict[str, Any]


def submit(api: Api, goal: str) -> str:
    """The id of the run that pursues `goal`."""
    return str(api.post("/v1/goals", {"text": goal})["id"])


def until(api: Api, run: str, holds: Callable[[Run], bool], within_s: float = WITHIN_S) -> Run:
    """The run as soon as `holds` is true of it. Raises `TimeoutError` with the state that it is in instead."""
    deadline = time.monotonic() + within_s
    while not holds(found := api.get(f"/v1/runs/{run}")):
        if time.monotonic() > deadline:
            raise TimeoutError(f"run {run} is still {found['state']}: {found['reason']}")
        time.sleep(LOOK_S)
    return dict(found)


def ended(api: Api, run: str, within_s: float = WITHIN_S) -> Run:
    """The run once it is over."""
    return until(api, run, lambda found: found["state"] in OVER, within_s)


def resting(api: Api, run: str, kind: str) -> Run:
    """The run once it waits for a thing of that kind, and for nothing else; or over, when it never does."""

    def is_resting(found: Run) -> bool:
        kinds = {wait["kind"] for wait in found["waiting_for"]}
        return found["state"] in OVER or (found["state"] == "waiting" and kinds == {kind})

    return until(api, run, is_resting)


def asked(api: Api, run: str, after: str | None = None) -> str:
    """The id of the approval that the run waits for; another one than `after`. Raises when the run ends instead."""
    found = until(api, run, lambda found: found["state"] in OVER or _asks(found) not in (None, after))
    if (approval := _asks(found)) is None:
        raise RuntimeError(f"run {run} asks nothing: it is {found['state']}: {found['reason']}")
    return approval


def decide(api: Api, approval: str, choice: str, **word: Any) -> dict[str, Any]:
    """The approval after that choice about it as it is now."""
    path = f"/v1/approvals/{approval}"
    _, etag = api.seen(path)
    return dict(api.post(f"{path}/decision", {"choice": choice, **word}, if_match=etag))


def _asks(found: Run) -> str | None:
    """The first approval of a run that rests."""
    if found["state"] != "waiting":
        return None
    return next((str(wait["reference"]) for wait in found["waiting_for"] if wait["kind"] == "approval"), None)
