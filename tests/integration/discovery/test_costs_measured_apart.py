"""What a piece of work costs is measured in a process of its own, which is stopped when it is late."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from evals import apart

DOCUMENT = orjson.dumps({"openapi": "3.0.3", "info": {"title": "Things"}, "paths": {"/a": {"get": {}}}})
LIMIT_S = 60.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "things.json"
    written.write_bytes(DOCUMENT)
    return written


def test_discovery_counts_with_the_process_that_reads(file: Path) -> None:
    parse, ours = (apart.run(piece, file, limit_s=LIMIT_S) for piece in ("parse", "discover"))
    assert ("", "", 1) == (parse.problem, ours.problem, ours.told["actions"])
    assert 0 < parse.cpu_s < ours.cpu_s < 5
    # The interpreter alone holds some 10 MB; ours is two of them with their libraries.
    assert 5 * 2**20 < parse.peak_bytes < ours.peak_bytes < 2**30


def test_what_fails_is_told_by_its_last_word(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    ended = apart.run("parse", tmp_path / "broken.json", limit_s=LIMIT_S)
    assert ({}, 0.0) == (ended.told, ended.cpu_s)
    assert ended.problem.startswith("ended with 1: orjson.JSONDecodeError: ")


def test_what_is_late_is_stopped(file: Path) -> None:
    ended = apart.run("discover", file, limit_s=0.05)
    assert ({}, 0.0, "stopped after 0.05 s") == (ended.told, ended.cpu_s, ended.problem)
    assert ended.seconds < 5
