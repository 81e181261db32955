"""Replies remembered under the caller's Idempotency-Key, for the service that honours it."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from evals.worlds.refusal import Refused
from evals.worlds.service import Reply

HEADER = "idempotency-key"


class Memory:
    """Only requests that changed state are remembered; they come back from the ledger after a restart."""

    def __init__(self) -> None:
        self._replies: dict[tuple[str, str], tuple[str, Reply]] = {}

    def recall(self, caller: str, key: str, digest: str) -> Reply | None:
        """The earlier reply, marked as replayed; raises `Refused` when the key came with another request."""
        known = self._replies.get((caller, key))
        if known is None:
            return None
        if known[0] != digest:
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were first used with."
            )
            raise Refused(400, "idempotency_key_in_use", message)
        return replace(known[1], headers={**known[1].headers, "Idempotent-Replayed": "true"})

    def remember(self, caller: str, key: str, digest: str, reply: Reply) -> None:
        self._replies[(caller, key)] = (digest, reply)

    def restore(self, entries: Iterable[dict[str, Any]]) -> None:
        for entry in entries:
            if "reply" in entry:
                reply = Reply(status=entry["reply"]["status"], body=entry["reply"]["body"])
                self.remember(entry["caller"], entry["idempotency_key"], entry["request_digest"], reply)


def request_digest(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(b"\0".join([method.encode(), path.encode(), body])).hexdigest()
