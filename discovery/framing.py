"""Messages on a stream: a JSON header and any number of byte strings, each with its length before it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

_LENGTH = struct.Struct("!Q")


class Closed(Exception):
    """The other side is gone."""


def send(channel: socket.socket, header: Mapping[str, Any], parts: Sequence[bytes] = ()) -> None:
    """Raises `Closed`, or `TimeoutError` after the channel's timeout."""
    head = orjson.dumps({**header, "sizes": [len(part) for part in parts]})
    try:
        for piece in (_LENGTH.pack(len(head)) + head, *parts):
            channel.sendall(piece)
    except (BrokenPipeError, ConnectionResetError):
        raise Closed from None


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[bytes]]:
    """Raises `Closed`, or `TimeoutError` after the channel's timeout."""
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    header: dict[str, Any] = orjson.loads(_exactly(channel, length))
    return header, [bytes(_exactly(channel, size)) for size in header.pop("sizes")]


def _exactly(channel: socket.socket, size: int) -> bytearray:
    found = bytearray(size)
    rest = memoryview(found)
    while rest:
        try:
            count = channel.recv_into(rest)
        except ConnectionResetError:
            count = 0
        if not count:
            raise Closed
        rest = rest[count:]
    return found
