"""The documents are valid, tell no more than is served, and what is served is what they tell."""

import json
from pathlib import Path

import httpx
import pytest
import yaml
from openapi_spec_validator import validate

from evals.worlds.catalogue import build
from evals.worlds.document import FOLDER, METHODS, Document
from evals.worlds.enterprise import Enterprise
from evals.worlds.places import NAMES, PLACES


def parsed(path: Path) -> dict[str, object]:
    tree: dict[str, object] = (
        yaml.safe_load(path.read_text()) if path.suffix == ".yaml" else json.loads(path.read_text())
    )
    return tree


@pytest.mark.parametrize("name", NAMES)
def test_the_document_is_valid_in_its_dialect(name: str) -> None:
    validate(parsed(FOLDER / PLACES[name].document))


def test_the_documents_are_of_four_dialects() -> None:
    trees = [parsed(FOLDER / PLACES[name].document) for name in NAMES]
    assert ["3.0.3", "2.0", "3.0.0", "3.1.0", "3.0.3", "3.1.0"] == [t.get("openapi") or t["swagger"] for t in trees]


@pytest.mark.parametrize("name", NAMES)
def test_the_document_holds_no_vendor_extension(name: str) -> None:
    assert '"x-' not in json.dumps(parsed(FOLDER / PLACES[name].document), default=str).replace('"x-erp-key"', "")


@pytest.mark.parametrize("name", NAMES)
def test_the_prefix_of_the_document_is_the_one_clients_are_told(name: str) -> None:
    assert PLACES[name].prefix == Document(FOLDER / PLACES[name].document).prefix


@pytest.mark.parametrize("name", NAMES)
def test_the_handlers_are_exactly_the_documented_operations(name: str) -> None:
    documented = [operation.id for operation in Document(FOLDER / PLACES[name].document).operations]
    assert sorted(documented) == sorted(build(name).handlers)


@pytest.mark.parametrize("name", NAMES)
def test_the_service_serves_its_document_as_it_is_in_the_folder(enterprise: Enterprise, name: str) -> None:
    reply = httpx.get(enterprise[name].document_url, trust_env=False)
    assert (200, (FOLDER / PLACES[name].document).read_bytes()) == (reply.status_code, reply.content)


@pytest.mark.parametrize("name", NAMES)
def test_every_documented_operation_is_routed_and_asks_for_a_credential(enterprise: Enterprise, name: str) -> None:
    system = enterprise[name]
    for operation in Document(system.document_path).operations:
        url = system.base_url + operation.path.replace("{", "").replace("}", "")
        reply = httpx.request(operation.method, url, trust_env=False)
        assert (400 if operation.is_public else 401) == reply.status_code, operation.id


@pytest.mark.parametrize("name", NAMES)
def test_other_methods_and_paths_are_refused_in_the_shape_of_the_service(enterprise: Enterprise, name: str) -> None:
    system = enterprise[name]
    document = Document(system.document_path)
    path = document.operations[0].path
    offered = {operation.method for operation in document.operations if operation.path == path}
    other = next(method.upper() for method in METHODS if method.upper() not in offered)
    refused = httpx.request(other, system.base_url + path, trust_env=False)
    missing = httpx.get(f"{system.base_url}/no/such/path", trust_env=False)
    assert (405, 404) == (refused.status_code, missing.status_code)
    assert offered <= {method.strip() for method in refused.headers["allow"].split(",")}
    assert refused.json().keys() == missing.json().keys()
