"""The command line's view of the REST API: JSON in, JSON out, problems as one exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

TIMEOUT_S = 30.0
#: An SSE stream sends a comment at least this often; silence for longer means that the server is gone.
STREAM_SILENCE_S = 60.0
#: Bytes of a file that are sent at once, and the seconds that the service may take to read it.
UPLOAD_PART = 256 * 1024
UPLOAD_READ_S = 300.0
#: Items that are asked for at once, as many as the service gives.
PAGE = 200
#: Bytes of an API document or a recording, as much as the service takes.
MAX_DOCUMENT = 32 * 1024 * 1024


class Problem(Exception):
    """The API said no, or did not answer. `document` is the RFC 9457 problem document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        super().__init__(self.detail)

    @property
    def detail(self) -> str:
        return str(self.document.get("detail") or self.document.get("title") or "the request failed")

    @property
    def mend(self) -> str | None:
        return self.document.get("mend")


class Api:
    """Close it, or use it as a context manager."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        # trust_env=False: a proxy from the environment must not see API keys of a service on this machine.
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=TIMEOUT_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        return self._ask("GET", path, params=_given(query)).json()

    def seen(self, path: str) -> tuple[Any, str]:
        """A thing and its ETag, which a decision about it must name."""
        reply = self._ask("GET", path)
        return reply.json(), reply.headers["ETag"]

    def raw(self, path: str) -> bytes:
        return self._ask("GET", path).content

    def post(self, path: str, body: Any, *, if_match: str | None = None, wait_s: float = TIMEOUT_S) -> Any:
        """The answer, which may take `wait_s` to come."""
        headers = {"If-Match": if_match} if if_match else {}
        return self._ask("POST", path, json=body, headers=headers, timeout=httpx.Timeout(TIMEOUT_S, read=wait_s)).json()

    def put(self, path: str, body: Any) -> Any:
        return self._ask("PUT", path, json=body).json()

    def patch(self, path: str, body: Any) -> Any:
        return self._ask("PATCH", path, json=body).json()

    def upload(self, path: str, content: bytes, tell: Callable[[int], None], **query: Any) -> Any:
        """Send a file; `tell` hears how many bytes have left. The answer may take as long as the file is large."""

        def parts() -> Iterator[bytes]:
            for start in range(0, len(content), UPLOAD_PART):
                yield content[start : start + UPLOAD_PART]
                tell(min(start + UPLOAD_PART, len(content)))

        headers = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        timeout = httpx.Timeout(TIMEOUT_S, read=UPLOAD_READ_S)
        return self._ask("POST", path, content=parts(), headers=headers, params=_given(query), timeout=timeout).json()

    def items(self, path: str, *, limit: int | None = None, **query: Any) -> list[dict[str, Any]]:
        """The items of a list, page after page, at most `limit`."""
        found: list[dict[str, Any]] = []
        cursor = None
        while limit is None or len(found) < limit:
            page = self.get(path, cursor=cursor, limit=min(limit or PAGE, PAGE), **query)
            found += page["items"]
            if not (cursor := page.get("next")):
                break
        return found[:limit]

    def events(self, path: str, *, after: str | None = None) -> Iterator[dict[str, Any]]:
        """The events of a stream (WHATWG server-sent events) as `{id, event, data}`, until the server ends it."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        timeout = httpx.Timeout(TIMEOUT_S, read=STREAM_SILENCE_S)
        try:
            with self._http.stream("GET", path, headers=headers, timeout=timeout) as reply:
                if reply.is_error:
                    reply.read()
                    raise Problem(_problem(reply))
                yield from _parse(reply.iter_lines())
        except httpx.TransportError as exc:
            raise Problem(self._unreachable(exc)) from exc

    def _ask(self, method: str, path: str, **parts: Any) -> httpx.Response:
        try:
            reply = self._http.request(method, path, **parts)
        except httpx.TransportError as exc:
            raise Problem(self._unreachable(exc)) from exc
        if reply.is_error:
            raise Problem(_problem(reply))
        return reply

    def _unreachable(self, exc: httpx.TransportError) -> dict[str, Any]:
        return {
            "type": "about:blank",
            "title": "Interlock does not answer",
            "detail": f"no answer from {self.url} ({type(exc).__name__})",
            "mend": "start it with `interlock serve`, or set INTERLOCK_URL to where it runs",
        }


def download(url: str) -> bytes:
    """The document at `url`, fetched by whoever types the command; the service itself reads no such address."""
    try:
        with httpx.stream("GET", url, timeout=TIMEOUT_S, follow_redirects=True, trust_env=False) as reply:
            if reply.is_error:
                raise _unread(url, f"it answers {reply.status_code} {reply.reason_phrase}".rstrip())
            received = bytearray()
            for part in reply.iter_bytes():
                received += part
                if len(received) > MAX_DOCUMENT:
                    raise too_large(url)
            return bytes(received)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise _unread(url, str(exc) or type(exc).__name__) from exc


def too_large(source: object) -> Problem:
    """That `source`, a file or an address, holds more than the service takes."""
    detail = f"{source} is larger than {MAX_DOCUMENT // 2**20} MiB, which is the most that is read"
    return Problem({"title": "too large", "detail": detail, "mend": "give a smaller part of it"})


def _unread(url: str, why: str) -> Problem:
    mend = "open the address in a browser, or save the document and give the file"
    return Problem({"title": "no document", "detail": f"{url} cannot be read: {why}", "mend": mend})


def probe(url: str, key: str) -> tuple[bool, str]:
    """Whether something answers at `url` with this bearer key, and what it said, in a few words."""
    try:
        reply = httpx.get(url, headers={"Authorization": f"Bearer {key}"}, timeout=5.0, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        return False, f"does not answer ({type(exc).__name__})"
    return reply.is_success, f"answers {reply.status_code}"


def _given(query: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _problem(reply: httpx.Response) -> dict[str, Any]:
    try:
        document = reply.json()
    except ValueError:
        document = None
    if isinstance(document, dict):
        return document
    detail = f"{reply.request.url} answered {reply.status_code} without a problem document"
    return {"status": reply.status_code, "title": "unexpected answer", "detail": detail,
            "mend": "check that INTERLOCK_URL points at Interlock"}  # fmt: skip


def _parse(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Events of https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation."""
    fields: dict[str, str] = {}
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield {"event": "message", **fields, "data": orjson.loads("\n".join(data))}
            fields, data = {}, []
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data.append(value)
            elif name in ("id", "event"):
                fields[name] = value
