"""Sealing and opening secrets."""

import base64
import copy
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import errors
from tools.vault import KeyRing, Secret, Vault

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
CANARY = "canary-5f1d"


@pytest.fixture
def vault() -> Vault:
    return Vault(KeyRing(OLD))


def flipped(envelope: str, field: str, position: int) -> str:
    fields = json.loads(envelope)
    sealed = bytearray(base64.b64decode(fields[field]))
    sealed[position % len(sealed)] ^= 1
    return json.dumps({**fields, field: base64.b64encode(sealed).decode()})


@given(values=st.dictionaries(st.text(), st.text(), max_size=4), workspace=st.text(), connection=st.text())
@settings(max_examples=50)
def test_what_is_sealed_opens_for_its_owner(values: dict[str, str], workspace: str, connection: str) -> None:
    vault = Vault(KeyRing(OLD))

    assert values == vault.open(vault.seal(values, workspace, connection), workspace, connection).reveal()


@pytest.mark.parametrize(
    ("workspace", "connection"), [("w", "other"), ("other", "c"), ("w|", "c"), ("", "w|c"), ("c", "w")]
)
def test_an_envelope_moved_to_another_owner_stays_shut(vault: Vault, workspace: str, connection: str) -> None:
    envelope = vault.seal({"key": CANARY}, "w", "c")

    with pytest.raises(errors.VaultSealed):
        vault.open(envelope, workspace, connection)


def test_another_key_opens_nothing(vault: Vault) -> None:
    envelope = vault.seal({"key": CANARY}, "w", "c")

    with pytest.raises(errors.VaultSealed, match="key that is not at hand"):
        Vault(KeyRing(NEW)).open(envelope, "w", "c")


def test_an_envelope_that_names_the_wrong_key_stays_shut(vault: Vault) -> None:
    rings = KeyRing(NEW, OLD)
    fields = json.loads(vault.seal({"key": CANARY}, "w", "c"))

    with pytest.raises(errors.VaultSealed):
        Vault(rings).open(json.dumps({**fields, "key_id": rings.current_id}), "w", "c")


@pytest.mark.parametrize("field", ["data", "data_key"])
@given(position=st.integers(0, 500))
@settings(max_examples=60)
def test_any_changed_byte_keeps_it_shut(field: str, position: int) -> None:
    vault = Vault(KeyRing(OLD))
    envelope = flipped(vault.seal({"key": CANARY}, "w", "c"), field, position)

    with pytest.raises(errors.VaultSealed):
        vault.open(envelope, "w", "c")


@pytest.mark.parametrize(
    "envelope",
    ["", "null", "[]", "{}", '{"v":1}', '{"v":2}', "not json", '{"v":1,"key_id":[],"data":1,"data_key":null}'],
)
def test_what_is_no_envelope_is_said_to_be_sealed(vault: Vault, envelope: str) -> None:
    with pytest.raises(errors.VaultSealed):
        vault.open(envelope, "w", "c")


def test_two_seals_of_one_secret_share_nothing(vault: Vault) -> None:
    one, two = (json.loads(vault.seal({"key": CANARY}, "w", "c")) for _ in range(2))

    assert one["data"] != two["data"]
    assert one["data_key"] != two["data_key"]
    assert CANARY not in json.dumps([one, two])


def test_rewrapping_changes_the_key_and_leaves_the_payload(vault: Vault) -> None:
    envelope = vault.seal({"key": CANARY}, "w", "c")
    rotating = Vault(KeyRing(NEW, OLD))

    rewrapped = rotating.rewrap(envelope)

    assert (False, True) == (rotating.is_current(envelope), rotating.is_current(rewrapped))
    assert json.loads(envelope)["data"] == json.loads(rewrapped)["data"]
    assert {"key": CANARY} == Vault(KeyRing(NEW)).open(rewrapped, "w", "c").reveal()
    with pytest.raises(errors.VaultSealed):
        Vault(KeyRing(OLD)).open(rewrapped, "w", "c")


def test_a_secret_cannot_be_seen_copied_or_pickled() -> None:
    secret = Secret({"key": CANARY})

    assert CANARY not in f"{secret} {secret!r} {[secret]} {secret.__dir__()}"
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be copied or pickled"):
            leak(secret)


def test_a_key_ring_shows_ids_and_no_keys() -> None:
    ring = KeyRing(OLD, NEW)

    assert f"KeyRing(current_id='{ring.current_id}', keys=2)" == repr(ring)
    with pytest.raises(TypeError):
        pickle.dumps(ring)


def test_keys_come_from_base64_text_the_current_one_first() -> None:
    text = f"{base64.b64encode(NEW).decode()}, {base64.b64encode(OLD).decode()}\n"

    assert KeyRing(NEW, OLD).current_id == KeyRing.from_text(text).current_id
    assert OLD == KeyRing.from_text(text).key(KeyRing(OLD).current_id)


@pytest.mark.parametrize("text", ["", " , ", CANARY, base64.b64encode(CANARY.encode()).decode()])
def test_a_bad_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(errors.VaultSealed) as caught:
        KeyRing.from_text(text)

    assert CANARY not in str(caught.value)
