"""The rows that only the faces need: who is signed in to the web pages."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from tools.tables import time_column


class WebSession(SQLModel, table=True):
    """A browser that has shown an API key. Its cookie's token is never stored, only the sha256 of it."""

    __tablename__ = "web_session"
    token_sha256: str = Field(primary_key=True)
    principal: str = Field(foreign_key="principal.id", index=True)
    created_at: datetime = time_column()
    expires_at: datetime = time_column()
