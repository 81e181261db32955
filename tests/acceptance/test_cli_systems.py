"""An admin at the command line: a system is registered, gets its next document, and shows what its traffic says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli.client import Api
from evals.server import Server

FAILED = 1


def document(**operations: str) -> str:
    """Of these operations: name -> method, all on `/notes`."""
    described = {
        method: {"operationId": name, "responses": {"200": {"description": "ok"}}}
        for name, method in operations.items()
    }
    return json.dumps({"openapi": "3.1.0", "info": {"title": "Notes"}, "paths": {"/notes": described}})


@pytest.fixture
def admin(empty_server: Server) -> Any:
    with empty_server.admin() as api:
        yield api


def test_the_next_document_is_a_revision_and_the_same_one_is_none(interlock, as_admin, tmp_path: Path) -> None:
    (tmp_path / "first.json").write_text(document(listNotes="get"))
    (tmp_path / "second.json").write_text(document(listNotes="get", createNote="post"))
    added = ("systems", "add", "notes", "--spec", "first.json", "--base-url", "https://notes.example")
    assert 0 == interlock(*added, **as_admin).code
    again = interlock(*added, **as_admin)
    assert FAILED == again.code
    assert "`interlock systems update notes`" in _on_one_line(again.err)

    same = interlock("systems", "update", "notes", "--spec", "first.json", "--title", "Our notes", **as_admin)
    assert "notes, Our notes: at https://notes.example, with revision 1 as before." in _on_one_line(same.out), same
    other = interlock("systems", "update", "notes", "--spec", "second.json", **as_admin)
    assert "this is revision 2, of which nothing is accepted." in _on_one_line(other.out), other
    diff = json.loads(interlock("systems", "diff", "notes", "--json", **as_admin).out)
    assert [("additive", "safe", ["notes.create_note"])] == [
        (one["kind"], one["impact"], one["actions"]) for one in diff["findings"]
    ]
    listed = json.loads(interlock("systems", "revisions", "notes", "--json", **as_admin).out)
    assert [2, 1] == [one["revision"] for one in listed]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<!doctype html><p>", "this is no HAR file that can be read"),
        ('{"openapi": "3.1.0"}', "it has no `log` object"),
        ('{"log": {"entries": 5}}', "has no list of `entries`"),
    ],
)
def test_a_recording_that_is_none_is_told_with_its_mend(
    interlock, as_admin, admin: Api, tmp_path: Path, content: str, said: str
) -> None:
    _given(admin, "taped")
    (tmp_path / "it.har").write_text(content)
    ran = interlock("observe", "taped", "it.har", **as_admin)
    assert (FAILED, 1) == (ran.code, _on_one_line(ran.err).count(said)), ran
    assert "export it from the browser's network panel" in _on_one_line(ran.err)


def test_a_recording_without_traffic_says_so(interlock, as_admin, admin: Api, tmp_path: Path) -> None:
    _given(admin, "taped")
    (tmp_path / "none.har").write_text('{"log": {"version": "1.2", "entries": []}}')
    assert "The file holds no traffic at all" in interlock("observe", "taped", "none.har", **as_admin).out


def test_an_unknown_system_is_not_taken_for_one_without_matches(interlock, as_admin) -> None:
    ran = interlock("actions", "search", "note", "--system", "nowhere", **as_admin)
    assert (FAILED, True) == (ran.code, "there is no system nowhere" in _on_one_line(ran.err)), ran


def test_the_schemas_of_an_action_are_printed_as_json(interlock, as_admin, admin: Api) -> None:
    _given(admin, "taped")
    shown = json.loads(interlock("actions", "show", "taped.list_notes", "--schema", **as_admin).out)
    assert {"id", "revision", "arguments", "result", "lowered", "tokens"} == shown.keys()


def _given(admin: Api, slug: str) -> None:
    """Register the system, unless a test before has."""
    if slug not in [one["slug"] for one in admin.items("/v1/systems")]:
        body = {"slug": slug, "base_url": "https://taped.example", "document": document(listNotes="get")}
        admin.post("/v1/systems", body)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
