"""One guarded POST to an address that somebody typed: never into our own network, never longer than five seconds.

The name is resolved once, every address it has is looked at, and the connection goes to one that was looked
at: a name that changes its address in between gains nothing. Redirects are not followed, proxies of the
environment not used, the answer's body not read.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

TIMEOUT = 5.0  # for all of it: connecting, TLS, sending, the answer's head
LONGEST = 500
Address = IPv4Address | IPv6Address
NAT64 = ip_network("64:ff9b::/96")
# set apart by IANA, and not known to be so by every Python 3.11
SET_APART = tuple(ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "100::/64"))


class Blocked(Exception):
    """The address is one that nothing may be posted to. Says which and why."""


class Unreachable(Exception):
    """No answer: no such name, no connection, no valid certificate, or too late."""


@dataclass(frozen=True)
class Target:
    """Where a URL leads: `host` is named in the request, one of `addresses` is connected to."""

    parts: SplitResult
    host: str
    port: int
    addresses: tuple[Address, ...]


def check(url: str) -> SplitResult:
    """The URL's parts, if its form is allowed; a host written as a number is looked at too. Raises Blocked."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Blocked(f"回调地址须为不超过{LONGEST}个半角字符的网址，不含空格")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Blocked("回调地址不是有效的网址") from None
    if parts.scheme not in ("https", "http") or not host or port == 0:
        raise Blocked("回调地址须为 https:// 开头的网址")
    if parts.username is not None or parts.password is not None or "#" in url:
        raise Blocked("回调地址不能带用户名、密码或 # 片段")
    if parts.scheme == "http" and not (settings.WEBHOOK_LOOPBACK and host in ("localhost", "127.0.0.1", "::1")):
        raise Blocked("回调地址须为 https:// 开头的网址")
    try:
        literal = ip_address(host)
    except ValueError:
        return parts
    _require_allowed(literal)
    return parts


def target(url: str) -> Target:
    """Where the URL leads now. Raises Blocked when any of the name's addresses is not allowed, Unreachable when it has none."""
    parts = check(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"无法解析主机名 {host}") from error
    addresses = [ip_address(str(one[4][0]).split("%")[0]) for one in found]
    for address in addresses:
        _require_allowed(address)
    return Target(parts, host, port, tuple(dict.fromkeys(addresses)))


def _require_allowed(address: Address) -> None:
    plain = _plain(address)
    if plain.is_loopback and settings.WEBHOOK_LOOPBACK:
        return
    if any(plain in ip_network(network) for network in settings.WEBHOOK_ALLOWED_NETWORKS):
        return
    closed = not plain.is_global or plain.is_multicast or plain.is_reserved or plain.is_unspecified
    if closed or any(plain in network for network in SET_APART):
        raise Blocked(f"不允许向内部或保留地址 {address} 回调")


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 address only wraps (mapped, 6to4, NAT64, Teredo), or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour or address
    if address.teredo:
        return address.teredo[1]
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status that the address answered with. Raises Blocked or Unreachable."""
    aim = target(url)
    connection = _Pinned(aim)
    path = (aim.parts.path or "/") + (f"?{aim.parts.query}" if aim.parts.query else "")
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json; charset=utf-8", **headers})
        status = connection.getresponse().status
        if connection.late.is_set():  # cut off, the head it had begun reads as a whole one
            raise TimeoutError
        return status
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(f"证书无效：{error.verify_message}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = f"{TIMEOUT:.0f}秒内没有应答" if connection.late.is_set() else f"连接失败：{type(error).__name__}"
        raise Unreachable(late) from error
    finally:
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was looked at, under the name it was found by, that ends at its deadline.

    A socket's own timeout starts anew with every byte: an answer that drips would hold the sender for hours. At
    the deadline the connection is therefore shut down from beside, by a duplicate of its descriptor.
    """

    def __init__(self, aim: Target) -> None:
        self.default_port = 443 if aim.parts.scheme == "https" else 80
        super().__init__(aim.host, aim.port)
        self.aim = aim
        self.late = threading.Event()
        self._timer: threading.Timer | None = None

    def connect(self) -> None:
        deadline = time.monotonic() + TIMEOUT
        raw = self._reach(deadline)
        self._twin = socket.socket(fileno=os.dup(raw.fileno()))
        self._timer = threading.Timer(deadline - time.monotonic(), self._end, [self._twin])
        self._timer.daemon = True
        self._timer.start()
        raw.settimeout(TIMEOUT)
        self.sock = raw
        if self.aim.parts.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=self.aim.host)

    def _reach(self, deadline: float) -> socket.socket:
        """The first of the addresses that answers; each gets its share of the time."""
        *others, last = self.aim.addresses
        for tried, address in enumerate(others):
            share = (deadline - time.monotonic()) / (len(others) + 1 - tried)
            try:
                return socket.create_connection((str(address), self.aim.port), max(share, 0.1))
            except OSError:
                continue
        return socket.create_connection((str(last), self.aim.port), max(deadline - time.monotonic(), 0.1))

    def _end(self, twin: socket.socket) -> None:
        self.late.set()
        try:
            twin.shutdown(socket.SHUT_RDWR)
        except OSError:  # it has ended by itself
            return

    def close(self) -> None:
        super().close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()  # nobody else closes the twin while it is being shut down
            self._timer = None
            self._twin.close()
