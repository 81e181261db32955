"""Reads a body that arrives in pieces, never larger than a limit, whatever its compression promises."""

from __future__ import annotations

import zlib

OFFERED = "gzip, deflate"
#: the value of Accept-Encoding: what `Decoder` can read

#: zlib's `wbits` that accepts both a gzip and a zlib header
_EITHER_HEADER = 47


class Unreadable(Exception):
    """The body is cut, malformed or over a limit. The message says which and carries none of it."""


class Decoder:
    """Decodes one body, piece by piece. Raises `Unreadable` as soon as it is plain that the body is no good."""

    def __init__(self, encoding: str, *, max_encoded: int, max_decoded: int) -> None:
        coding = encoding.strip().lower()
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Unreadable("the body has a content encoding that was not asked for")
        self._is_coded = coding not in ("", "identity")
        self._inflater = zlib.decompressobj(_EITHER_HEADER)
        self._encoded_left = max_encoded
        self._decoded_left = max_decoded
        self._pieces: list[bytes] = []
        self._has_input = False

    def feed(self, piece: bytes) -> None:
        self._encoded_left -= len(piece)
        if self._encoded_left < 0:
            raise Unreadable("the body is larger than the limit")
        if self._is_coded:
            self._inflate(piece)
        else:
            self._keep(piece)

    def finish(self) -> bytes:
        """The whole body. Raises `Unreadable` when the compressed data stops half way."""
        if self._is_coded and self._has_input and not self._inflater.eof:
            raise Unreadable("the compressed body is cut short")
        return b"".join(self._pieces)

    def _inflate(self, piece: bytes) -> None:
        while piece:
            if self._inflater.eof:
                # RFC 1952 section 2.2: a gzip file is a series of members.
                self._inflater = zlib.decompressobj(_EITHER_HEADER)
            self._has_input = True
            try:
                # One byte more than allowed is enough to know, and all that a bomb ever gets to unpack.
                plain = self._inflater.decompress(piece, self._decoded_left + 1)
            except zlib.error as exc:
                raise Unreadable("the compressed body is malformed") from exc
            self._keep(plain)
            piece = self._inflater.unused_data

    def _keep(self, plain: bytes) -> None:
        self._decoded_left -= len(plain)
        if self._decoded_left < 0:
            raise Unreadable("the body unpacks to more than the limit")
        self._pieces.append(plain)
