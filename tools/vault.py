"""Sealed secrets: AES-256-GCM under a data key of their own, which is wrapped by a key-encryption key from a key ring.

An envelope is JSON text and names the key it needs. Opening gives a `Secret`, whose values only egress may reveal.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tools import errors

KEY_BYTES = 32
NONCE_BYTES = 12
#: NIST SP 800-38D section 8.2.2: 96 random bits, never reused under one key
VERSION = 1


class Secret:
    """Values that must not be seen. Cannot be printed, copied or pickled; only egress calls `reveal`."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def reveal(self) -> dict[str, str]:
        return dict(self._values)

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        # Copying goes the same way as pickling.
        raise TypeError("a Secret cannot be copied or pickled; store its envelope instead")


class KeyRing:
    """Key-encryption keys by key id: the current one seals, all of them open."""

    def __init__(self, current: bytes, *former: bytes) -> None:
        if any(len(key) != KEY_BYTES for key in (current, *former)):
            raise errors.VaultSealed(f"a vault key must be {KEY_BYTES} bytes; make one with `openssl rand -base64 32`")
        self._keys = {_key_id(key): key for key in (current, *former)}
        self.current_id = _key_id(current)

    @classmethod
    def from_text(cls, text: str) -> KeyRing:
        """Base64 keys separated by commas or white space, the current one first."""
        try:
            keys = [base64.b64decode(part, validate=True) for part in text.replace(",", " ").split()]
        except (binascii.Error, ValueError):
            # Not `from`: the cause would carry the text.
            raise errors.VaultSealed("a vault key is not base64; check INTERLOCK_VAULT_KEY or the key file") from None
        if not keys:
            raise errors.VaultSealed("there is no vault key in INTERLOCK_VAULT_KEY or the key file")
        return cls(*keys)

    @classmethod
    def from_file(cls, path: Path) -> KeyRing:
        """The keys of the file at `path`, which is made with a fresh key and mode 0600 when there is none.

        Refuses a file that others may read.
        """
        if not path.exists():
            _create_key_file(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise errors.VaultSealed(f"others may read the vault's key file; run: chmod 600 {path}")
        return cls.from_text(path.read_text("ascii", errors="replace"))

    def key(self, key_id: object) -> bytes:
        """Raises `VaultSealed` for a key that is not on the ring."""
        if not isinstance(key_id, str) or key_id not in self._keys:
            raise errors.VaultSealed("the secret was sealed with a key that is not at hand. Check INTERLOCK_VAULT_KEY.")
        return self._keys[key_id]

    def __repr__(self) -> str:
        return f"KeyRing(current_id={self.current_id!r}, keys={len(self._keys)})"

    __reduce_ex__ = Secret.__reduce_ex__


def key_ring(text: str | None, file: Path) -> KeyRing:
    """The ring from `text` (the setting INTERLOCK_VAULT_KEY) when it is set, else from the key file."""
    return KeyRing.from_text(text) if text else KeyRing.from_file(file)


class Vault:
    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def seal(self, values: Mapping[str, str], workspace: str, connection: str) -> str:
        """An envelope that opens only for the same workspace and connection."""
        data_key = secrets.token_bytes(KEY_BYTES)
        envelope = {
            "v": VERSION,
            "data": _encrypt(data_key, orjson.dumps(dict(values)), _owner(workspace, connection)),
            **self._wrapped(data_key),
        }
        return orjson.dumps(envelope).decode()

    def open(self, envelope: str, workspace: str, connection: str) -> Secret:
        """The secret in `envelope`. Raises `VaultSealed` for another key, owner, or a changed envelope."""
        fields = _fields(envelope)
        plain = _decrypt(self._data_key(fields), fields.get("data"), _owner(workspace, connection))
        return Secret(orjson.loads(plain))

    def rewrap(self, envelope: str) -> str:
        """The same envelope under the ring's current key; what it holds is neither decrypted nor changed."""
        fields = _fields(envelope)
        return orjson.dumps({**fields, **self._wrapped(self._data_key(fields))}).decode()

    def is_current(self, envelope: str) -> bool:
        """Whether the envelope is already under the ring's current key."""
        return bool(_fields(envelope).get("key_id") == self._keys.current_id)

    def _wrapped(self, data_key: bytes) -> dict[str, str]:
        key_id = self._keys.current_id
        return {"key_id": key_id, "data_key": _encrypt(self._keys.key(key_id), data_key, _wrapping(key_id))}

    def _data_key(self, fields: dict[str, Any]) -> bytes:
        key_id = fields.get("key_id")
        return _decrypt(self._keys.key(key_id), fields.get("data_key"), _wrapping(str(key_id)))


def _owner(workspace: str, connection: str) -> bytes:
    # JSON, so that no two pairs of names run together into one text.
    return orjson.dumps(["interlock.secret", VERSION, workspace, connection])


def _wrapping(key_id: str) -> bytes:
    return orjson.dumps(["interlock.data_key", VERSION, key_id])


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"interlock.key_id" + key).hexdigest()[:16]


def _encrypt(key: bytes, plain: bytes, bound_to: bytes) -> str:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plain, bound_to)).decode()


def _decrypt(key: bytes, text: object, bound_to: bytes) -> bytes:
    try:
        sealed = base64.b64decode(text if isinstance(text, str) else "", validate=True)
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        # One message for a wrong key, a wrong owner and a changed byte: which of them it was helps only an attacker.
        raise errors.VaultSealed("the secret is another connection's, was changed, or the key is another") from None


def _fields(envelope: str) -> dict[str, Any]:
    try:
        fields = orjson.loads(envelope)
    except orjson.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict) or fields.get("v") != VERSION:
        raise errors.VaultSealed("the stored secret is not an envelope of this vault")
    return fields


def _create_key_file(path: Path) -> None:
    """Complete or not there at all: two processes starting at once end with one key, the one linked first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        pass  # another process was first; its key is the one to use
    finally:
        draft.unlink()
