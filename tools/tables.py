"""The rows that the guard stands on: systems, connections, principals, effects, approvals, decisions, policies."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from tools.db import UtcTime


def json_column(**options: Any) -> Any:
    """A JSON column; on PostgreSQL `json`, which keeps the bytes' order and number forms, unlike `jsonb`."""
    return Field(sa_type=sa.JSON, **options)


def time_column(**options: Any) -> Any:
    return Field(sa_type=UtcTime, **options)


def word_column(kind: type[StrEnum], **options: Any) -> Any:
    """A word of a fixed list, stored as text: new words need no migration, and readers of the table see the word."""
    words = sa.Enum(kind, native_enum=False, create_constraint=False, length=32, values_callable=list)
    return Field(sa_type=words, **options)


class Role(StrEnum):
    SUBMITTER = "submitter"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Principal(SQLModel, table=True):
    """Somebody with an API key. The key itself is never stored: a prefix to find it by and its sha256."""

    __tablename__ = "principal"
    # Records are signed with the name.
    __table_args__ = (sa.UniqueConstraint("workspace", "name", name="principal_name"),)
    id: str = Field(primary_key=True)
    workspace: str = Field(index=True)
    name: str
    roles: list[str] = json_column()
    key_prefix: str = Field(unique=True)
    key_sha256: str
    created_at: datetime = time_column()
    expires_at: datetime | None = time_column(default=None, nullable=True)
    last_used_at: datetime | None = time_column(default=None, nullable=True)


class System(SQLModel, table=True):
    __tablename__ = "system"
    __table_args__ = (sa.UniqueConstraint("workspace", "slug", name="system_slug"),)
    id: str = Field(primary_key=True)
    workspace: str
    slug: str
    title: str
    base_url: str
    allow_private: bool = False
    #: loopback and private addresses are permitted for this System
    owner: str
    created_at: datetime = time_column()


class Connection(SQLModel, table=True):
    """One account's access to a System."""

    __tablename__ = "connection"
    __table_args__ = (sa.UniqueConstraint("workspace", "system", "name", name="connection_name"),)
    id: str = Field(primary_key=True)
    workspace: str
    system: str
    #: slug of the System
    name: str
    auth_kind: str
    public: dict[str, Any] = json_column()
    #: what may be shown of the credential: header name, user name, token URL
    sealed: str | None = None
    #: the vault's envelope; None until a secret is given
    scopes: list[str] | None = json_column(default=None, nullable=True)
    #: granted scopes; None when this kind of credential has none
    is_enabled: bool = True
    #: the kill switch
    version: int = 1
    created_at: datetime = time_column()


class EffectState(StrEnum):
    INTENDED = "intended"
    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"
    IN_DOUBT = "in_doubt"
    PARKED = "parked"


class Effect(SQLModel, table=True):
    """The ledger row of a call that may change the world. One per effect id, ever."""

    __tablename__ = "effect"
    id: str = Field(primary_key=True)
    #: hash of run, step path and iteration: the unique index that makes it once
    workspace: str = Field(index=True)
    run: str = Field(index=True)
    step: str
    iteration: int
    action: str
    connection: str
    surface: int
    digest: str
    #: sha256 of the canonical request; another request under the same id is refused
    request: dict[str, Any] = json_column()
    #: the canonical request without credentials; recovery sends this or nothing
    arguments: dict[str, Any] = json_column()
    arguments_digest: str = Field(index=True)
    #: of action and canonical arguments: the same thing asked for twice in a run asks first
    key: str
    #: the idempotency key sent with it, where the action has one
    state: EffectState = word_column(EffectState)
    attempt: int = 0
    worker: str | None = None
    fence: int = 0
    status: int | None = None
    result: Any = json_column(default=None, nullable=True)
    problem: str | None = None
    how: str | None = None
    #: how the outcome is known: answer, key, natural_key, probe, person
    created_at: datetime = time_column()
    sent_at: datetime | None = time_column(default=None, nullable=True)
    settled_at: datetime | None = time_column(default=None, nullable=True)


class Attempt(SQLModel, table=True):
    """One try at an effect: what happened, and what that decided."""

    __tablename__ = "attempt"
    __table_args__ = (sa.UniqueConstraint("effect", "number", name="attempt_number"),)
    id: int | None = Field(default=None, primary_key=True)
    effect: str = Field(foreign_key="effect.id", index=True)
    number: int
    worker: str
    began_at: datetime = time_column()
    ended_at: datetime | None = time_column(default=None, nullable=True)
    outcome: str | None = None
    #: done, refused, not_sent, in_doubt
    cause: str | None = None
    delay_s: float | None = None
    #: seconds that will be waited before the next attempt


class ApprovalState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    USED = "used"
    SUPERSEDED = "superseded"


class Approval(SQLModel, table=True):
    """A question to a person about one exact rendered request, and the answer."""

    __tablename__ = "approval"
    __table_args__ = (
        # Two legs that ask the same thing at once make one question.
        sa.Index(
            "approval_open_once",
            "run",
            "step",
            "iteration",
            "digest",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )
    id: str = Field(primary_key=True)
    workspace: str = Field(index=True)
    run: str = Field(index=True)
    step: str
    iteration: int
    action: str
    connection: str
    digest: str
    #: over everything below `bound`
    bound: dict[str, Any] = json_column()
    #: request, labels, run, step, policy, surface revision, connection: what the person sees is drawn from this
    arguments: dict[str, Any] = json_column()
    labels: dict[str, Any] = json_column()
    rule: str
    why: str
    role: str
    count: int
    not_requester: bool
    requester: str
    state: ApprovalState = word_column(ApprovalState)
    version: int = 1
    #: compare-and-set: a decision names the version it saw
    decisions: list[dict[str, Any]] = json_column()
    #: actor, choice, reason, at
    edited_arguments: dict[str, Any] | None = json_column(default=None, nullable=True)
    opened_at: datetime = time_column()
    expires_at: datetime = time_column()
    closed_at: datetime | None = time_column(default=None, nullable=True)


class Decision(SQLModel, table=True):
    """One record of the hash-chained audit log. A chain is a run's id, or `registry` for what admins change."""

    __tablename__ = "decision"
    __table_args__ = (sa.UniqueConstraint("workspace", "chain", "seq", name="decision_seq"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace: str
    chain: str
    seq: int
    #: starts at 1, no gaps
    at: datetime = time_column()
    kind: str
    actor: str
    body: dict[str, Any] = json_column()
    prev: str
    hash: str


class Policy(SQLModel, table=True):
    """A version of the workspace's rules; the highest active one judges."""

    __tablename__ = "policy"
    __table_args__ = (sa.UniqueConstraint("workspace", "version", name="policy_version"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace: str
    version: int
    source: str
    #: the YAML text
    digest: str
    is_active: bool = False
    created_by: str
    created_at: datetime = time_column()
