"""Access into containers: the part under a key or an index, or an error that names the path and what there is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from tools import errors
from tools.expressions import arithmetic, syntax
from tools.labels import Labelled

SHOWN_KEYS = 20


def child(base: Labelled, key: str | int, node: ast.Attribute | ast.Subscript) -> Labelled:
    """The part of `base` under `key`, with that part's own label."""
    inner = base.value
    if isinstance(inner, Mapping) and isinstance(key, str):
        if key in inner:
            return inner[key]
        raise errors.ExpressionFailed(
            f"{_where(node.value)} has no `{_key(node)}`; there are: {listed(inner)}",
            path=_where(node),
            keys=sorted(inner)[:SHOWN_KEYS],
        )
    if isinstance(inner, tuple) and isinstance(key, int):
        if -len(inner) <= key < len(inner):
            return inner[key]
        raise errors.ExpressionFailed(f"{_where(node.value)} has only {len(inner)} elements", path=_where(node))
    wanted = "keys" if isinstance(key, str) else "numbered elements"
    raise errors.ExpressionFailed(
        f"{_where(node.value)} is {arithmetic.kind(inner)}, which has no {wanted}", path=_where(node)
    )


def _where(node: ast.AST) -> str:
    """The path as the source writes it. A computed part is left out, for its value may be private."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{_where(node.value)}.{node.attr}"
        case ast.Subscript():
            return f"{_where(node.value)}[{_key(node)}]"
        case _:
            return "(…)"


def _key(node: ast.Attribute | ast.Subscript) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    key = syntax.literal_index(node.slice)
    return "…" if key is None else str(key)


def listed(keys: Iterable[str]) -> str:
    """The first of the keys, for a message that helps to choose the right one."""
    shown = sorted(keys)
    more = f" and {len(shown) - SHOWN_KEYS} more" if len(shown) > SHOWN_KEYS else ""
    return (", ".join(key[:40] for key in shown[:SHOWN_KEYS]) or "none") + more
