"""Bodies that arrive in pieces, compressed or not."""

import gzip
import zlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.decoding import Decoder, Unreadable

MIB = 1024 * 1024


def decode(encoding: str, pieces: list[bytes], *, max_encoded: int = MIB, max_decoded: int = MIB) -> bytes:
    decoder = Decoder(encoding, max_encoded=max_encoded, max_decoded=max_decoded)
    for piece in pieces:
        decoder.feed(piece)
    return decoder.finish()


def cut(data: bytes, at: list[int]) -> list[bytes]:
    marks = [0, *sorted(place % (len(data) + 1) for place in at), len(data)]
    return [data[start:end] for start, end in pairwise(marks)]


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("", bytes),
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("X-GZIP", gzip.compress),
        (" deflate ", zlib.compress),
        ("gzip", lambda body: gzip.compress(body[:5]) + gzip.compress(body[5:])),
    ],
    ids=["none", "identity", "gzip", "x-gzip", "deflate", "two gzip members"],
)
@given(body=st.binary(max_size=2000), at=st.lists(st.integers(0, 5000), max_size=6))
@settings(max_examples=50)
def test_a_body_comes_out_as_it_went_in_however_it_is_cut(encoding, encode, body, at) -> None:
    assert body == decode(encoding, cut(encode(body), at))


def test_a_bomb_is_stopped_before_it_unpacks() -> None:
    bomb = gzip.compress(bytes(20 * MIB))
    assert len(bomb) < 100_000

    with pytest.raises(Unreadable, match="unpacks to more than the limit"):
        decode("gzip", [bomb])


def test_a_body_over_the_limit_is_refused_at_the_first_byte_too_many() -> None:
    assert b"12345" == decode("", [b"123", b"45"], max_encoded=5)
    with pytest.raises(Unreadable, match="larger than the limit"):
        decode("", [b"123", b"456"], max_encoded=5)


def test_a_decoded_body_may_be_exactly_as_long_as_the_limit() -> None:
    assert b"12345" == decode("gzip", [gzip.compress(b"12345")], max_decoded=5)
    with pytest.raises(Unreadable):
        decode("gzip", [gzip.compress(b"123456")], max_decoded=5)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_an_encoding_that_was_not_offered_is_refused(encoding: str) -> None:
    with pytest.raises(Unreadable, match="not asked for"):
        decode(encoding, [])


@given(keep=st.integers(1, 40))
@settings(max_examples=40)
def test_a_cut_gzip_body_is_never_taken_for_whole(keep: int) -> None:
    whole = gzip.compress(b"a body of some length, so that it does not compress into nothing")

    with pytest.raises(Unreadable):
        decode("gzip", [whole[: min(keep, len(whole) - 1)]])


def test_what_is_not_gzip_is_malformed() -> None:
    with pytest.raises(Unreadable, match="malformed"):
        decode("gzip", [b'{"id": 1}'])
