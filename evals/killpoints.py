"""Kills a worker at a named point of a run, starts another, and looks at what the systems have in their ledgers.

Workers are real processes, forked from one that has imported everything, since imports cost more than a run. The fault
tests and the goals suite drive a `Campaign`.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import time
import uuid
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Self

from agent import traces
from agent.plan import Plan
from agent.testing import ScriptedPlanner
from api.settings import Settings
from api.wiring import Interlock
from evals.staging import ADMIN, stage
from evals.worlds.enterprise import Enterprise
from tools import db
from tools.call import digest
from tools.egress import Sent, Target
from tools.guard import audit
from tools.guard.scope import Grant
from tools.tables import Policy
from tools.wire import Request

NAMES = ("crm", "billing", "tickets")

POINTS = (
    "after leg.claim 1",
    "before plan.store 1",
    "after plan.store 1",
    "before guard.decide 2",
    "after guard.decide 2",
    "before send 1",
    "after send 1",
    "before ledger.settle 1",
    "after ledger.settle 1",
    "after step.end 2",
    "after send 2",
    "before wait.open 1",
    "before leg.rest 1",
    "after send 3",
    "before run.finish 1",
)
#: moment, transaction (or `send`, of an effect), and which of them: the look-up of the deal is the first guard.decide

ASK_FOR_TICKETS = """
rules:
  - id: tickets-are-approved
    why: The support lead wants to see tickets that a machine opens.
    when: action.id == "tickets.create_ticket"
    then: ask
"""

LEASE_S = 1.5
TIMEOUT_S = 1.0
ENDS_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one run whose worker was killed at `point`."""

    point: str
    was_killed: bool
    state: str
    written: dict[str, int]
    #: entries in each system's ledger that belong to this run; each must be 1
    recovery_s: float
    bad_record: str | None

    @property
    def is_right(self) -> bool:
        once = all(count == 1 for count in self.written.values())
        return self.was_killed and self.state == "done" and once and self.bad_record is None


class Campaign:
    """One database and one enterprise; any number of runs, each with a worker that dies."""

    def __init__(self, interlock: Interlock, enterprise: Enterprise, folder: Path) -> None:
        self._interlock = interlock
        self._enterprise = enterprise
        self._folder = folder

    @classmethod
    async def start(cls, folder: Path, database_url: str | None = None) -> Self:
        given: dict[str, Any] = {"data_dir": folder / "data", "lease_s": LEASE_S, "request_timeout_s": TIMEOUT_S}
        settings = Settings(**given | ({"database_url": database_url} if database_url else {}))
        enterprise = await asyncio.to_thread(Enterprise.start, folder / "worlds", NAMES)
        interlock = Interlock.build(settings)
        await interlock.start(worker=False)
        await stage(interlock, enterprise, NAMES)
        async with interlock.database.write("staging.policy") as session:
            session.add(
                Policy(
                    workspace=settings.workspace,
                    version=1,
                    source=ASK_FOR_TICKETS,
                    digest=digest(ASK_FOR_TICKETS),
                    is_active=True,
                    created_by=ADMIN,
                    created_at=await db.now(session),
                )
            )
        return cls(interlock, enterprise, folder)

    async def stop(self) -> None:
        await self._interlock.stop()
        await asyncio.to_thread(self._enterprise.stop)

    async def run(self, point: str) -> Result:
        """One run: its first worker dies at `point`, the second brings it to its end."""
        unique = uuid.uuid4().hex[:10]
        mark = self._folder / f"killed-{unique}"
        run = await self._interlock.desk.submit(text=goal(unique), grant=self._grant())
        first, second = self._worker(unique, point, mark), self._worker(unique, "", mark)
        approved = asyncio.create_task(self._approve(run.id))
        try:
            first.start()
            await asyncio.to_thread(first.join, ENDS_WITHIN_S)
            began = time.monotonic()
            second.start()
            state = await self._end(run.id)
            recovery_s = time.monotonic() - began
            second.terminate()
            await asyncio.to_thread(second.join, ENDS_WITHIN_S)
        finally:
            approved.cancel()
            for worker in (first, second):
                if worker.is_alive():
                    worker.kill()
        async with self._interlock.database.read() as session:
            verification = await audit.verify(session)
        return Result(
            point=point,
            was_killed=mark.exists() and first.exitcode == -signal.SIGKILL,
            state=state,
            written=self._written(unique),
            recovery_s=recovery_s,
            bad_record=verification.bad,
        )

    def _grant(self) -> Grant:
        return Grant(workspace=self._interlock.settings.workspace, requester="sam")

    def _worker(self, unique: str, point: str, mark: Path) -> ForkServerProcess:
        kept = self._interlock.settings
        settings = {"data_dir": kept.data_dir, "database_url": kept.database_url, "poll_s": 0.1}
        settings |= {"lease_s": kept.lease_s, "request_timeout_s": kept.request_timeout_s}
        log = self._folder / f"worker-{unique}.log"
        return _forks().Process(target=work, args=(settings, unique, point, mark, log), daemon=True)

    async def _approve(self, run: str) -> None:
        """Approve whatever the run asks, as a person would, until cancelled."""
        while True:
            await asyncio.sleep(0.2)
            story = await self._story(run)
            for approval in story["approvals"]:
                if approval["state"] == "open":
                    await self._interlock.desk.decide(
                        workspace=self._interlock.settings.workspace,
                        approval_id=approval["id"],
                        choice="approve",
                        actor="ann",
                        roles=frozenset({"approver"}),
                        digest_seen=approval["digest"],
                    )

    async def _end(self, run: str) -> str:
        deadline = time.monotonic() + ENDS_WITHIN_S
        while time.monotonic() < deadline:
            story = await self._story(run)
            if story["run"]["ended_at"] is not None:
                return str(story["run"]["state"])
            await asyncio.sleep(0.1)
        return f"{story['run']['state']}: {story['run']['reason']}"

    async def _story(self, run: str) -> dict[str, Any]:
        async with self._interlock.database.read() as session:
            return await traces.of_run(session, self._interlock.settings.workspace, run)

    def _written(self, unique: str) -> dict[str, int]:
        return {
            name: sum(1 for entry in self._enterprise[name].ledger() if unique in str(entry["after"])) for name in NAMES
        }


def goal(unique: str) -> str:
    return f"Make Kim a contact {unique}@kill.example, a billing customer and ticket KILL-{unique} about deal D-104"


def plan(unique: str) -> Plan:
    """A look-up, then three effects with three ways of finding out: a unique e-mail, a key, a reference to look for."""
    email = f"{unique}@kill.example"
    contact = {"first_name": "Kim", "last_name": "Kill", "email": email}
    ticket = {"subject": "Welcome", "description": {"$": "f'About {deal.name}'"}, "external_ref": f"KILL-{unique}"}
    steps: list[dict[str, Any]] = [
        {"id": "deal", "action": "crm.get_deal", "args": {"deal_id": "D-104"}},
        {"id": "contact", "action": "crm.create_contact", "args": contact, "after": ["deal"]},
        {"id": "customer", "action": "billing.post_customers", "args": {"email": {"$": "contact.email"}}},
        {
            "id": "ticket",
            "action": "tickets.create_ticket",
            "args": ticket | {"requester_email": {"$": "customer.email"}},
        },
    ]
    return Plan.model_validate({"steps": steps})


def arm(interlock: Interlock, point: str, mark: Path) -> None:
    """Let this process kill itself when `point` is reached."""
    moment, name, number = point.split()
    left = {"count": int(number)}

    def reach(here: str, what: str) -> None:
        if (here, what) != (moment, name):
            return
        left["count"] -= 1
        if left["count"] == 0:
            mark.write_text(point)
            os.kill(os.getpid(), signal.SIGKILL)

    send = interlock.egress.send

    async def watched(request: Request, target: Target) -> Sent:
        if request.method == "GET":
            return await send(request, target)
        reach("before", "send")
        sent = await send(request, target)
        reach("after", "send")
        return sent

    interlock.database.listen(reach)
    interlock.egress.send = watched  # type: ignore[method-assign]  # the fault is put round the real one


def work(settings: dict[str, Any], unique: str, point: str, mark: Path, log: Path) -> None:
    """A worker process, which dies at `point`, or ends when it is told to where `point` is empty."""
    with log.open("a") as file, contextlib.redirect_stderr(file), contextlib.redirect_stdout(file):
        asyncio.run(_work(Settings(**settings), unique, point, mark))


async def _work(settings: Settings, unique: str, point: str, mark: Path) -> None:
    interlock = Interlock.build(settings, planner=ScriptedPlanner([plan(unique)] * 3))
    if point:
        arm(interlock, point, mark)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await interlock.start(worker=True)
    await stopped.wait()
    await interlock.stop()


def _forks() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context
