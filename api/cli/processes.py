"""`interlock serve`, `worker` and `migrate`: the processes of the service.

The services are imported inside the commands: they take a second to load, which no client command should cost.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from types import FrameType
from typing import Annotated

import typer

from api.cli import output
from api.settings import Settings


def register(root: typer.Typer) -> None:
    root.command("serve")(serve)
    root.command("worker")(worker)
    root.command("migrate")(migrate)


def serve(
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Only answer; other processes carry out runs.")
    ] = False,
) -> None:
    """Serve the API and the pages, and carry out runs, in one process."""
    _log()
    asyncio.run(_serve(Settings(), has_worker=not no_worker))


def worker() -> None:
    """Carry out runs, without an API; any number of these share the work on PostgreSQL."""
    _log()
    asyncio.run(_work(Settings()))


def migrate() -> None:
    """Bring the database to the schema of this version. Safe to run again, and from several machines at once."""
    from api import migrate as migration

    settings = Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    migration.upgrade(settings.database_url)
    output.console().print(output.plain(f"The database is at revision {migration.head()}."))


async def _serve(settings: Settings, *, has_worker: bool) -> None:
    import uvicorn

    from api.app import create_app
    from api.wiring import Interlock

    service = Interlock.build(settings)

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            # Event streams would otherwise keep the server from ending until its patience is over.
            service.stopping.set()
            super().handle_exit(sig, frame)

    server = Server(
        uvicorn.Config(
            create_app(service, worker=has_worker),
            host=settings.host,
            port=settings.port,
            # Started here and not by the application, so that what keeps it from starting is told in a sentence.
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    )
    try:
        await service.start(worker=has_worker)
        await server.serve()
    finally:
        await service.stop()


async def _work(settings: Settings) -> None:
    from api.wiring import Interlock

    service = Interlock.build(settings)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        await service.start(worker=True)
        logging.getLogger("interlock").info("worker %s takes legs", settings.worker)
        await ended.wait()
    finally:
        await service.stop()


def _log() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
