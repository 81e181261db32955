"""What the command line says when it is given something wrong: one clear sentence, the mend, and the right code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

USAGE = 2
FAILED = 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense",), "nonsense"),
        (("goal",), "argument 'text'"),
        (("runs", "list", "--limit", "none"), "limit"),
        (("connections", "add", "crm", "--kind", "magic"), "bearer"),
        (("connections", "add", "crm", "--kind", "bearer"), "token=@FILE"),
        (("connections", "add", "crm", "--kind", "bearer", "--secret", "token=literal"), "seen by others"),
        (("connections", "add", "crm", "--kind", "bearer", "--secret", "token=env:NOT_SET"), "no NOT_SET"),
        (("connections", "add", "crm", "--kind", "header", "--secret", "value=env:HOME"), "name"),
        (("connections", "add", "crm", "--kind", "bearer", "--set", "token"), "NAME=VALUE"),
        (("connections", "add", "crm", "--kind", "bearer", "--set", "token=literal"), "does not take token"),
        (("approvals", "edit", "apr_1", "--arguments", "[1"), "JSON"),
        (("evals", "run", "nothing-of-that-name"), "there is no suite"),
        (("actions", "search", " "), "say in a few words"),
        (("systems", "update", "crm"), "say what changes"),
    ],
)
def test_wrong_usage_names_what_is_wrong(interlock, arguments: tuple[str, ...], said: str) -> None:
    ran = interlock(*arguments)
    assert ran.code == USAGE, ran
    assert said in _on_one_line(ran.err), ran
    assert "Traceback" not in ran.err


def test_a_secret_typed_on_the_command_line_is_not_repeated(interlock) -> None:
    ran = interlock("connections", "add", "crm", "--kind", "bearer", "--secret", "token=hunter2hunter2")
    assert "hunter2" not in ran.out + ran.err


def test_a_service_that_does_not_run_is_told_with_its_mend(interlock) -> None:
    ran = interlock("runs", "list", INTERLOCK_URL="http://127.0.0.1:9", INTERLOCK_API_KEY="ilk_none")
    assert ran.code == FAILED, ran
    assert "no answer from http://127.0.0.1:9" in _on_one_line(ran.err)
    assert "interlock serve" in ran.err
    assert "Traceback" not in ran.err


def test_a_missing_key_is_told_with_its_mend(interlock, tmp_path: Path) -> None:
    ran = interlock("runs", "list", INTERLOCK_DATA_DIR=str(tmp_path / "none"))
    assert ran.code == FAILED, ran
    assert "INTERLOCK_API_KEY" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("systems", "show", "nowhere"), "nowhere"),
        (("systems", "add", "x", "--spec", "missing.yaml", "--base-url", "https://x.example"), "missing.yaml"),
        (("runs", "show", "run_none"), "run_none"),
        (("runs", "watch", "run_none"), "run_none"),
        (("approvals", "approve", "apr_none"), "apr_none"),
        (("actions", "show", "crm.fly"), "crm.fly"),
        (("connections", "disable", "con_none"), "con_none"),
        (("goal", "   "), "empty"),
        (("keys", "create", "eve", "--role", "emperor"), "role"),
        (("policies", "apply", "missing.yaml"), "missing.yaml"),
    ],
)
def test_what_the_service_refuses_is_told_in_a_sentence(interlock, as_admin, arguments, said: str) -> None:
    ran = interlock(*arguments, **as_admin)
    assert ran.code == FAILED, ran
    assert said in _on_one_line(ran.err), ran
    assert "Traceback" not in ran.err


def test_a_document_that_is_none_is_refused_with_the_reason(interlock, as_admin, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam,")
    ran = interlock(
        "systems", "add", "letter", "--spec", "letter.txt", "--base-url", "https://letter.example", **as_admin
    )
    assert ran.code == FAILED, ran
    assert "The document is a piece of text, not an object" in ran.err


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("page.html", b"<!doctype html><p>Our API", "HTML page"),
        ("empty.json", b"", "is empty"),
        ("cut.json", b'{"openapi": "3.0.0", "paths": {', "cut off"),
        ("huge.json", bytes(33 * 2**20), "huge.json is larger than 32 MiB"),
        (".", None, ". cannot be read"),
    ],
)
def test_a_file_that_is_no_document_is_told_apart(
    interlock, as_admin, tmp_path: Path, file: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / file).write_bytes(content)
    ran = interlock("systems", "add", "x", "--spec", file, "--base-url", "https://x.example", **as_admin)
    assert ran.code == FAILED, ran
    assert said in _on_one_line(ran.err), ran
    assert "Traceback" not in ran.err


def test_an_address_without_a_document_is_told_without_advertising(interlock, as_admin) -> None:
    url = f"{as_admin['INTERLOCK_URL']}/nothing/openapi.json"
    ran = interlock("systems", "add", "x", "--spec", url, "--base-url", "https://x.example", **as_admin)
    assert ran.code == FAILED, ran
    assert f"{url} cannot be read: it answers 404 Not Found" in _on_one_line(ran.err)
    assert "developer.mozilla.org" not in ran.err


def test_a_name_that_cannot_be_one_is_told_in_words_and_once(interlock, as_admin, tmp_path: Path) -> None:
    (tmp_path / "ok.json").write_text('{"openapi": "3.1.0", "info": {"title": "Ok"}, "paths": {}}')
    ran = interlock("systems", "add", "A-b", "--spec", "ok.json", "--base-url", "https://x.example", **as_admin)
    assert ran.code == FAILED, ran
    assert 1 == _on_one_line(ran.err).count("begins with a-z and goes on with a-z, 0-9 or _")


def test_a_policy_that_cannot_be_read_names_its_rule(interlock, as_admin, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("rules: [{id: r1, why: because, when: 'import os', then: allow}]")
    ran = interlock("policies", "apply", "policy.yaml", **as_admin)
    assert ran.code == FAILED, ran
    assert "/rules/0/when" in _on_one_line(ran.err)


def test_with_json_a_failure_is_a_problem_document(interlock, as_admin) -> None:
    ran = interlock("runs", "show", "run_none", "--json", **as_admin)
    assert ran.code == FAILED
    assert "run_none" in json.loads(ran.err)["detail"]


def _on_one_line(text: str) -> str:
    """Without the frame and the line breaks that the terminal's width brings in."""
    return " ".join(text.translate(str.maketrans("│╭╮╰╯─", "      ")).split())
