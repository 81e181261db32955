"""A submitter and an approver at the command line: a run waits for a stated reason, is decided, and ends."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from evals.stage import Stage

INVOICE = (
    'Create a customer "Waiting Room" with email accounts@waiting-room.example in billing '
    "and invoice the customer 15,000 EUR in billing"
)
REASON = "An invoice over 10,000 is looked at by a second person before the customer gets it."
WAITS_WITHIN_S = 20


def test_a_waiting_run_says_why_in_one_sentence_and_goes_on_when_it_is_decided(
    interlock, stage: Stage, as_sam: Mapping[str, str]
) -> None:
    run = json.loads(interlock("goal", INVOICE, "--json", **as_sam).out)["id"]
    waiting = _waiting(interlock, as_sam, run)

    assert waiting["reason"].endswith(REASON)
    shown = interlock("runs", "show", run, **as_sam)
    assert REASON in " ".join(shown.out.split()), shown

    approval = waiting["waiting_for"][0]["reference"]
    refused = interlock("approvals", "approve", approval, **as_sam)
    assert refused.code == 1, "who asked may not approve"

    as_ann = {**as_sam, "INTERLOCK_API_KEY": stage.keys["ann"]}
    stale = interlock("approvals", "approve", approval, "--digest", "0" * 64, **as_ann)
    assert stale.code == 1
    assert "not the one you saw" in stale.err
    assert interlock("approvals", "approve", approval, **as_ann).code == 0
    assert interlock("runs", "watch", run, **as_sam).code == 0
    assert interlock("approvals", "approve", approval, **as_ann).code == 1, "an approval is decided once"


def test_a_goal_that_is_refused_ends_with_code_1_and_its_reason(interlock, as_sam: Mapping[str, str]) -> None:
    ran = interlock("goal", "Paint the office walls blue", "--wait", **as_sam)
    assert ran.code == 1, ran
    assert ran.out.startswith("refused: ")


def test_a_rejected_step_ends_its_run_with_the_reason(interlock, stage: Stage, as_sam: Mapping[str, str]) -> None:
    goal = INVOICE.replace("waiting-room", "closed-door")
    run = json.loads(interlock("goal", goal, "--json", **as_sam).out)["id"]
    approval = _waiting(interlock, as_sam, run)["waiting_for"][0]["reference"]
    as_ann = {**as_sam, "INTERLOCK_API_KEY": stage.keys["ann"]}
    assert interlock("approvals", "reject", approval, "--reason", "no order yet", **as_ann).code == 0
    ended = interlock("runs", "watch", run, **as_sam)
    assert ended.code == 1
    assert "no order yet" in " ".join(ended.out.split()), ended


def _waiting(interlock, environment: Mapping[str, str], run: str) -> dict[str, Any]:
    deadline = time.monotonic() + WAITS_WITHIN_S
    while True:
        ran = interlock("runs", "show", run, "--json", **environment)
        assert ran.code == 0, ran
        found: dict[str, Any] = json.loads(ran.out)
        if found["state"] == "waiting" or time.monotonic() > deadline:
            return found
