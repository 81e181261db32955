"""HTTPS: the certificate is checked against the name, although the connection goes to a checked address."""

import datetime
import ssl
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tools.egress import Answered, Cause, NotSent
from tools.wire import Request

NAME = "crm.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    """A self-signed certificate for `NAME`, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
async def server(serve, certificate, ok_answer):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return await serve(ok_answer(), ssl=context)


async def loopback(host: str, port: int):
    return (ip_address("127.0.0.1"),)


async def test_the_name_is_verified_and_the_address_connected_to(open_egress, server, certificate, target_of) -> None:
    egress = open_egress(resolver=loopback, tls=ssl.create_default_context(cafile=str(certificate[0])))
    url = f"https://{NAME}:{server.port}"

    sent = await egress.send(Request(method="GET", url=f"{url}/x"), target_of(url))

    assert isinstance(sent, Answered)
    assert f"Host: {NAME}:{server.port}".encode() in server.requests[0].split(b"\r\n")


async def test_a_certificate_for_another_name_sends_nothing(open_egress, server, certificate, target_of) -> None:
    egress = open_egress(resolver=loopback, tls=ssl.create_default_context(cafile=str(certificate[0])))
    url = f"https://other.example:{server.port}"

    sent = await egress.send(Request(method="POST", url=f"{url}/x"), target_of(url, kind="bearer", token="s"))

    assert isinstance(sent, NotSent)
    assert (Cause.TLS, []) == (sent.cause, server.requests)
    assert "certificate is not valid for 'other.example'" in sent.reason


async def test_an_unknown_issuer_sends_nothing_by_default(open_egress, server, target_of) -> None:
    url = f"https://{NAME}:{server.port}"

    sent = await open_egress(resolver=loopback).send(Request(method="POST", url=f"{url}/x"), target_of(url))

    assert isinstance(sent, NotSent)
    assert (Cause.TLS, []) == (sent.cause, server.requests)
    assert sent.reason.startswith("the TLS handshake failed: self-signed certificate")


async def test_a_server_that_speaks_no_tls_gets_nothing(open_egress, serve, target_of, ok_answer) -> None:
    server = await serve(ok_answer())
    url = f"https://{NAME}:{server.port}"

    egress = open_egress(resolver=loopback)
    sent = await egress.send(Request(method="POST", url=f"{url}/x"), target_of(url, timeout_s=0.5))

    assert isinstance(sent, NotSent)
    assert (Cause.TLS, []) == (sent.cause, server.requests)
