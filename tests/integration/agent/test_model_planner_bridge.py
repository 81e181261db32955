"""The model planner with a program standing behind a bridge of files, as a person could."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent.plan import Plan, Step
from agent.planner import PlannerView
from agent.planners.model import ModelPlanner
from discovery.lower import ArgumentSignature, Signature
from tools.action import ActionClass, ActionId

BRIDGE = Path(__file__).resolve().parents[4] / "shared" / "model_bridge" / "serve.py"

pytestmark = pytest.mark.skipif(not BRIDGE.exists(), reason=f"the model bridge is not at {BRIDGE}")

FIND = Signature(
    id=ActionId("crm.find_contacts"),
    system="crm",
    action_class=ActionClass.READ,
    method="GET",
    path="/contacts",
    args=(ArgumentSignature(name="email", type="string", required=True),),
)
VIEW = PlannerView(goal="Find ada@example.com", today=date(2026, 1, 31), signatures=(FIND,))
STEPS = [{"id": "found", "action": "crm.find_contacts", "args": {"email": "ada@example.com"}}]


class Program(threading.Thread):
    """Answers each request file in turn with the next of its answers."""

    def __init__(self, folder: Path, answers: list[dict[str, Any]]) -> None:
        super().__init__(daemon=True)
        self._folder, self._answers = folder, answers
        self.requests: list[dict[str, Any]] = []

    def run(self) -> None:
        for number, answer in enumerate(self._answers, start=1):
            request = self._folder / f"{number:04d}.request.json"
            self.requests.append(self._wait_for(request))
            draft = self._folder / "draft"
            draft.write_text(json.dumps(answer))
            os.replace(draft, self._folder / f"{number:04d}.answer.json")

    def _wait_for(self, path: Path) -> dict[str, Any]:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                return dict(json.loads(path.read_text()))
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(0.02)
        raise TimeoutError(path.name)


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(BRIDGE), str(tmp_path), "--port", str(port), "--wait", "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # printed once it is about to listen
        yield f"http://127.0.0.1:{port}/v1"
        process.terminate()


async def test_a_program_behind_the_bridge_can_be_the_model(bridge: str, tmp_path: Path) -> None:
    """Busy at first, then without response_format, then with an empty plan, then right."""
    program = Program(
        tmp_path,
        [
            {"error": {"status": 429, "message": "slow down", "retry_after_s": 0}},
            {"error": {"status": 400, "message": "response_format is not known here"}},
            {"tool_calls": [{"name": "propose_plan", "arguments": {"steps": []}}], "content": None},
            {"tool_calls": [{"name": "propose_plan", "arguments": {"steps": STEPS}}], "content": None},
        ],
    )
    program.start()
    planner = ModelPlanner(base_url=bridge, api_key=None, model="bridge", timeout_s=30)
    expected = Plan(steps=(Step(id="found", action=FIND.id, args={"email": "ada@example.com"}),))
    assert expected == await planner.propose(VIEW)
    assert [True, True, False, False] == ["response_format" in request for request in program.requests]
