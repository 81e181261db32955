"""What a start does: one worker on SQLite, tables for producers, and a first key that only its owner can read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from agent.planners.embedded import EmbeddedPlanner
from agent.planners.model import ModelPlanner
from api import auth
from api.settings import Settings
from api.wiring import Interlock
from tools import errors
from tools.guard import audit
from tools.guard.scope import Grant
from tools.tables import Role


def settings(folder: Path, url: str, **more: object) -> Settings:
    return Settings(data_dir=folder, database_url=url, **more)  # type: ignore[arg-type]  # checked by pydantic


async def test_the_first_start_makes_one_admin_and_later_ones_none(tmp_path: Path, database_url: str) -> None:
    keys = []
    for _ in range(2):
        interlock = Interlock.build(settings(tmp_path, database_url))
        await interlock.start(worker=False)
        path = interlock.settings.admin_key_file
        assert 0o600 == stat.S_IMODE(path.stat().st_mode)
        keys.append(path.read_text("ascii").strip())
        async with interlock.database.read() as session:
            principal = await auth.by_key(session, keys[-1])
            records = await audit.records(session, "default", audit.REGISTRY)
        assert ("admin", ["admin"]) == (principal.name, principal.roles)
        assert ["principal.created"] == [record.kind for record in records]
        await interlock.stop()
    assert keys[0] == keys[1]


async def test_a_goal_can_be_queued_before_any_worker_ever_started(tmp_path: Path, database_url: str) -> None:
    interlock = Interlock.build(settings(tmp_path, database_url))
    await interlock.start(worker=False)
    run = await interlock.desk.submit(text="Do it", grant=Grant(workspace="default", requester="sam"))
    assert "accepted" == run.state
    await interlock.stop()


async def test_a_second_worker_on_sqlite_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/interlock.sqlite"
    first, second = (Interlock.build(settings(tmp_path, url)) for _ in range(2))
    await first.start(worker=True)
    try:
        with pytest.raises(errors.Conflict, match=f"another worker uses this SQLite database.*{os.getpid()}") as caught:
            await second.start(worker=True)
        assert "INTERLOCK_DATABASE_URL=postgresql://" in caught.value.data["mend"]
        await second.start(worker=False)  # a process that only serves may share it
    finally:
        await second.stop()
        await first.stop()
    third = Interlock.build(settings(tmp_path, url))
    await third.start(worker=True)
    assert third.worker.is_alive
    await third.stop()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from api.lock import FileLock; "
        "FileLock(Path(sys.argv[1])).acquire(wait=False); print('held', flush=True); time.sleep(60)"
    )
    path = tmp_path / "worker.lock"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert "held\n" == holder.stdout.readline()
        taken = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
        assert f"held by process {holder.pid}" in taken.stderr
        holder.kill()
        holder.wait()
    code_once = code.replace("time.sleep(60)", "")
    assert (
        "held\n" == subprocess.run([sys.executable, "-c", code_once, str(path)], capture_output=True, text=True).stdout
    )


async def test_principals_have_names_that_records_can_be_signed_with(tmp_path: Path, database_url: str) -> None:
    interlock = Interlock.build(settings(tmp_path, database_url))
    await interlock.start(worker=False)
    for name in ("guard", "Agent", "", "two words", "line\nbreak", "x" * 65, "planner"):
        with pytest.raises(errors.Invalid):
            async with interlock.database.write("test") as session:
                await auth.create_principal(session, interlock.ids, name, [Role.ADMIN], "default")
    async with interlock.database.write("test") as session:
        principal, key = await auth.create_principal(session, interlock.ids, "eve", [Role.AUDITOR], "other")
    assert key not in principal.model_dump_json()
    assert key.startswith(("ilk_", principal.key_prefix))
    for wrong in ("", "ilk_", key[:-1], key + "x", principal.key_prefix, key.upper(), "ï" * 40):
        with pytest.raises(errors.Unauthenticated):
            async with interlock.database.read() as session:
                await auth.by_key(session, wrong)
    await interlock.stop()


def test_a_model_plans_only_when_one_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/interlock.sqlite"
    assert isinstance(Interlock.build(settings(tmp_path, url)).planner, EmbeddedPlanner)
    with pytest.raises(errors.Invalid, match="INTERLOCK_MODEL"):
        Interlock.build(settings(tmp_path, url, model_base_url="http://127.0.0.1:9/v1"))
    chosen = settings(tmp_path, url, model_base_url="http://127.0.0.1:9/v1", model="some-model")
    assert isinstance(Interlock.build(chosen).planner, ModelPlanner)
