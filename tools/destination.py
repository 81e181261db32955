"""Where a request goes: reads URLs strictly and holds them to the base URL that an admin set for the System."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from tools import errors

DEFAULT_PORTS = {"http": 80, "https": 443}

#: RFC 3986 section 2, as characters. Anything else (space, backslash, control, non-ASCII) must come percent-encoded.
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """An http or https URL in parts, as they go on the wire; nothing in it is normalised away."""

    scheme: str
    host: str
    #: lower case; an IPv6 address without its brackets
    port: int
    path: str
    query: str | None

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        return self.path if self.query is None else f"{self.path}?{self.query}"

    def with_query(self, extra: str) -> Destination:
        return replace(self, query=f"{self.query}&{extra}" if self.query else extra)


def parse(url: str) -> Destination:
    """`url` in parts. Raises `RequestUnsafe` for anything but a plain absolute http(s) URL."""
    if not _URL_CHARACTERS.fullmatch(url):
        raise errors.RequestUnsafe("the URL holds characters that must be percent-encoded")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise errors.RequestUnsafe("the URL's host or port cannot be read") from exc
    if parts.scheme not in DEFAULT_PORTS:
        raise errors.RequestUnsafe("the URL must be absolute and begin with http:// or https://")
    if "@" in parts.netloc:
        raise errors.RequestUnsafe("the URL holds a user name or password. Put them into the connection's credential.")
    if "#" in url:
        raise errors.RequestUnsafe("the URL holds a fragment, which no server sees")
    return Destination(
        scheme=parts.scheme,
        host=_host(parts.netloc),
        port=DEFAULT_PORTS[parts.scheme] if port is None else port,
        path=_climbless(parts.path or "/"),
        query=parts.query if "?" in url else None,
    )


def below(url: str, base_url: str) -> Destination:
    """`url` in parts, provided that it lies below `base_url`: same scheme, host and port, path under its path.

    Raises `RequestUnsafe`.
    """
    base, destination = parse(base_url), parse(url)
    if destination.origin != base.origin:
        raise errors.RequestUnsafe("the URL's scheme, host or port is not that of the System's base URL")
    if not f"{destination.path}/".startswith(base.path.rstrip("/") + "/"):
        raise errors.RequestUnsafe("the URL's path does not lie below the System's base URL")
    return destination


def check_port(destination: Destination, allowed: tuple[int, ...] | None) -> None:
    """Raises `AddressDenied` for a port outside `allowed`. None allows every port that an admin wrote into a URL."""
    if allowed is not None and destination.port not in allowed:
        raise errors.AddressDenied(f"port {destination.port} is not among the ports this System may use")


def _host(netloc: str) -> str:
    host = re.sub(r":\d*$", "", netloc.lower())
    if not _HOST.fullmatch(host):
        raise errors.RequestUnsafe("the URL has no usable host name. Write an international one in punycode.")
    return host.strip("[]")


def _climbless(path: str) -> str:
    """`path`, provided that none of its segments climbs. Raises `RequestUnsafe`.

    Servers decode, and some cut `;` parameters or take `\\` for `/`, before they resolve `..`, so it is read like that.
    """
    segments = re.split(r"[/\\]", unquote(path))
    if any(segment.split(";")[0] in (".", "..") for segment in segments):
        raise errors.RequestUnsafe("the URL's path holds a dot segment (`.` or `..`, perhaps encoded)")
    return path
