"""The guarded POST: which addresses nothing is posted to, and that nothing gets past it."""

from __future__ import annotations

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engines.notifications import outgoing
from engines.notifications.outgoing import Blocked, Unreachable

INNER = [
    "127.0.0.1", "127.1", "127.255.255.254", "0.0.0.0", "0", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254",
    "192.168.0.1", "169.254.169.254", "100.64.0.1", "100.127.255.254", "192.0.0.8", "198.18.0.1", "203.0.113.7",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "2130706433", "0x7f000001", "0177.0.0.1", "017700000001",
    "0x7f.1", "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]", "[::ffff:7f00:1]", "[2002:7f00:1::]", "[2002:a00:1::1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2001:db8::1]", "localhost", "LOCALHOST", "localhost.",
]  # fmt: skip
OUTER = ["8.8.8.8", "[2606:4700:4700::1111]", "[::ffff:8.8.8.8]", "[64:ff9b::808:808]"]


@pytest.fixture
def strict(settings):
    """As in production."""
    settings.WEBHOOK_LOOPBACK = False


@pytest.mark.parametrize("host", INNER)
def test_nothing_is_posted_into_our_own_network(strict, host):
    with pytest.raises((Blocked, Unreachable)) as refusal:
        outgoing.target(f"https://{host}/hook")
    if not isinstance(refusal.value, Blocked):  # a spelling that this resolver does not take for an address
        assert "无法解析" in str(refusal.value)


@pytest.mark.parametrize("host", OUTER)
def test_public_addresses_are_allowed(strict, host):
    assert outgoing.target(f"https://{host}/hook").addresses == (ip_address(host.strip("[]")),)


def test_an_inner_network_can_be_allowed(strict, settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = ["10.20.0.0/16"]
    assert outgoing.target("https://10.20.3.4/hook").port == 443
    with pytest.raises(Blocked):
        outgoing.target("https://10.21.0.1/hook")
    with pytest.raises(Blocked):
        outgoing.target("https://[::1]/hook")


def resolving(monkeypatch, *addresses: str) -> list[str]:
    asked: list[str] = []

    def answer(host, port, **kwargs):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_one_inner_address_among_those_of_a_name_is_enough(strict, monkeypatch):
    resolving(monkeypatch, "8.8.8.8", "10.0.0.1")
    with pytest.raises(Blocked, match=r"10\.0\.0\.1"):
        outgoing.target("https://rebind.example.com/hook")


def test_the_name_is_asked_for_once_and_what_was_looked_at_is_connected_to(settings, monkeypatch, receiver):
    asked = resolving(monkeypatch, "127.0.0.1")
    real = socket.create_connection
    connected: list = []

    def connect(address, *args, **kwargs):
        connected.append(address)
        monkeypatch.undo()  # to a literal address no name is asked for
        return real(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", connect)
    assert outgoing.post(f"http://localhost:{receiver.port}/hook", b"{}", {}) == 204
    assert (asked, connected) == (["localhost"], [("127.0.0.1", receiver.port)])
    assert receiver.posts[0][1]["host"] == f"localhost:{receiver.port}"


BAD = [
    "http://example.com/hook", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "javascript:alert(1)",
    "//example.com/", "example.com", "https://", "https:///x", "https://user@example.com/", "https://u:p@example.com/",
    "https://example.com/#x", "https://example.com:0/", "https://example.com:99999/", "https://exa mple.com/",
    "https://example.com\\@10.0.0.1/", "https://例子.中国/", "https://example.com/\r\nX: 1", "https://[::1", "https://" + "a" * 600,
]  # fmt: skip


@pytest.mark.parametrize("url", BAD)
def test_what_is_no_plain_https_address_is_refused(strict, url):
    with pytest.raises(Blocked):
        outgoing.check(url)


def test_http_is_for_this_machine_while_trying_out(settings):
    settings.WEBHOOK_LOOPBACK = True
    assert outgoing.check("http://127.0.0.1:8000/x").port == 8000
    with pytest.raises(Blocked):
        outgoing.check("http://example.com/x")


def test_a_redirect_is_not_followed(receiver):
    receiver.status, receiver.location = 302, f"http://127.0.0.1:{receiver.port}/elsewhere"
    assert outgoing.post(receiver.url, b"{}", {}) == 302
    assert [path for path, _, _ in receiver.posts] == ["/hook?for=us"]


def test_an_answer_that_drips_is_cut_off_at_the_deadline(receiver, monkeypatch):
    monkeypatch.setattr(outgoing, "TIMEOUT", 1.0)
    receiver.drip = True
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="1秒内没有应答"):
        outgoing.post(receiver.url, b"{}", {})
    assert time.monotonic() - begun < 3


def test_a_port_where_nobody_listens_is_told():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with pytest.raises(Unreachable, match="连接失败：ConnectionRefusedError"):
        outgoing.post(f"http://127.0.0.1:{port}/", b"{}", {})


def test_tls_is_asked_for_and_its_certificate_looked_at(receiver):
    """The receiver speaks no TLS: a post by https does not fall back."""
    with pytest.raises(Unreachable):
        outgoing.post(f"https://127.0.0.1:{receiver.port}/", b"{}", {})
    assert receiver.posts == []


def test_a_proxy_of_the_environment_is_not_used(receiver, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert outgoing.post(receiver.url, b"{}", {}) == 204


@pytest.fixture(scope="module")
def certified(tmp_path_factory) -> dict[str, str]:
    """A certificate for localhost by itself, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=4000))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    pem = folder / "cert.pem"
    pem.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    secret = folder / "key.pem"
    form = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return {"certfile": str(pem), "keyfile": str(secret)}


@pytest.fixture
def by_tls(receiver, certified):
    """The receiver, speaking TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(**certified)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    return receiver


def test_a_certificate_that_an_authority_stands_for_is_taken(by_tls, certified, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certified["certfile"])
    assert outgoing.post(f"https://localhost:{by_tls.port}/hook", b"{}", {}) == 204


def test_a_certificate_that_nobody_stands_for_is_not_taken(by_tls):
    with pytest.raises(Unreachable, match="证书无效"):
        outgoing.post(f"https://localhost:{by_tls.port}/hook", b"{}", {})
    assert by_tls.posts == []


def test_a_certificate_of_another_name_is_not_taken(by_tls, certified, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certified["certfile"])
    with pytest.raises(Unreachable, match="证书无效"):
        outgoing.post(f"https://127.0.0.1:{by_tls.port}/hook", b"{}", {})
    assert by_tls.posts == []
