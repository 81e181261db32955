"""Which credentials the exchanges carried, as OpenAPI security schemes, and which headers are arguments instead."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from discovery.exchange import Exchange
from discovery.redaction import is_secret_name

HTTP_SCHEMES = frozenset({"basic", "bearer", "digest"})
ARGUMENTS = re.compile(r"if-match|if-none-match|prefer|.*idempotency.*|[a-z]+-version|x-[a-z0-9-]+")
#: request headers that may say something about the operation
SET_BY_CLIENTS = re.compile(
    r"x-(requested-with|forwarded.*|real-ip|request-id|correlation-id|trace.*|b3.*|amzn.*|client.*|datadog.*|sentry.*"
    r"|newrelic.*|cloud-trace.*|same-domain|goog.*|browser.*|device.*|app.*|stainless.*|http-method.*"
    r"|method-override|original.*|rewrite.*|csrf.*|xsrf.*)|http-version|sec-.*"
)
#: what browsers, client libraries and proxies put there by themselves


def schemes(exchanges: Iterable[Exchange]) -> dict[str, Any]:
    """The security schemes by name, the most used first."""
    seen: Counter[tuple[str, str]] = Counter()
    for one in exchanges:
        seen.update(_carried(one))
    return {f"{kind}_{name}".lower(): _scheme(kind, name) for (kind, name), _ in seen.most_common()}


def query_names(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """The query arguments that are credentials."""
    return frozenset(name for one in exchanges for name, _ in one.query if is_secret_name(name))


def is_parameter(header: str) -> bool:
    """Whether a request header is an argument of the operation, rather than the client's own business."""
    if is_secret_name(header) and "idempotency" not in header:
        return False
    return ARGUMENTS.fullmatch(header) is not None and SET_BY_CLIENTS.fullmatch(header) is None


def _carried(exchange: Exchange) -> Iterable[tuple[str, str]]:
    for name, value in exchange.request_headers:
        scheme = value.partition(" ")[0].lower()
        if name == "authorization":
            yield ("http", scheme) if scheme in HTTP_SCHEMES else ("header", "Authorization")
        elif name == "cookie":
            names = [part.partition("=")[0].strip() for part in value.split(";")]
            yield "cookie", next((one for one in names if is_secret_name(one)), names[0])
        elif is_secret_name(name) and "idempotency" not in name and SET_BY_CLIENTS.fullmatch(name) is None:
            yield "header", name
    for name, _ in exchange.query:
        if is_secret_name(name):
            yield "query", name


def _scheme(kind: str, name: str) -> dict[str, str]:
    if kind == "http":
        return {"type": "http", "scheme": name}
    return {"type": "apiKey", "in": kind, "name": name}
