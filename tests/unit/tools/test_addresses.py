"""Which addresses may be connected to."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import addresses, errors

NAT64, MAPPED, COMPATIBLE, TRANSLATED = "64:ff9b::", "::ffff:0:0", "::", "::ffff:0:0:0"


def embedded(prefix: str, inner: IPv4Address) -> IPv6Address:
    return IPv6Address(int(IPv6Address(prefix)) | int(inner))


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::1"])
def test_a_public_address_may_be_used(text: str) -> None:
    assert addresses.refusal(ip_address(text), allow_private=False) is None


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "127.8.9.10",
        "10.0.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "::1",
        "fc00::1",
        "fd12:3456::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "::7f00:1",
        "::ffff:0:7f00:1",
        "2002:7f00:1::",
        "2002:a00:1::5",
        "2001:0:0:0:0:0:80ff:fffe",
    ],
)
def test_a_private_address_needs_leave(text: str) -> None:
    refused = addresses.refusal(ip_address(text), allow_private=False)

    assert refused is not None
    assert "private" in refused
    assert addresses.refusal(ip_address(text), allow_private=True) is None


@pytest.mark.parametrize("allow_private", [False, True], ids=["public only", "private allowed"])
@pytest.mark.parametrize(
    "text",
    [
        "169.254.169.254",
        "169.254.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "::ffff:0.0.0.0",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "240.0.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "64:ff9b:1::7f00:1",
        "4000::1",
    ],
)
def test_no_leave_opens_metadata_link_local_multicast_or_reserved(text: str, allow_private: bool) -> None:
    assert addresses.refusal(ip_address(text), allow_private=allow_private) is not None


@given(
    inner=st.integers(0, 2**32 - 1).map(IPv4Address),
    prefix=st.sampled_from([NAT64, MAPPED, COMPATIBLE, TRANSLATED]),
    allow_private=st.booleans(),
)
@settings(max_examples=100)
def test_an_embedded_address_fares_as_it_would_alone(inner: IPv4Address, prefix: str, allow_private: bool) -> None:
    outer = embedded(prefix, inner)
    alone = addresses.refusal(inner, allow_private=allow_private)
    within = addresses.refusal(outer, allow_private=allow_private)

    assert (within is None) == (alone is None) or int(outer) <= 1


@given(address=st.ip_addresses())
@settings(max_examples=100)
def test_leave_for_private_addresses_never_closes_one(address: IPv4Address | IPv6Address) -> None:
    if addresses.refusal(address, allow_private=False) is None:
        assert addresses.refusal(address, allow_private=True) is None


def test_one_denied_address_denies_the_name() -> None:
    mixed = (ip_address("1.1.1.1"), ip_address("127.0.0.1"))

    with pytest.raises(errors.AddressDenied):
        addresses.checked(mixed, allow_private=False)
