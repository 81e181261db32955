"""Which network addresses Interlock may connect to.

Judges the address that a name resolved to, never the name: `2130706433`, `0x7f.1`, `0177.0.0.1` and `127.1` are all
127.0.0.1 by the time they come here.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from tools import errors

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[tuple[Address, ...]]]
#: host and port to every address of the host, in the order they should be tried


class Unresolved(Exception):
    """The name has no address."""


#: What a System may be allowed to reach although it is not public. Nothing else that is not public ever is: not
#: link-local (cloud metadata lives there), multicast, broadcast, unspecified (Linux takes 0.0.0.0 for loopback).
PRIVATE = tuple(
    ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "fc00::/7",
        "::1/128",
    )
)

#: Never reached, though some are public or private by number: the metadata and agent endpoints of Alibaba, Azure,
#: Oracle and AWS, then ranges that `is_global` of Python 3.11 takes for public (IANA special-purpose registries).
NEVER = tuple(
    ip_network(network)
    for network in (
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "fd00:ec2::254/128",
        "192.88.99.0/24",
        "3fff::/20",
    )
)

GLOBAL_UNICAST = IPv6Network("2000::/3")

#: Prefixes whose last 32 bits are an IPv4 address: IPv4-compatible and IPv4-mapped (RFC 4291 section 2.5.5),
#: IPv4-translated (RFC 2765 section 2.1), NAT64 (RFC 6052 section 2.1).
EMBEDDING = tuple(IPv6Network(prefix) for prefix in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96"))


def checked(addresses: tuple[Address, ...], *, allow_private: bool) -> tuple[Address, ...]:
    """`addresses`, all of which may be connected to.

    One denied address denies them all: a name with a public and a private address is how rebinding looks.
    Raises `AddressDenied`.
    """
    for address in addresses:
        if (why := refusal(address, allow_private=allow_private)) is not None:
            raise errors.AddressDenied(why)
    return addresses


def refusal(address: Address, *, allow_private: bool) -> str | None:
    """Why `address` may not be connected to, or None when it may."""
    inner = innermost(address)
    if _within(inner, NEVER):
        return f"{address} is a reserved or metadata address, which no System may use"
    if _is_public(inner):
        return None
    if not _within(inner, PRIVATE):
        return f"{address} is not a host's address (link-local, multicast, reserved or unspecified)"
    if allow_private:
        return None
    return f"{address} is a private address and the System does not allow those. An admin can allow it per System."


def innermost(address: Address) -> Address:
    """The IPv4 address that traffic to an IPv6 address ends at when it embeds one, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    # ::1 and :: lie in ::/96 but embed nothing.
    if int(address) > 1 and any(address in network for network in EMBEDDING):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


async def resolve(host: str, port: int) -> tuple[Address, ...]:
    """Every address of `host` by the system's resolver. Raises `Unresolved` when it has none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        # UnicodeError: the IDNA codec refuses empty and overlong labels before any look-up.
        raise Unresolved from exc
    return tuple(dict.fromkeys(ip_address(entry[4][0]) for entry in found))


def _is_public(address: Address) -> bool:
    is_usable = address.is_global and not address.is_multicast and not address.is_reserved
    return is_usable and (address.version == 4 or address in GLOBAL_UNICAST)


def _within(address: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
