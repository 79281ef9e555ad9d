"""A real mail server and a real receiver of webhooks, on this machine."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Postmaster:
    """What aiosmtpd asks. `refuse` gives an answer to a recipient, `reject` to a letter's content."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.to: list[str] = []
        self.refuse: dict[str, str] = {}
        self.reject = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.reject:
            return self.reject
        self.raw.append(envelope.content)
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.to += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def mail_on(settings) -> None:
    """As with EMAIL_URL set, to a server that is not there."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_CONFIGURED = True
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 5


@pytest.fixture
def postmaster(settings, mail_on) -> Iterator[Postmaster]:
    """A mail server that takes everything it is not told to refuse."""
    handler = Postmaster()
    controller = Controller(handler, hostname="127.0.0.1", port=0)
    controller.port = _free_port()
    controller.start()
    settings.EMAIL_PORT = controller.port
    try:
        yield handler
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Receiver:
    """A web server that notes what it is posted and answers `status` (with `location`), or does as `drip` says."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 204
        self.location = ""
        self.drip = False
        self.stop = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.posts.append((self.path, headers, body))
                if receiver.drip:
                    receiver.drip_into(self.wfile)
                    return
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def drip_into(self, out: Any) -> None:
        """A head that never ends, a byte at a time."""
        out.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not self.stop.wait(0.1):
            try:
                out.write(b"x")
                out.flush()
            except OSError:
                return

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?for=us"

    def close(self) -> None:
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    one = Receiver()
    try:
        yield one
    finally:
        one.close()
