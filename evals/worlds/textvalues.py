"""Text that came by query or form, as the typed value its schema asks for."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from evals.worlds.schemas import Schema

Resolve = Callable[[Any], Any]


def typed(value: Any, schema: Schema, resolve: Resolve) -> Any:
    """The value in the schema's type; left as it came where it does not fit, for the validator to refuse."""
    schema = resolve(schema)
    wanted = schema.get("type")
    match value:
        case dict() if wanted == "array" and all(key.isdecimal() for key in value):
            items = [value[key] for key in sorted(value, key=int)]
            return [typed(item, schema.get("items", {}), resolve) for item in items]
        case dict():
            properties = schema.get("properties", {})
            return {key: typed(item, properties.get(key, {}), resolve) for key, item in value.items()}
        case list():
            return [typed(item, schema.get("items", {}), resolve) for item in value]
        case str():
            return _scalar(value, wanted if isinstance(wanted, list) else [wanted])
    return value


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Bracketed form keys as a tree: `items[0][amount]=5` is `{"items": {"0": {"amount": "5"}}}`; `tag[]` lists."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        first, _, rest = key.partition("[")
        path = [first, *re.findall(r"\[([^\]]*)\]", f"[{rest}" if rest else "")]
        _plant(tree, path, value)
    return tree


def _plant(tree: dict[str, Any], path: list[str], value: str) -> None:
    for depth, part in enumerate(path[:-1]):
        if path[depth + 1] == "":
            tree.setdefault(part, [])
            if isinstance(tree[part], list):
                tree[part].append(value)
            return
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        tree = inner
    tree[path[-1]] = value


def _scalar(text: str, wanted: list[str | None]) -> Any:
    if "integer" in wanted and re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    if "number" in wanted and re.fullmatch(r"-?\d{1,15}(\.\d+)?", text):
        return float(text)
    if "boolean" in wanted and text in ("true", "false"):
        return text == "true"
    return text
