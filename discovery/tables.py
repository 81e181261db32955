"""The catalog's rows: immutable revisions of surfaces, their actions, and what an admin accepted of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from tools.tables import json_column, time_column


class SurfaceRow(SQLModel, table=True):
    """One revision of what a System's document says. Never changed after it was written."""

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
    defs: dict[str, Any] = json_column()
    quarantine: list[dict[str, Any]] = json_column()
    created_at: datetime = time_column()
    created_by: str


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
