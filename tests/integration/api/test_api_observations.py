"""Recorded traffic over REST: a surface without a document, called for real; and reality laid over a document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

RECORDED = "https://books.example/api"
CANARY = "Zq7-kanarienvogel-7qZ"


class Books(BaseHTTPRequestHandler):
    """A small API without a document: books that are listed, fetched and made, with a key."""

    books: ClassVar[dict[int, dict[str, Any]]] = {}
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/api/books":
            return self._answer(200, {"items": list(self.books.values()), "total": len(self.books)})
        number = int(self.path.rpartition("/")[2])
        found = self.books.get(number)
        return self._answer(200, found | {"shelf": "B"}) if found else self._answer(404, {"error": "none"})

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = len(self.books) + 1
        self.books[number] = {"id": number, "state": "in_stock", **sent}
        self._answer(201, self.books[number])

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-RateLimit-Limit", "60")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing on the tests' screen."""


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Books)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def books(served: str) -> str:
    """Where the API is; it has one book."""
    Books.books.clear()
    Books.books[1] = {"id": 1, "title": "Emma", "pages": 474, "state": "in_stock"}
    return served


@pytest.fixture
def slug() -> str:
    return f"books_{uuid.uuid4().hex[:8]}"


def told(answer: Any, status: int = 200) -> Any:
    assert status == answer.status_code, answer.text
    return answer.json()


def recorded(method: str, path: str, status: int, answer: Any, sent: Any = None, at: int = 0) -> dict[str, Any]:
    headers = [{"name": "Authorization", "value": f"Bearer {CANARY}"}]
    request: dict[str, Any] = {"method": method, "url": f"{RECORDED}{path}", "headers": headers}
    if sent is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(sent)}
    content = {"mimeType": "application/json", "text": json.dumps(answer)}
    response = {"status": status, "headers": [], "content": content}
    return {"startedDateTime": f"2026-01-01T10:{at // 60:02}:{at % 60:02}Z", "request": request, "response": response}


def recording() -> bytes:
    entries = []
    for number in range(1, 21):
        book = {"id": number, "title": CANARY, "pages": 100 + number, "state": ("in_stock", "sold")[number % 2]}
        sent = {"title": f"secret {CANARY}", "pages": book["pages"]}
        entries += [
            recorded("GET", f"/books/{number}", 200, book, at=number),
            recorded("POST", "/books", 201, book, sent, at=number),
            recorded("GET", "/books", 200, {"items": [book], "total": 20}, at=number),
        ]
    entries.append(recorded("GET", "/books/99", 404, {"error": "none"}))
    return json.dumps({"log": {"version": "1.2", "entries": entries}}).encode()


def register(service: Any, slug: str, base_url: str, **more: Any) -> None:
    told(
        service.admin.post("/v1/systems", json={"slug": slug, "base_url": base_url, "allow_private": True, **more}), 201
    )


def observe(service: Any, slug: str, content: bytes, origin: str | None = RECORDED) -> Any:
    query = {"origin": origin} if origin else {}
    return service.admin.post(f"/v1/systems/{slug}/observations", content=content, params=query)


def test_a_recording_becomes_actions_that_work_for_real(service: Any, slug: str, books: str) -> None:
    register(service, slug, books)
    assert {
        "exchanges": 61,
        "new": 61,
        "passed_over": {},
        "hosts": [],
        "facts": 0,
        "revision": 1,
        "actions": 3,
    } == told(observe(service, slug, recording()))
    listed = told(service.admin.get("/v1/actions", params={"system": slug}))["items"]
    assert {
        f"{slug}.get_books": "read",
        f"{slug}.get_books_book_id": "read",
        f"{slug}.post_books": "write",
    } == {one["id"]: one["action_class"] for one in listed}
    make_and_fetch(service, slug)
    assert ["Emma", "Persuasion"] == [book["title"] for book in Books.books.values()]


def make_and_fetch(service: Any, slug: str) -> None:
    """A run that makes a book and fetches it, through the accepted actions."""
    told(service.admin.post("/v1/connections", json={"system": slug, "credential": {"kind": "none"}}), 201)
    told(service.admin.post(f"/v1/systems/{slug}/accept", json={}))
    made = {"id": "make", "kind": "call", "action": f"{slug}.post_books", "purpose": "to have it",
            "args": {"title": "Persuasion", "pages": 249}}  # fmt: skip
    fetched = {"id": "fetch", "kind": "call", "action": f"{slug}.get_books_book_id", "purpose": "to see it",
               "args": {"book_id": {"$": "make.id"}}}  # fmt: skip
    run = service.submit("Add the book Persuasion with 249 pages and show it", made, fetched)
    service.settled(run, "done")


def test_what_the_service_itself_sees_is_learned_after_the_call(service: Any, slug: str, books: str) -> None:
    register(service, slug, books)
    told(observe(service, slug, recording()))
    make_and_fetch(service, slug)
    until = time.monotonic() + 20
    found: list[dict[str, Any]] = []
    while len(found) < 3 and time.monotonic() < until:
        found = told(service.admin.get(f"/v1/systems/{slug}/observations"))["items"]
        time.sleep(0.1)
    (connection,) = {one["connection"] for one in found}
    assert connection.startswith("con_")
    assert {
        (f"{slug}.get_books_book_id", "field", "200/shelf", "string", 1),
        (f"{slug}.get_books_book_id", "rate_limit", "x-ratelimit-limit", "60", 1),
        (f"{slug}.post_books", "rate_limit", "x-ratelimit-limit", "60", 1),
    } == {(one["action"], one["kind"], one["pointer"], one["value"], one["count"]) for one in found}
    assert all(one["first_at"] == one["last_at"] for one in found)


def test_the_same_recording_again_changes_nothing(service: Any, slug: str, books: str) -> None:
    register(service, slug, books)
    first = told(observe(service, slug, recording()))
    again = told(observe(service, slug, recording()))
    assert first | {"new": 0} == again


def test_the_inferred_document_shows_the_counts_and_no_secret(service: Any, slug: str, books: str) -> None:
    register(service, slug, books)
    path = f"/v1/systems/{slug}/observations/document"
    missing = told(service.admin.get(path), 404)
    assert f"give a recording with `interlock observe {slug} FILE.har`" == missing["mend"]
    told(observe(service, slug, recording()))
    text = service.admin.get(path).text
    document = json.loads(text)
    assert {"/books": ["get", "post"], "/books/{book_id}": ["get"]} == {
        path: sorted(item) for path, item in document["paths"].items()
    }
    assert {"201": 20} == document["paths"]["/books"]["post"]["x-seen"]["statuses"]
    assert CANARY not in text


def test_a_document_is_not_replaced_by_traffic_but_compared_with_it(service: Any, slug: str, books: str) -> None:
    thing = {"type": "object", "properties": {"id": {"type": "integer"}, "title": {"type": "string"}}}
    answer = {"200": {"description": "A book.", "content": {"application/json": {"schema": thing}}}}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    item = {"get": {"operationId": "getBook", "parameters": [parameter], "responses": answer}}
    document = {"openapi": "3.1.0", "info": {"title": "Books", "version": "1"}, "paths": {"/books/{id}": item}}
    register(service, slug, books, document=document)
    for facts in (5, 0):
        seen = told(observe(service, slug, recording()))
        assert (facts, None) == (seen["facts"], seen["revision"])
    found = told(service.admin.get(f"/v1/systems/{slug}/observations", params={"limit": 2}))
    rest = told(service.admin.get(f"/v1/systems/{slug}/observations", params={"cursor": found["next"]}))
    shown = [*found["items"], *rest["items"]]
    assert {
        ("", "/books", "operation", "GET", 20),
        ("", "/books", "operation", "POST", 20),
        (f"{slug}.get_book", "200/pages", "field", "integer", 20),
        (f"{slug}.get_book", "200/state", "field", "string", 20),
        (f"{slug}.get_book", "404", "status", 404, 1),
    } == {(one["action"], one["pointer"], one["kind"], one["value"], one["count"]) for one in shown}
    (pages,) = [one for one in shown if one["pointer"] == "200/pages"]
    assert ("2026-01-01T10:00:01Z", "2026-01-01T10:00:20Z", "") == (
        pages["first_at"],
        pages["last_at"],
        pages["connection"],
    )


def test_traffic_of_another_address_is_named(service: Any, slug: str, books: str) -> None:
    register(service, slug, books)
    seen = told(observe(service, slug, recording(), origin=None))
    assert {"it went to another address than the system's": 61} == seen["passed_over"]
    assert (["https://books.example"], 0, None) == (seen["hosts"], seen["exchanges"], seen["revision"])


@pytest.mark.parametrize(
    ("content", "origin", "status"),
    [(b"{}", RECORDED, 422), (b"", RECORDED, 422), (recording(), "ftp://x", 422), (b"x" * 33 * 2**20, RECORDED, 413)],
    ids=["no HAR", "empty", "wrong origin", "too large"],
)
def test_what_cannot_be_used_is_refused_with_a_reason(
    service: Any, slug: str, books: str, content: bytes, origin: str, status: int
) -> None:
    register(service, slug, books)
    problem = told(observe(service, slug, content, origin), status)
    assert problem["detail"]
    assert 0 == len(told(service.admin.get(f"/v1/systems/{slug}/observations"))["items"])


def test_traffic_of_an_unknown_system_is_refused(service: Any) -> None:
    assert 404 == observe(service, "no_such_system", recording()).status_code


def test_the_command_line_sends_a_recording_and_shows_what_was_seen(service: Any, slug: str, tmp_path: Path) -> None:
    file = tmp_path / "books.har"
    file.write_bytes(recording())
    sent = command(service, "observe", slug, str(file), "--base-url", RECORDED, "--json")
    assert (61, 61, 3, 1) == tuple(json.loads(sent)[name] for name in ("exchanges", "new", "actions", "revision"))
    assert "61 exchanges" in command(service, "observe", slug, str(file))
    assert [] == json.loads(command(service, "observe", slug, "--json"))


def command(service: Any, *arguments: str) -> str:
    """What the command prints."""
    environment = os.environ | {"INTERLOCK_URL": service.url, "INTERLOCK_API_KEY": service.admin_key}
    line = [sys.executable, "-m", "api.cli", *arguments]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert 0 == done.returncode, done.stderr
    return done.stdout
