"""Start one service: `python -m evals.worlds.serve NAME --port P --state DIR`."""

import argparse
import ctypes
import os
import signal
import sys
from pathlib import Path

import uvicorn

from evals.worlds.application import application, open_world
from evals.worlds.catalogue import build
from evals.worlds.connection import TellingProtocol
from evals.worlds.places import HOST, NAMES, RATE_LIMIT, TOKEN_LIFETIME_S, TOKEN_VARIABLE

_PR_SET_PDEATHSIG = 1  # prctl(2)


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    if options.die_with:
        _die_with(options.die_with)
    options.state.mkdir(parents=True, exist_ok=True)
    service = build(options.name, token_lifetime_s=options.token_lifetime)
    world = open_world(service, options.state, options.rate_limit)
    uvicorn.run(
        application(world, os.environ.get(TOKEN_VARIABLE, "")),
        host=HOST,
        port=options.port,
        http=TellingProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.worlds.serve", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="folder of the ledger; made when absent")
    parser.add_argument("--rate-limit", type=int, default=RATE_LIMIT, help="requests a second and caller")
    parser.add_argument("--token-lifetime", type=int, default=TOKEN_LIFETIME_S, help="seconds, identity only")
    parser.add_argument("--die-with", type=int, metavar="PID", help="end when this parent process ends (Linux)")
    return parser


def _die_with(parent: int) -> None:
    """Ask the kernel for SIGTERM when the parent's starting thread ends, and leave if it already has."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(f"the parent {parent} is gone")


if __name__ == "__main__":
    main()
