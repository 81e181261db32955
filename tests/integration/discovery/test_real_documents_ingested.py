"""Documents that nobody wrote for us: every operation is accounted for, named well, and no write is called a read."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from discovery import lower, surface
from tools.action import Surface

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs"
NAMES = ("github_api.json", "stripe.json", "xero_accounting.yaml")
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
ASKS = re.compile(r"search|query|lookup|preview|validate|calculate|estimate|count|list|get|render", re.IGNORECASE)


@cache
def source(name: str) -> bytes:
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"{path} is absent: this test reads real documents that are not part of the project")
    return path.read_bytes()


@cache
def built(name: str) -> Surface:
    return surface.build("real", source(name))


def operations(name: str) -> set[tuple[str, str]]:
    """Counted by other means: the standard library's JSON and PyYAML's own loader."""
    text = source(name)
    root: dict[str, Any] = json.loads(text) if name.endswith("json") else yaml.load(text, yaml.CBaseLoader)
    return {(method.upper(), path) for path, item in root["paths"].items() for method in item if method in METHODS}


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_is_an_action_or_in_quarantine(name: str) -> None:
    found = built(name)
    told = [(one.method, one.path) for one in found.actions] + [(one.method, one.path) for one in found.quarantine]
    assert len(told) == len(set(told))
    assert operations(name) == set(told)
    assert len(found.quarantine) <= 0.005 * len(told)


@pytest.mark.parametrize("name", NAMES)
def test_names_are_unique_short_and_plain(name: str) -> None:
    names = [action.operation for action in built(name).actions]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,63}", one) for one in names)


@pytest.mark.parametrize("name", NAMES)
def test_no_write_is_called_a_read(name: str) -> None:
    called = {
        f"{action.method} {action.path}": f"{action.path.rpartition('/')[2]} {action.operation}"
        for action in built(name).actions
        if action.action_class == "read" and action.method not in ("GET", "HEAD", "OPTIONS")
    }
    assert all(one.startswith("POST ") and ASKS.search(asked) for one, asked in called.items()), called


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_of_every_action_stays_inside_the_surface(name: str) -> None:
    found = built(name)
    schemas = {f"{action.id}": action.args_schema() for action in found.actions}
    references = set(re.findall(r'"\$ref": "([^"]*)"', json.dumps([schemas, found.defs])))
    assert all(one.startswith("#/$defs/") for one in references)
    assert {one.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~") for one in references} <= set(found.defs)


@pytest.mark.parametrize("name", NAMES)
def test_the_shared_schemas_are_json_schema_2020_12(name: str) -> None:
    for schema in built(name).defs.values():
        jsonschema_rs.meta.validate(schema | {"$schema": "https://json-schema.org/draft/2020-12/schema"})


@pytest.mark.parametrize("name", NAMES)
def test_every_action_has_a_small_signature(name: str) -> None:
    found = built(name)
    signatures = [lower.signature(action, found.defs) for action in found.actions]
    assert all(len(one.result) <= lower.MAX_FIELDS for one in signatures)
    assert all("$ref" not in json.dumps(lower.to_tool_schema(one)) for one in signatures)
    median = sorted(lower.tokens(one) for one in signatures)[len(signatures) // 2]
    assert median <= 1500
