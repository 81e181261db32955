"""Every setting of the service, typed, read once from `INTERLOCK_*` variables."""

from __future__ import annotations

import os
import secrets
import socket
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from discovery.document import Caps

DEFAULT_WORKSPACE = "default"


def _sqlite_file(data: dict[str, Any]) -> str:
    # Without a data folder its own error is the one to show.
    return f"sqlite:///{data.get('data_dir', Path())}/interlock.sqlite"


def _worker_name() -> str:
    # Random too: the same process id may come again on another machine, or on this one after a restart.
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="INTERLOCK_", env_nested_delimiter="__", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    data_dir: Path = Path(".interlock")
    #: keys and, by default, the database; made with mode 0700
    database_url: str = Field(default_factory=_sqlite_file)
    #: `sqlite:///path` for one worker, `postgresql://…` for many
    host: str = "127.0.0.1"
    port: int = Field(default=8321, ge=0, le=65535)
    vault_key: SecretStr | None = None
    #: base64 keys, the current one first; stands before the key file
    vault_key_file: Path = Field(default_factory=lambda data: data.get("data_dir", Path()) / "vault.key")
    application_version: str = Field(default_factory=lambda: version("interlock"))
    #: legs queued by one version are not taken by another
    worker: str = Field(default_factory=_worker_name)
    #: unique to this process
    concurrency: int = Field(default=20, ge=1, le=500)
    #: legs at once in this worker
    lease_s: float = Field(default=10.0, gt=0)
    #: a worker that was not heard of for so long counts as dead
    poll_s: float = Field(default=0.2, gt=0)
    #: how often the queue is looked at
    request_timeout_s: float = Field(default=30.0, gt=0)
    #: the longest that a request to a system may take
    model_base_url: str | None = None
    #: of an OpenAI-compatible endpoint; without it the embedded planner plans
    model_api_key: SecretStr | None = None
    model: str = ""
    document: Caps = Caps()
    #: what reading one API document may cost: `INTERLOCK_DOCUMENT__CPU_S`, `…__MEMORY_BYTES`, and so on
    workspace: str = DEFAULT_WORKSPACE
    #: where the first key belongs to

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @property
    def url(self) -> str:
        """Where the service answers, seen from this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{host}:{self.port}"

    @property
    def admin_key_file(self) -> Path:
        """The key that the first start makes, for the person at this machine."""
        return self.data_dir / "admin.key"
