"""The vault's key file."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tools import errors
from tools.vault import KeyRing, Vault, key_ring


def test_the_first_use_makes_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "state" / "vault.key"

    first, second = KeyRing.from_file(path), KeyRing.from_file(path)

    assert first.current_id == second.current_id
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert [path] == list(path.parent.iterdir())


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    KeyRing.from_file(path)
    path.chmod(0o640)

    with pytest.raises(errors.VaultSealed, match="chmod 600"):
        KeyRing.from_file(path)


def test_many_at_once_end_with_one_key(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"

    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: KeyRing.from_file(path), range(16)))

    assert 1 == len({ring.current_id for ring in rings})
    assert [path] == list(tmp_path.iterdir())


def test_the_setting_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    from_file = key_ring(None, path)
    text = path.read_text()

    assert from_file.current_id == key_ring(text, tmp_path / "unused").current_id
    assert not (tmp_path / "unused").exists()


def test_a_secret_survives_a_restart(tmp_path: Path) -> None:
    envelope = Vault(key_ring("", tmp_path / "k")).seal({"key": "s"}, "w", "c")

    assert {"key": "s"} == Vault(key_ring("", tmp_path / "k")).open(envelope, "w", "c").reveal()
