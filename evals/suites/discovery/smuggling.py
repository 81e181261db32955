"""Values that try to leave their place in a request, sent over the real way out to a server that records the bytes.

SAFETY row A9: a value is refused before anything is sent, or the bytes on the wire are the template's with the value in
its place: the same segments, the same headers, one message, and a reader gets the very value back.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from urllib.parse import parse_qsl, unquote

from pydantic import JsonValue

from tools import errors
from tools.action import Action, ActionId, Argument, Body, Place
from tools.clock import SystemClock
from tools.egress import Answered, Egress, Target
from tools.vault import KeyRing, Vault
from tools.wire import render

COUNT = 10_000
PIECES = (
    *(
        "..",
        ".",
        "/",
        "\\",
        ";",
        "?",
        "#",
        "&",
        "=",
        "+",
        ",",
        "%",
        " ",
        "\t",
        ":",
        "@",
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        "*",
    ),
    *(
        "%2e",
        "%2E%2e",
        "%2f",
        "%5c",
        "%00",
        "%0d%0a",
        "%252e",
        "%u002e",
        "..;/",
        "//evil.example",
        "http://evil.example",
    ),
    *("\r\n", "\r", "\n", "\x00", "\x7f", "\x85", "\u2028", "\r\nX-Evil: 1", "\r\n\r\nGET /evil HTTP/1.1\r\n\r\n"),
    *("é", "\uff0e\uff0e", "\u2215", "\u202e", "\ufeff", "\ud800", "𝄞", "a", "b", "evil=1", "&evil=1", "; evil=1"),
    *("Content-Length: 0", "chunked", "--interlock-", "--\r\nContent-Disposition: form-data; name=evil"),
)
_HEADERS = ("Host", "Accept", "X-Note", "Cookie", "Content-Type", "Accept-Encoding", "User-Agent", "Content-Length")
#: all that a request has, in this order; a header and a cookie of its own only when they are given
_PATH = re.compile(r"/api/v1/(?P<a>[^/?#\\\s]+)/x-(?P<b>[^/?#\\\s]+)/end")
_BODIES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmugglingJudgement:
    tried: int
    refused: int
    #: before anything was sent
    leaked: tuple[str, ...]
    #: what was wrong with the bytes, and the seed of the trial


@dataclass(slots=True)
class _Recorder:
    """A server that keeps each message's bytes, and any bytes beyond it."""

    port: int = 0
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    open: set[asyncio.Task[None]] = field(default_factory=set)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a server handles each connection in a task"
        self.open.add(task)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
                self.heads.append(head)
                self.bodies.append(await reader.readexactly(int(length[1])) if length else b"")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            writer.close()


async def fuzz(count: int, tell: Callable[[str], None], *, seed: int = 0) -> SmugglingJudgement:
    """Try `count` hostile values, each in one place of a request whose other values are harmless."""
    refused, leaked = 0, []
    async with _recording() as recorder, Egress(Vault(KeyRing(bytes(32))), SystemClock()) as egress:
        for index in range(count):
            trial = f"{seed}/{index}"
            wrong = await _try(Random(trial), recorder, egress)
            refused += wrong is None
            leaked += [f"{trial}: {wrong}"] if wrong else []
            if index % 2_000 == 1_999:
                tell(f"smuggling: {index + 1:,} of {count:,} tried, {refused:,} refused, {len(leaked)} leaked")
    return SmugglingJudgement(tried=count, refused=refused, leaked=tuple(leaked))


@asynccontextmanager
async def _recording() -> AsyncIterator[_Recorder]:
    recorder = _Recorder()
    server = await asyncio.start_server(recorder.handle, "127.0.0.1", 0)
    recorder.port = server.sockets[0].getsockname()[1]
    try:
        yield recorder
    finally:
        server.close()
        # Whoever sent has closed its connections by now.
        await asyncio.gather(*recorder.open)


async def _try(chance: Random, recorder: _Recorder, egress: Egress) -> str | None:
    """None when the value was refused; "" when it stood in its place; else what was wrong."""
    action, given = _action(chance), _given(chance)
    base = f"http://127.0.0.1:{recorder.port}/api"
    recorder.heads.clear()
    recorder.bodies.clear()
    try:
        request = render(action, given, base)
    except errors.RequestUnsafe:
        return None
    sent = await egress.send(request, Target(workspace="w", connection="c", base_url=base, allow_private=True))
    if not isinstance(sent, Answered):
        return None if not recorder.heads else f"it was sent and then called {type(sent).__name__}"
    if len(recorder.heads) != 1:
        return f"the server read {len(recorder.heads)} messages"
    assert request.content_type is not None, "the trial's request has a body"
    head, body = recorder.heads[0], recorder.bodies[0]
    return wrong_head(head, given) or wrong_body(request.content_type, body, given)


def _action(chance: Random) -> Action:
    deep = {"style": "deepObject", "explode": True}
    return Action(
        id=ActionId("crm.act"),
        system="crm",
        operation="act",
        method="POST",
        path="/v1/{a}/x-{b}/end",
        pointer="",
        arguments=(
            Argument(name="a", wire_name="a", place=Place.PATH),
            Argument(name="b", wire_name="b", place=Place.PATH),
            Argument(name="q", wire_name="q", place=Place.QUERY, allow_reserved=chance.random() < 0.5),
            Argument(name="d", wire_name="d", place=Place.QUERY, style="deepObject", explode=True),
            Argument(name="h", wire_name="X-Note", place=Place.HEADER),
            Argument(name="c", wire_name="sid", place=Place.COOKIE),
            Argument(name="t", wire_name="t", place=Place.BODY),
            Argument(name="o", wire_name="o", place=Place.BODY),
        ),
        body=Body(content_type=chance.choice(_BODIES), encoding={"o": deep}),
    )


def _given(chance: Random) -> dict[str, JsonValue]:
    hostile = "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 4)))
    given: dict[str, JsonValue] = {"a": "1", "b": "2", "q": "3", "d": {"k": "4"}, "t": "7", "o": {"k": "8"}}
    if chance.random() < 0.5:
        given |= {"h": "5", "c": "6"}
    place = chance.choice((*"aabbqhct", "d", "o", "d key", "o key"))
    if place.endswith("key"):
        return given | {place[0]: {hostile: "v"}}
    return given | {place: {"k": hostile} if place in "do" else hostile}


def wrong_head(head: bytes, given: dict[str, JsonValue]) -> str:
    """What is wrong with the head of a trial; "" for nothing."""
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.rpartition(" ")
    path, _, query = target.partition("?")
    match = _PATH.fullmatch(path)
    if (method, version) != ("POST", "HTTP/1.1") or match is None or "#" in target or " " in target:
        return "the request line is not the template's"
    if [unquote(match["a"]), unquote(match["b"])] != [given["a"], given["b"]]:
        return "a path value is not what was given"
    deep = given["d"]
    assert isinstance(deep, dict), "the trial gives an object"
    expected = [("q", given["q"]), *((f"d[{key}]", part) for key, part in deep.items())]
    if parse_qsl(query, keep_blank_values=True) != expected:
        return "the query is not what was given"
    named = dict(line.split(": ", 1) for line in lines)
    wanted = [
        name for name in _HEADERS if name not in ("X-Note", "Cookie") or {"X-Note": "h", "Cookie": "c"}[name] in given
    ]
    if [line.split(":", 1)[0] for line in lines] != wanted:
        return "the headers are not those of the request"
    if named.get("X-Note", given.get("h")) != given.get("h"):
        return "the header is not what was given"
    cookie = named.get("Cookie", "").removeprefix("sid=")
    return "" if ";" not in cookie and unquote(cookie) == given.get("c", "") else "the cookie is not what was given"


def wrong_body(content_type: str, body: bytes, given: dict[str, JsonValue]) -> str:
    """What is wrong with the body of a trial; "" for nothing."""
    nested = given["o"]
    assert isinstance(nested, dict), "the trial gives an object"
    if content_type.endswith("json"):
        return "" if json.loads(body) == {"t": given["t"], "o": nested} else "the JSON is not what was given"
    if content_type.startswith("multipart"):
        parts = body.split(b"--" + content_type.partition("boundary=")[2].encode())
        contents = [part[:-2].partition(b"\r\n\r\n")[2] for part in parts[1:-1]]
        is_same = len(contents) == 2 and contents[0] == str(given["t"]).encode() and json.loads(contents[1]) == nested
        return "" if is_same else "the parts are not what was given"
    pairs = [("t", given["t"]), *((f"o[{key}]", part) for key, part in nested.items())]
    is_same = parse_qsl(body.decode(), keep_blank_values=True) == pairs
    return "" if is_same else "the form is not what was given"
