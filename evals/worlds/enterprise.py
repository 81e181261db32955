"""The demo enterprise as one object: starts the services as child processes, finds their state, stops them again.

All methods are synchronous and short, so they may be called from async code too.
"""

import secrets
import socket
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from evals.worlds.child import Child
from evals.worlds.places import HOST, NAMES, RATE_LIMIT, TOKEN_LIFETIME_S
from evals.worlds.system import System

#: Seconds within which every service must answer after its start.
READY_WITHIN_S = 20.0


class Enterprise:
    """Up to six services, keyed by name: `enterprise["crm"].base_url`. They end with this object: keep it."""

    def __init__(
        self, systems: Mapping[str, System], children: Mapping[str, Child], keeper: ThreadPoolExecutor
    ) -> None:
        self.systems = systems
        self._children = children
        self._keeper = keeper

    @classmethod
    def start(
        cls,
        state_dir: Path | str,
        names: Iterable[str] = NAMES,
        ports: Mapping[str, int] | None = None,
        *,
        rate_limit: int = RATE_LIMIT,
        token_lifetime_s: int = TOKEN_LIFETIME_S,
    ) -> Self:
        """Start the services in parallel and wait until all answer.

        Free loopback ports are chosen where `ports` names none. The state of an earlier start in the same folder
        lives on. Raises `ChildFailed`, with the last lines of its log, when a service ends or stays silent.
        """
        folder = Path(state_dir).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        wanted = tuple(names)
        chosen = {**_free_ports(wanted), **(ports or {})}
        token = secrets.token_urlsafe(24)
        options = {"--rate-limit": str(rate_limit), "--token-lifetime": str(token_lifetime_s)}
        children = {
            name: Child(name=name, port=chosen[name], folder=folder, token=token, options=options) for name in wanted
        }
        systems = {name: System.at(name, f"http://{HOST}:{chosen[name]}", token) for name in wanted}
        # A child ends with the THREAD that started it (prctl(2), PR_SET_PDEATHSIG), so one thread of ours starts
        # them all and lives as long as the enterprise, whichever short-lived thread the caller is in.
        enterprise = cls(systems, children, ThreadPoolExecutor(1, thread_name_prefix="enterprise"))
        try:
            enterprise._launch(wanted)
        except BaseException:
            enterprise.stop()
            raise
        return enterprise

    def __getitem__(self, name: str) -> System:
        return self.systems[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start_one(self, name: str) -> System:
        """Start a stopped service again on its port, with the state it had."""
        self._launch([name])
        return self.systems[name]

    def stop(self, name: str | None = None) -> None:
        """End one service, or all of them and the enterprise; only children of this object are touched."""
        if name is not None:
            self._children[name].end()
            return
        for child in self._children.values():
            child.ask_to_end()
        for child in self._children.values():
            child.end()
        self._keeper.shutdown()

    def _launch(self, names: Iterable[str]) -> None:
        children = [self._children[name] for name in names]
        deadline = time.monotonic() + READY_WITHIN_S
        for child in children:
            self._keeper.submit(child.start).result()
        for child in children:
            child.wait_until_ready(self.systems[child.name].document_url, deadline)


def _free_ports(names: Iterable[str]) -> dict[str, int]:
    """Ports that were free a moment ago, all different because all are held until the last is found."""
    held = {name: socket.socket() for name in names}
    try:
        for one in held.values():
            one.bind((HOST, 0))
        return {name: one.getsockname()[1] for name, one in held.items()}
    finally:
        for one in held.values():
            one.close()
