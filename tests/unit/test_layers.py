"""The house rules of ARCHITECTURE.md, held against the source itself: who may import whom, and who may reach what."""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Lowest first: each may import itself and what stands before it.
LAYERS = ("tools", "discovery", "agent", "api")
PACKAGES = (*LAYERS, "evals")

HTTP_CLIENTS = {"aiohttp", "httpcore", "httpcore2", "http.client", "httpx", "httpx2", "requests", "urllib.request"}
HTTP_CLIENTS |= {"urllib3"}
#: The one door to the world, the planner's own endpoint, and the command line, which talks to nothing but our API.
MAY_SPEAK_HTTP = {"tools.egress", "tools.transport", "tools.network", "tools.oauth", "agent.planners", "api.cli.client"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    name: str
    tree: ast.Module
    is_package: bool = False

    @property
    def package(self) -> str:
        return self.name if self.is_package else self.name.rpartition(".")[0]


def _modules() -> dict[str, Module]:
    found = {}
    for path in sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        found[name] = Module(name=name, tree=ast.parse(path.read_text("utf-8"), path), is_package=is_package)
    return found


MODULES = _modules()


def imported(module: Module) -> Iterator[str]:
    """Every dotted name that the module imports, wherever the statement stands: type-only and deferred ones too."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.package.split(".")[: len(module.package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def is_within(name: str, roots: set[str]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def users_of(roots: set[str], modules: Iterable[Module]) -> set[str]:
    return {module.name for module in modules if any(is_within(name, roots) for name in imported(module))}


def upward_imports(module: Module) -> list[str]:
    own = module.name.split(".")[0]
    allowed = set(LAYERS[: LAYERS.index(own) + 1]) if own in LAYERS else set(PACKAGES)
    return [name for name in imported(module) if name.split(".")[0] in {*PACKAGES, "tests"} - allowed]


def circle(modules: dict[str, Module]) -> list[str]:
    """The modules of one import circle in order, or none. `from package import module` counts as the module."""
    graph = {module.name: _targets(module, modules) - {module.name} for module in modules.values()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def _targets(module: Module, modules: dict[str, Module]) -> set[str]:
    names = (name if name in modules else name.rpartition(".")[0] for name in imported(module))
    return {name for name in names if name in modules}


def opened_vaults(module: Module) -> list[int]:
    """Lines on which a vault is opened: a call of `.open(...)` on something called a vault."""
    calls = (node.func for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    return [
        call.lineno
        for call in calls
        if isinstance(call, ast.Attribute) and call.attr == "open" and "vault" in ast.unparse(call.value).lower()
    ]


def revealed_secrets(module: Module) -> list[int]:
    nodes = ast.walk(module.tree)
    return [node.lineno for node in nodes if isinstance(node, ast.Attribute) and node.attr == "reveal"]


def _of(*packages: str) -> list[Module]:
    return [module for module in MODULES.values() if module.name.split(".")[0] in packages]


def test_imports_only_go_down() -> None:
    assert {} == {module.name: found for module in MODULES.values() if (found := upward_imports(module))}


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert [] == circle(MODULES)


def test_only_the_durable_module_knows_the_durable_engine() -> None:
    assert {"agent.durable"} == users_of({"dbos"}, MODULES.values())


def test_only_the_door_to_the_world_speaks_http() -> None:
    users = users_of(HTTP_CLIENTS, _of(*LAYERS))
    assert set() == {name for name in users if not is_within(name, MAY_SPEAK_HTTP)}


def test_only_planners_know_a_model_client() -> None:
    users = users_of({"openai"}, MODULES.values())
    assert set() == {name for name in users if not is_within(name, {"agent.planners"})}


def test_only_egress_opens_the_vault() -> None:
    assert {"tools.egress"} == {module.name for module in MODULES.values() if opened_vaults(module)}


def test_secrets_are_revealed_only_on_the_way_out() -> None:
    users = {module.name for module in MODULES.values() if revealed_secrets(module)}
    assert set() == users - {"tools.egress", "tools.credentials", "tools.vault"}


def test_no_module_hides_one_of_the_standard_library() -> None:
    last_names = {module.name.rpartition(".")[2]: module.name for module in MODULES.values()}
    assert {} == {last: name for last, name in last_names.items() if last in sys.stdlib_module_names}


def _sample(name: str, source: str) -> Module:
    return Module(name=name, tree=ast.parse(source))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("tools.wire", "from discovery import surface"),
        ("agent.runs", "import api.settings"),
        ("api.app", "from evals.worlds import enterprise"),
        ("api.app", "if TYPE_CHECKING:\n    from evals import demo"),
        ("tools.call", "def late():\n    from agent import plan"),
        ("evals.demo", "from tests import anything"),
    ],
)
def test_an_upward_import_would_be_found(name: str, source: str) -> None:
    assert upward_imports(_sample(name, source))


def test_a_circle_would_be_found_even_when_one_half_is_for_types_only() -> None:
    first = _sample("tools.first", "from tools import second")
    second = _sample("tools.second", "if TYPE_CHECKING:\n    from .first import First")
    assert {"tools.first", "tools.second"} == set(circle({first.name: first, second.name: second}))


def test_an_opened_vault_would_be_found() -> None:
    module = _sample("agent.nodes", "secret = self._vault.open(envelope, workspace, connection).reveal()")
    assert ([1], [1]) == (opened_vaults(module), revealed_secrets(module))
