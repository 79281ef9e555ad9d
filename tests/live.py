"""The stream behind live parts of pages, in a thread of this process."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from threading import Thread

import uvicorn

from portal.live.app import Live
from tests.platform.helpers import soon


@contextlib.contextmanager
def serving_live(app: Live | None = None) -> Iterator[int]:
    """It answers on the port given, and works on whatever database this process is on now."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app or Live(), log_level="warning", lifespan="on", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    assert soon(lambda: server.started)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
