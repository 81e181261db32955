"""A8: schemas that make checking a value slow, each with the value that does it."""

from __future__ import annotations

from typing import Any

from evals.suites.discovery.attacks.attack import KEPT_OUT, REJECTED, SENT, SKIPPED, Attack, with_body

CHECKED = KEPT_OUT | {REJECTED, SKIPPED}
#: of values that do not fit; one that does may also be sent


def _one(
    name: str, schema: Any, value: Any, safe: frozenset[str] = CHECKED, *, is_quick: bool = True, **shared: Any
) -> Attack:
    return Attack(
        name=name,
        rule="A8",
        document=lambda: with_body({"type": "object", "properties": {"a": schema}}, **shared),
        arguments={"a": value},
        safe=safe,
        is_quick=is_quick,
    )


def _pattern(pattern: str, value: str, safe: frozenset[str] = CHECKED) -> Attack:
    return _one(f"pattern {pattern[:40]}", {"type": "string", "pattern": pattern}, value, safe)


def _tree() -> dict[str, Any]:
    """Two alternatives a level, each with the same tree below it: a value that fits neither is tried 2**depth times."""
    both = [
        {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/T"}, kind: {"enum": [1]}}}
        for kind in ("x", "y")
    ]
    return {"oneOf": [*both, {"type": "string"}]}


def _nested(depth: int, last: Any) -> Any:
    value = last
    for _ in range(depth):
        value = {"a": value, "x": 1, "y": 1}
    return value


ATTACKS = (
    _pattern("^(a+)+$", "a" * 5_000 + "!"),
    _pattern("^(a|aa)+$", "a" * 5_000 + "!"),
    _pattern("^(.*a){20}$", "a" * 5_000 + "!"),
    _pattern("^([a-zA-Z0-9])(([-.]|[_]+)?([a-zA-Z0-9]+))*@x$", "a" * 5_000 + "!"),
    _pattern("(x+x+)+y", "x" * 100_000),
    _pattern("^(?=(a+)+$)b", "a" * 5_000 + "!"),
    _pattern(r"^(a*)*\1b$", "a" * 5_000 + "!"),
    _pattern("^(?<!a+)b$", "a" * 5_000),
    _pattern("((a{1,1000}){1,1000}){1,1000}b", "a" * 5_000),
    _pattern(r"^(\p{L}+\s?)+$", "é " * 5_000 + "!"),
    _pattern("[", "a", CHECKED | {SENT}),
    _pattern("(" * 5_000 + "a" + ")" * 5_000, "b"),
    _pattern("|".join(f"{n}x*" for n in range(5_000)), "b" * 1_000),
    _one("patternProperties (a+)+$", {"type": "object", "patternProperties": {"^(a+)+$": {"type": "integer"}},
         "additionalProperties": False}, {"a" * 5_000 + "!": 1}),
    _one("patternProperties with a look-ahead", {"type": "object", "patternProperties": {
         "^(?=(a+)+$)": {"type": "integer"}}, "additionalProperties": False}, {"a" * 5_000 + "!": 1}),
    _one("minLength 10**18", {"type": "string", "minLength": 10**18}, "a"),
    _one("maxItems 10**18, minItems 10**18", {"type": "array", "minItems": 10**18, "maxItems": 10**18}, [1]),
    _one("minLength 10**400", {"type": "string", "minLength": 10**400}, "a", CHECKED | {SENT}),
    _one("multipleOf 1e-308", {"type": "number", "multipleOf": 1e-308}, 1e308, CHECKED | {SENT}),
    _one("multipleOf 0", {"type": "number", "multipleOf": 0}, 7, CHECKED | {SENT}),
    _one("enum of 100,000 words", {"type": "string", "enum": [f"w{n}" for n in range(100_000)]}, "none"),
    _one("enum of 10,000 objects", {"enum": [{"n": n, "a": [n] * 5} for n in range(10_000)]}, {"n": -1}),
    _one("unique items, 5,000 objects", {"type": "array", "uniqueItems": True},
         [{"n": n} for n in range(5_000)] + [{"n": 0}]),
    _one("contains over 100,000 items", {"type": "array", "contains": {"const": -1}}, list(range(100_000))),
    _one("oneOf of 2,000 objects", {"oneOf": [
        {"type": "object", "properties": {f"p{n}": {"type": "string"}}, "required": [f"p{n}"]} for n in range(2_000)]},
        {"p": 1}),
    _one("recursive oneOf, 20 levels", {"$ref": "#/components/schemas/T"}, _nested(20, 7), is_quick=False, T=_tree()),
    _one("recursive anyOf, 60 levels", {"$ref": "#/components/schemas/T"}, _nested(60, 7), is_quick=False, T={"anyOf": [
        {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/T"}}} for _ in range(2)]}),
    _one("format checks of a long text", {"type": "string", "format": "email"}, "a" * 100_000 + "@" + "b." * 50_000),
    _one("format regex of a long text", {"type": "string", "format": "regex"}, "(" * 20_000),
    _one("format uri of a long text", {"type": "string", "format": "uri"}, "http://[" + ":" * 100_000),
)  # fmt: skip
