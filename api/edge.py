"""What holds for every request and answer, whatever its route: a bound on bodies, and headers for browsers."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems

MIB = 1024 * 1024
MAX_BODY = 1 * MIB
MAX_DOCUMENT = 32 * MIB
#: as much as `discovery.document` reads

#: Pages load our one style sheet and nothing else, run no script, and send forms only back to us.
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # `no-referrer` would make browsers send `Origin: null` with our own forms (Fetch standard, section 3.2).
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NO_STORE = (b"cache-control", b"no-store")


class Headers:
    """Sets the headers above on every answer; nothing but the style sheet may be kept by a cache."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        is_static = scope["path"].startswith("/static/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS, *(() if is_static else (NO_STORE,))]
            await send(message)

        await self._app(scope, receive, with_headers)


class BodyLimit:
    """Reads each body whole before the route runs, and answers 413 when it is larger than its route takes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        limit = MAX_DOCUMENT if _takes_document(scope) else MAX_BODY
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None  # the client has gone
            body += message.get("body", b"")
            if len(body) > limit:
                detail = f"The body is larger than {limit // MIB} MiB, which is the most that is read here."
                return await problems.response(problems.of_status(413, detail))(scope, receive, send)
            if not message.get("more_body"):
                break
        is_read = False

        async def replay() -> Message:
            nonlocal is_read
            if is_read:
                return await receive()
            is_read = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, replay, send)


def _takes_document(scope: Scope) -> bool:
    path: str = scope["path"]
    return path == "/v1/systems" or (path.startswith("/v1/systems/") and path.endswith(("/document", "/observations")))
