"""The names of actions: stable, unique in their system, at most 64 characters after the system prefix."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from discovery.described import Operation
from discovery.words import snake

MAX_LENGTH = 64
SUFFIX_LENGTH = 8


def names(operations: Sequence[Operation]) -> list[str]:
    """One name for each operation, in their order.

    All that would share a name get a suffix made from their place in the document: a newcomer may so rename its rival,
    which is seen, but never takes over its name, which would not be.
    """
    wished = [_wish(operation) for operation in operations]
    count = Counter(wished)
    return [
        name if count[name] == 1 and len(name) <= MAX_LENGTH else _suffixed(name, operation)
        for name, operation in zip(wished, operations, strict=True)
    ]


def _wish(operation: Operation) -> str:
    name = snake(operation.operation_id) or snake(f"{operation.method} {operation.path}")
    return name if name[:1].isalpha() else f"{operation.method.lower()}_{name}"


def _suffixed(name: str, operation: Operation) -> str:
    mark = hashlib.sha256(operation.pointer.encode()).hexdigest()[:SUFFIX_LENGTH]
    return f"{name[: MAX_LENGTH - SUFFIX_LENGTH - 1].rstrip('_')}_{mark}"
