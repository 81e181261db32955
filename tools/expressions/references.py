"""Which names and paths an expression reads, so that a plan can be reviewed before anything runs."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping

from tools.expressions import syntax

_Bound = Mapping[str, str | None]
#: a comprehension's own name -> the path of the elements it stands for; None when that is computed


def paths(tree: ast.expr) -> frozenset[str]:
    """The paths a checked syntax tree reads, written as result fields are: `deal.company_id`, `found.data[].id`.

    A comprehension's own name is replaced by what it goes over. A computed index ends the path before it.
    """
    return frozenset(_reads(tree, {}))


def roots(read: frozenset[str]) -> frozenset[str]:
    """The names that paths begin with: the steps and inputs an expression needs."""
    return frozenset(re.split(r"[.\[]", path, maxsplit=1)[0] for path in read)


def _reads(node: ast.AST, bound: _Bound) -> Iterator[str]:
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        yield from _accesses(node, bound)
    elif isinstance(node, ast.Call):
        for argument in node.args:
            yield from _reads(argument, bound)
    elif loop := syntax.comprehension(node):
        yield from _loops(loop, bound)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _reads(child, bound)


def _accesses(node: ast.Name | ast.Attribute | ast.Subscript, bound: _Bound) -> Iterator[str]:
    path = _path(node, bound)
    if path:
        yield path
    elif not isinstance(node, ast.Name):
        yield from _reads(node.value, bound)
        if isinstance(node, ast.Subscript):
            yield from _reads(node.slice, bound)


def _loops(loop: ast.ListComp, bound: _Bound) -> Iterator[str]:
    generator = loop.generators[0]
    yield from _reads(generator.iter, bound)
    source = _path(generator.iter, bound)
    inner = {**bound, syntax.target(loop): f"{source}[]" if source else None}
    for node in (loop.elt, *generator.ifs):
        yield from _reads(node, inner)


def _path(node: ast.AST, bound: _Bound) -> str | None:
    if isinstance(node, ast.Name):
        return bound.get(node.id, None if node.id in syntax.CONSTANT_NAMES else node.id)
    if not isinstance(node, ast.Attribute | ast.Subscript):
        return None
    base = _path(node.value, bound)
    if base is None:
        return None
    if isinstance(node, ast.Attribute):
        return f"{base}.{node.attr}"
    key = syntax.literal_index(node.slice)
    if isinstance(key, str):
        return f"{base}.{key}" if key.isidentifier() else f"{base}[{json.dumps(key)}]"
    return None if key is None else f"{base}[]"
