"""The catalog's rows: immutable revisions of surfaces, their actions, and what an admin accepted of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from tools.tables import json_column, time_column


class SurfaceRow(SQLModel, table=True):
    """One revision of what a System's document says. Never changed after it was written, but for `edits`."""

    __tablename__ = "surface"
    __table_args__ = (
        sa.UniqueConstraint("workspace", "system", "revision", name="surface_revision"),
        # The same bytes are the same revision.
        sa.UniqueConstraint("workspace", "system", "digest", name="surface_digest"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace: str
    system: str
    #: slug of the System
    revision: int
    #: starts at 1
    digest: str
    dialect: str
    title: str
    created_at: datetime = time_column()
    created_by: str
    edits: int = 0
    #: grows whenever an admin changes what is accepted of it, or an override
    quarantine: list[dict[str, Any]] = json_column()
    flaws: list[dict[str, Any]] = json_column(default_factory=list)
    defs: dict[str, Any] = json_column()
    #: Last, because SQLite passes over every megabyte of a column to reach the ones behind it.


class SurfaceActionRow(SQLModel, table=True):
    """One action of a revision. Only the acceptance changes, never the body."""

    __tablename__ = "surface_action"
    __table_args__ = (sa.UniqueConstraint("surface", "action_id", name="surface_action_once"),)
    id: int | None = Field(default=None, primary_key=True)
    surface: int = Field(foreign_key="surface.id", index=True)
    action_id: str = Field(index=True)
    body: dict[str, Any] = json_column()
    #: the Action as discovery proposed it
    accepted_at: datetime | None = time_column(default=None, nullable=True)
    accepted_by: str | None = None
    overrides: dict[str, Any] = json_column(default_factory=dict)
    #: the fields that an admin set, replacing what was proposed


class ExchangeRow(SQLModel, table=True):
    """An exchange that was seen, redacted: what a surface is inferred from when no document describes the System."""

    __tablename__ = "exchange"
    __table_args__ = (
        # A file that is given twice counts once.
        sa.UniqueConstraint("workspace", "system", "digest", name="exchange_once"),
        sa.Index("exchange_newest", "workspace", "system", "form", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace: str
    system: str
    digest: str
    form: str
    #: method, status, and path with its ids left out: each form has its own bound
    at: datetime = time_column()
    body: dict[str, Any] = json_column()
    #: the Exchange


class ObservationRow(SQLModel, table=True):
    """One difference between what a document says and what a System does, and how often it was seen."""

    __tablename__ = "observation"
    __table_args__ = (
        sa.UniqueConstraint("workspace", "system", "digest", name="observation_once"),
        sa.Index("observation_newest", "workspace", "system", "last_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace: str
    system: str
    connection: str
    #: id; "" when a file showed it
    digest: str
    #: of connection, action, pointer, kind and value
    action: str
    #: id; "" for an operation that no document names
    pointer: str
    #: `200/items/*/status`: the status, then a JSON pointer into the body
    kind: str
    value: Any = json_column(default=None, nullable=True)
    #: what was seen, redacted: the word, the type, the limit
    count: int
    first_at: datetime = time_column()
    last_at: datetime = time_column()
