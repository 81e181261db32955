"""Prism and the judge of bodies on a small document: they take what is right and see what is wrong."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from evals.suites.discovery import prism
from evals.suites.discovery.refusals import Cause
from evals.suites.discovery.wire import DocumentJudgement, judge_wire

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "small", "version": "1"},
    "paths": {
        "/things/{id}": {
            "post": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["a", "b"]}},
                    {"name": "X-Note", "in": "header", "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {"n": {"type": "integer"}, "note": {"type": "string"}},
                                "required": ["n"],
                            }
                        }
                    },
                },
                "responses": {},
            }
        },
        "/mixed/{id}": {
            "get": {
                "parameters": [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "schema": {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]},
                    }
                ],
                "responses": {},
            }
        },
    },
}


@pytest.fixture(scope="module")
def entry() -> Path:
    if not prism.entry_file().exists():
        pytest.skip(f"Prism is not at {prism.entry_file()}; `interlock evals run discovery` fetches it from npm")
    return prism.provide()


async def test_what_is_right_is_taken_and_what_is_wrong_is_seen(entry: Path, tmp_path: Path) -> None:
    (tmp_path / "small.json").write_text(json.dumps(DOCUMENT))
    told: list[str] = []
    found = await judge_wire(tmp_path, told.append, documents=("small.json",))
    assert [("GET /mixed/{id}", "prism", Cause.READER)] == sorted(
        {(one.operation, one.reader, one.cause) for one in found.refusals}
    )
    took_s = found.documents[0].took_s
    refused = len(found.refusals)
    assert (
        DocumentJudgement(
            document="small.json", actions=2, accepted=6 - refused, of=6, controls_refused=2, controls=2, took_s=took_s
        ),
    ) == found.documents
    assert 2 == len(told)


def test_prism_is_gone_after_its_block(entry: Path, tmp_path: Path) -> None:
    with prism.running(entry, DOCUMENT, tmp_path) as url:
        assert 0 == _connected(url)
    assert 0 != _connected(url)


def test_a_document_that_prism_cannot_read_is_told(entry: Path, tmp_path: Path) -> None:
    with pytest.raises(prism.NoPrism, match="did not start"), prism.running(entry, {"paths": {}}, tmp_path):
        pass


def _connected(url: str) -> int:
    parts = urlsplit(url)
    with socket.socket() as asked:
        return asked.connect_ex((parts.hostname, parts.port))
