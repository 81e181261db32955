"""Fakes for tests, ours and our users': no model, nothing random, no network but loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from agent.plan import Proposal
from agent.planner import PlannerView
from tools import errors


class ScriptedPlanner:
    """Gives the proposals it was made with, one for each call, and keeps the views it was shown.

    An error among them is raised in its turn; when nothing is left it raises `PlannerFailed`.
    """

    name = "scripted"

    def __init__(self, proposals: Iterable[Proposal | errors.PlannerFailed]) -> None:
        self._left = iter(tuple(proposals))
        self.views: list[PlannerView] = []

    async def propose(self, view: PlannerView) -> Proposal:
        self.views.append(view)
        turn = next(self._left, errors.PlannerFailed("The script has no proposal left."))
        if isinstance(turn, errors.PlannerFailed):
            raise turn
        return turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer of a `ScriptedEndpoint`."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    #: before the first byte
    drip_s: float = 0.0
    #: before each byte of the body


def says(content: str | None, *, finish_reason: str = "stop", **message: Any) -> Answer:
    """A chat completion with this text; `message` adds fields such as `refusal`."""
    said = {"role": "assistant", "content": content, **message}
    choice = {"index": 0, "message": said, "finish_reason": finish_reason}
    return Answer(body=json.dumps({"object": "chat.completion", "choices": [choice]}).encode())


def calls(*tools: tuple[str, str]) -> Answer:
    """A chat completion that calls these tools: pairs of the name and the arguments' text."""
    listed = [
        {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for index, (name, arguments) in enumerate(tools)
    ]
    return says(None, finish_reason="tool_calls", tool_calls=listed)


def fails(status: int, message: str = "no", **headers: str) -> Answer:
    """An error answer; `headers` are written with underscores: `Retry_After="1"`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, body=json.dumps({"error": {"message": message}}).encode(), headers=named)


class ScriptedEndpoint:
    """An OpenAI-compatible endpoint on loopback that gives scripted answers, or what a function of the request gives.

    Use it as a context manager. `requests` are the bodies that came, `keys` their Authorization headers. Without a
    `port` it takes a free one.
    """

    def __init__(self, script: Iterable[Answer] | Callable[[dict[str, Any]], Answer], *, port: int = 0) -> None:
        left = None if callable(script) else iter(tuple(script))
        self._answer = script if callable(script) else lambda _: next(left or iter(()), fails(410, "script is over"))
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, body: bytes, key: str) -> Answer:
        request = json.loads(body)
        self.requests.append(request)
        self.keys.append(key)
        return self._answer(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = take(body, self.headers.get("Authorization", ""))
                time.sleep(answer.delay_s)
                try:
                    self._send(answer)
                except (BrokenPipeError, ConnectionResetError):
                    return  # the client had enough, which is what some tests are about

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                usual = {"Content-Type": "application/json", "Content-Length": str(len(answer.body))}
                for name, value in {**usual, **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                pieces = [answer.body] if not answer.drip_s else [bytes([byte]) for byte in answer.body]
                for piece in pieces:
                    time.sleep(answer.drip_s)
                    self.wfile.write(piece)

            def log_message(self, format: str, *args: Any) -> None:
                return

        return Handler
