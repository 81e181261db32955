"""The rows of goals, runs, plans, steps and waits. Everything a run needs to go on is here, nothing is elsewhere."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from tools.tables import json_column, time_column, word_column


class RunState(StrEnum):
    ACCEPTED = "accepted"
    #: committed, no leg has begun
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    #: no plan could be made, and nothing was touched
    FAILED = "failed"
    CANCELLED = "cancelled"


TERMINAL = frozenset({RunState.DONE, RunState.REFUSED, RunState.FAILED, RunState.CANCELLED})


class GoalRow(SQLModel, table=True):
    __tablename__ = "goal"
    __table_args__ = (sa.UniqueConstraint("workspace", "submitter", "request_key", name="goal_request_key"),)
    id: str = Field(primary_key=True)
    workspace: str = Field(index=True)
    text: str
    submitter: str
    owner: str
    purpose: str = ""
    budget: dict[str, Any] = json_column()
    deadline: datetime | None = time_column(default=None, nullable=True)
    request_key: str | None = None
    #: the Idempotency-Key of the request that submitted it
    created_at: datetime = time_column()


class Run(SQLModel, table=True):
    __tablename__ = "run"
    id: str = Field(primary_key=True)
    workspace: str = Field(index=True)
    goal: str = Field(foreign_key="goal.id", index=True)
    state: RunState = word_column(RunState, index=True)
    grant: dict[str, Any] = json_column()
    plan_version: int = 0
    leg: int = 0
    #: number of the last leg that began; also the fence of what it sends
    lease_worker: str | None = None
    lease_until: datetime | None = time_column(default=None, nullable=True)
    summary: str = ""
    #: one sentence: what came of it, or why it does not move
    problem: dict[str, Any] | None = json_column(default=None, nullable=True)
    created_at: datetime = time_column()
    ended_at: datetime | None = time_column(default=None, nullable=True)


class PlanVersion(SQLModel, table=True):
    __tablename__ = "plan_version"
    run: str = Field(primary_key=True, foreign_key="run.id")
    version: int = Field(primary_key=True)
    author: str
    #: the planner's name
    body: dict[str, Any] = json_column()
    surfaces: dict[str, Any] = json_column()
    #: action id -> surface revision: what the plan was reviewed against
    created_at: datetime = time_column()


class StepState(StrEnum):
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


class StepRow(SQLModel, table=True):
    """A step that is over. Steps that are not have no row: what they did is in the ledger."""

    __tablename__ = "step"
    run: str = Field(primary_key=True, foreign_key="run.id")
    path: str = Field(primary_key=True)
    iteration: int = Field(primary_key=True)
    state: StepState = word_column(StepState)
    result: Any = json_column(default=None, nullable=True)
    label: str = "text"
    #: label of a `let` or `answer` result; a call's result is labelled by the action's schema
    problem: dict[str, Any] | None = json_column(default=None, nullable=True)
    began_at: datetime = time_column()
    ended_at: datetime = time_column()


class WaitKind(StrEnum):
    APPROVAL = "approval"
    ANSWER = "answer"
    TIMER = "timer"
    EVENT = "event"
    CREDENTIAL = "credential"
    DRIFT = "drift"
    REPAIR = "repair"


class Wait(SQLModel, table=True):
    """Why a run does not move."""

    __tablename__ = "wait"
    __table_args__ = (
        sa.Index(
            "wait_open_once",
            "run",
            "step",
            "iteration",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )
    id: str = Field(primary_key=True)
    workspace: str = Field(index=True)
    run: str = Field(foreign_key="run.id", index=True)
    step: str = ""
    iteration: int = 0
    kind: WaitKind = word_column(WaitKind)
    why: str
    #: one sentence a person understands
    owner: str
    #: who can end it: a role or a principal
    reference: str | None = None
    #: the approval's id, the effect's id, …
    since: datetime = time_column()
    deadline: datetime | None = time_column(default=None, nullable=True)
    closed_at: datetime | None = time_column(default=None, nullable=True)
    closed_how: str | None = None
    answer: Any = json_column(default=None, nullable=True)
