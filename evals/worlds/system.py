"""One running service as a client and an evaluation see it."""

import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from evals.worlds.credentials import Credential, credential
from evals.worlds.places import PLACES, TOKEN_HEADER

DOCUMENTS = Path(__file__).resolve().parent / "documents"
TIMEOUT_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    name: str
    origin: str
    """Scheme, host and port."""
    base_url: str
    """What stands before the path templates of the document."""
    document_url: str
    document_path: Path
    credential: Credential
    _token: str

    @classmethod
    def at(cls, name: str, origin: str, token: str) -> Self:
        place = PLACES[name]
        return cls(
            name=name,
            origin=origin,
            base_url=origin + place.prefix,
            document_url=origin + place.route,
            document_path=DOCUMENTS / place.document,
            credential=credential(name, origin),
            _token=token,
        )

    def state(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Table -> id -> record."""
        state: dict[str, dict[str, dict[str, Any]]] = self._ask("GET", "/_world/state")
        return state

    def ledger(self) -> list[dict[str, Any]]:
        """Every request that changed state, oldest first."""
        entries: list[dict[str, Any]] = self._ask("GET", "/_world/ledger")
        return entries

    def arm_fault(self, operation: str, point: str, action: str, **settings: Any) -> None:
        """Let the next requests of an operation go wrong; see `evals.worlds.faults.Fault` for the settings."""
        self._ask("POST", "/_world/faults", {"operation": operation, "point": point, "action": action, **settings})

    def clear_faults(self) -> None:
        self._ask("DELETE", "/_world/faults")

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {TOKEN_HEADER: self._token, "Content-Type": "application/json"}
        request = urllib.request.Request(self.origin + path, data, headers, method=method)  # noqa: S310 loopback
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:  # noqa: S310 loopback
            return json.load(reply)
