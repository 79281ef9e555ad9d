"""The embedded Valkey: a real broker on a socket, gone with its parent."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from tests.platform.helpers import soon, started
from voucher_platform.embedded import places, valkey

SERVE = """
import sys, time
from pathlib import Path
from voucher_platform.embedded import valkey
with valkey.serving(Path(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def state_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="v", dir="/tmp") as made:
        yield Path(made)
        for data in Path(made).rglob("valkey"):
            places.forget(data, valkey.SOCKET)


@pytest.mark.parametrize(
    "name",
    ["a path with blanks", "一个中文目录", "50% off? #1", "很长的中文目录名" * 6],
    ids=["blank", "chinese", "odd", "long"],
)
def test_celery_reaches_it_at_any_path(state_dir, name):
    with valkey.serving(state_dir / name) as url, Celery(broker=url) as app:
        app.send_task("nothing")
        with app.connection_for_read() as connection:
            assert connection.default_channel.client.llen("celery") == 1


def test_the_queue_survives_a_restart(state_dir):
    for expected in (1, 2):
        with valkey.serving(state_dir) as url, Celery(broker=url) as app:
            app.send_task("nothing")
            with app.connection_for_read() as connection:
                assert connection.default_channel.client.llen("celery") == expected


def test_it_dies_with_its_parent(state_dir):
    socket = places.name_of(state_dir / "valkey", valkey.SOCKET) / valkey.SOCKET
    with started(SERVE, str(state_dir)):
        assert valkey.answers(socket)
    assert soon(lambda: not valkey.answers(socket))


def test_a_failing_start_shows_the_servers_own_words(state_dir):
    (state_dir / "valkey").mkdir()
    (state_dir / "valkey" / valkey.SOCKET).mkdir()
    with pytest.raises(RuntimeError, match="Failed opening Unix socket"):
        valkey.start(state_dir)


def test_no_binary_at_all_says_what_to_do(monkeypatch):
    monkeypatch.setattr(valkey.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(valkey.shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match="set REDIS_URL"):
        valkey._binary()
