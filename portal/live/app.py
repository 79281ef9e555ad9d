"""The stream behind live parts of pages: text/event-stream, and nothing else. Served by a process of its own.

What it sends is what anybody may read; so it asks for no session and sets no cookie.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http.request import validate_host

from portal.live.hub import Frames, Listener
from portal.live.topics import TOPICS

PATH, HEALTH = "/live/stream/", "/live/health/"
PING = 20.0  # seconds: proxies cut what says nothing for a minute
RETRY = 5000  # milliseconds after which a browser that was cut off comes back
MOST = 2000  # browsers at a time; the next one asks from time to time instead

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Live:
    """An ASGI application: one listener, any number of streams."""

    def __init__(self) -> None:
        self.frames = Frames()
        self.listener: Listener | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(self.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def start(self) -> None:
        """A thread and not a task: what it asks of the database is ordinary code, and a request's context is not its."""
        self.frames.loop = asyncio.get_running_loop()
        self.listener = Listener(self.frames)
        self.listener.start()

    def stop(self) -> None:
        if self.listener is not None:
            self.listener.stop()

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        topics = [one for one in _asked(scope) if one in TOPICS]
        if scope["path"] == HEALTH:  # a probe calls by the container's own address
            alive = self.listener is not None and self.listener.is_alive()
            await _short(send, 200 if alive else 503)
        elif not validate_host(_host_of(headers.get(b"host", "")), settings.ALLOWED_HOSTS):
            await _short(send, 400)
        elif scope["method"] != "GET":
            await _short(send, 405)
        elif scope["path"] != PATH or not topics:
            await _short(send, 404)
        elif len(self.frames.waiting) >= MOST:
            await _short(send, 503)
        else:
            await self._stream(topics, headers.get(b"origin", ""), receive, send)

    async def _stream(self, topics: list[str], origin: str, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _headers(origin)})
        queue: asyncio.Queue[None] = asyncio.Queue(maxsize=1)
        queue.put_nowait(None)
        self.frames.waiting.add(queue)
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await _body(send, f"retry: {RETRY}\n\n".encode())
            await self._feed(topics, queue, gone, send)
        except asyncio.CancelledError:  # the process ends: the browser comes back by itself
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.frames.waiting.discard(queue)
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone

    async def _feed(self, topics: list[str], queue: asyncio.Queue[None], gone: Any, send: Send) -> None:
        """Whatever looks different from what this browser has, until it is gone."""
        sent: dict[str, str] = {}
        while not gone.done():
            nudge = asyncio.ensure_future(queue.get())
            done, _ = await asyncio.wait({nudge, gone}, timeout=PING, return_when=asyncio.FIRST_COMPLETED)
            if nudge not in done:
                nudge.cancel()
                if gone in done:
                    return
                await _body(send, b": ping\n\n")
            for name in topics:
                version = self.frames.versions.get(name)
                if version is not None and sent.get(name) != version:
                    sent[name] = version
                    await _body(send, self.frames.bytes[name])


def _asked(scope: Scope) -> list[str]:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return list(dict.fromkeys(one for part in query.get("topics", []) for one in part.split(",")))


def _host_of(host: str) -> str:
    return host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host


def _headers(origin: str) -> list[tuple[bytes, bytes]]:
    found = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"content-encoding", b"identity"),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
        (b"vary", b"Origin"),
    ]
    # pages of ours on another port: on one machine without a proxy the stream has its own
    if origin and validate_host(urlsplit(origin).hostname or "", settings.ALLOWED_HOSTS):
        found.append((b"access-control-allow-origin", origin.encode("latin-1")))
    return found


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(send: Send, content: bytes) -> None:
    await send({"type": "http.response.body", "body": content, "more_body": True})


async def _short(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": str(status).encode()})
