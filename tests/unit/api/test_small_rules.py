"""Small rules of the faces: places to go to, cursors, lengths of time, settings, sentences."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from api import paging
from api.settings import Settings
from api.web.drawing import moment, span
from api.web.telling import sentence
from api.web.visitor import local_path
from tools import errors


@pytest.mark.parametrize("path", ["/", "/runs/run_1", "/approvals/a?b=c"])
def test_our_own_places_are_kept(path: str) -> None:
    assert path == local_path(path)


@pytest.mark.parametrize("path", ["", "//evil", "/\\evil", "https://evil", "javascript:x", "/a\nb", "evil"])
def test_other_places_become_the_first_page(path: str) -> None:
    assert "/" == local_path(path)


def test_pages_by_id_neither_repeat_nor_skip() -> None:
    items = [f"a{number}" for number in range(7)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        after = [item for item in items if cursor is None or item > cursor]
        page, cursor = paging.by_id(after[:4], str, 3)
        seen += page
        if cursor is None:
            break
    assert items == seen


@pytest.mark.parametrize("cursor", ["zzz", "", "e30", "WzEsMl0", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwieCJd", "é"])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(errors.Invalid, match="cursor"):
        paging._decoded(cursor)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "under 1 s"), (-5, "under 1 s"), (59, "59 s"), (3600, "1 h"), (93784, "1 d 2 h"), (61, "1 min 1 s")],
)
def test_a_length_of_time_is_told_by_its_two_largest_units(seconds: int, told: str) -> None:
    assert told == span(timedelta(seconds=seconds))


def test_times_are_told_in_utc() -> None:
    assert "2026-05-04 10:30:00" == moment("2026-05-04T12:30:00+02:00")
    assert "–" == moment(None)


def test_settings_come_from_the_environment_and_hide_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INTERLOCK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("INTERLOCK_MODEL", "some-model")
    monkeypatch.setenv("INTERLOCK_MODEL_API_KEY", "hunter2")
    monkeypatch.setenv("INTERLOCK_VAULT_KEY", "hunter3")
    settings = Settings()
    assert (f"sqlite:///{tmp_path}/interlock.sqlite", tmp_path / "admin.key", tmp_path / "vault.key", "some-model") == (
        settings.database_url,
        settings.admin_key_file,
        settings.vault_key_file,
        settings.model,
    )
    assert "http://127.0.0.1:8321" == settings.url == Settings(host="0.0.0.0").url
    assert "hunter" not in repr(settings)
    assert settings.worker != Settings().worker


def test_a_wrong_setting_is_refused_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLOCK_PORT", "hunter2")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        ("leg.began", {"leg": 2}, "A worker took the run up (leg 2)."),
        ("approval.opened", {"count": 2, "why": "it pays"}, "Asked 2 people: it pays"),
        ("effect.refused", {"status": 404, "cause": "gone"}, "Effect refused (404): gone"),
        ("step.failed", {"problem": {"why": "no such record"}}, "Step failed: no such record"),
        ("something.new", {}, "Something new."),
    ],
)
def test_records_are_told_in_words(kind: str, body: dict[str, object], told: str) -> None:
    assert told == sentence(kind, body)
