"""What a service is made of, and what its handlers receive and reply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from evals.worlds.access import Caller, Gate
from evals.worlds.document import Operation
from evals.worlds.records import Record, Tables, Transaction
from evals.worlds.refusal import Refused, not_found


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int = 200
    body: Any = None  #: None sends no body
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One admitted and checked request. What is put into `tx` is committed when the handler returns a reply."""

    operation: Operation
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: dict[str, Any]
    headers: Mapping[str, str]
    caller: Caller
    tx: Transaction
    now: datetime
    url: str  #: the full URL without its query

    @property
    def at(self) -> str:
        """Now, as services write times: RFC 3339 in UTC with whole seconds."""
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def need(self, table: str, record_id: str, noun: str) -> Record:
        """The record, or a 404 that names it."""
        record = self.tx.get(table, record_id)
        if record is None:
            raise not_found(noun, record_id)
        return record


Handler = Callable[[Received], Reply]
#: Dresses a refusal in the service's error shape; the operation is None where no route matched.
ErrorStyle = Callable[[Refused, Operation | None], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    name: str
    handlers: Mapping[str, Handler]  #: operationId -> handler; exactly the documented operations
    seed: Callable[[], Tables]
    gate: Gate
    error_style: ErrorStyle
    honours_idempotency_key: bool = False
    refuses_unknown_query: bool = False
