"""Ports, locks and children."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.platform.helpers import soon, started
from voucher_platform.processes import AlreadyRunning, Family, claimed_port, only_one

FAMILY = """
import sys, time
from pathlib import Path
from voucher_platform.processes import Family
family = Family(logs=Path(sys.argv[1]))
child = family.start("child", [sys.executable, "-c", "import time; time.sleep(60)"])
print(child.process.pid, flush=True)
(Path(sys.argv[1]) / "pid").write_text(str(child.process.pid))
time.sleep(60)
"""
CLAIM = """
import sys, time
from voucher_platform.processes import claimed_port
with claimed_port("127.0.0.1", int(sys.argv[1])) as port:
    print(port, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def first() -> int:
    """A port that is free now, far from the ones others use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1] - 1


def gone(pid: int) -> bool:
    """No such process, or a zombie that only waits to be counted."""
    try:
        return ") Z" in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


def test_the_next_free_port(first):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with claimed_port("127.0.0.1", first) as port:
            start = port
        taken.bind(("127.0.0.1", start))
        taken.listen()
        with claimed_port("127.0.0.1", start) as port:
            assert port > start


def test_two_copies_never_choose_the_same_port_before_either_has_bound_it(first):
    with claimed_port("127.0.0.1", first) as ours, claimed_port("127.0.0.1", first) as theirs:
        assert theirs > ours


def test_a_killed_copy_gives_its_port_back(first):
    with claimed_port("127.0.0.1", first) as port:
        pass
    with started(CLAIM, str(port)), claimed_port("127.0.0.1", port) as other:
        assert other > port
    with claimed_port("127.0.0.1", port) as again:
        assert again == port


def test_no_port_left(first):
    with (
        claimed_port("127.0.0.1", first) as port,
        pytest.raises(OSError, match="in use"),
        claimed_port("127.0.0.1", port, tries=1),
    ):
        pass


def test_a_host_that_is_not_ours_is_another_error():
    with pytest.raises(OSError, match="assign"), claimed_port("203.0.113.1", 8000):
        pass


def test_only_one_at_a_time_and_the_second_is_told_who(tmp_path):
    with only_one(tmp_path / "run.lock") as lock:
        lock.write_text("process 1, http://127.0.0.1:8000/")
        with pytest.raises(AlreadyRunning, match="process 1, http"), only_one(lock):
            pass
    with only_one(tmp_path / "run.lock") as lock:
        assert lock.read_text() == ""


def test_children_end_when_asked(tmp_path):
    family = Family(logs=tmp_path)
    child = family.start("child", [sys.executable, "-c", "import time; time.sleep(60)"])
    assert family.ended() is None
    family.stop()
    assert child.process.returncode == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed_with_its_own_children(tmp_path, monkeypatch):
    monkeypatch.setattr("voucher_platform.processes.GRACE", 0.3)
    family = Family(logs=tmp_path)
    child = family.start("deaf", ["sh", "-c", "trap '' TERM; sleep 60 & echo $!; while true; do sleep 1; done"])
    assert soon(lambda: child.log.read_text().strip() != "")
    grandchild = int(child.log.read_text())
    family.stop()
    assert child.process.returncode == -signal.SIGKILL
    assert soon(lambda: gone(grandchild))


def test_a_child_that_ends_by_itself_is_seen_with_its_last_words(tmp_path):
    family = Family(logs=tmp_path)
    child = family.start("short", ["sh", "-c", "seq 30; exit 3"])
    child.process.wait()
    assert family.ended() is child
    assert child.last_words(2) == "29\n30"
    family.stop()


def test_children_die_with_a_parent_that_is_killed(tmp_path):
    with started(FAMILY, str(tmp_path)):
        assert soon(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    pid = int((tmp_path / "pid").read_text())
    assert soon(lambda: gone(pid))
    assert pid != os.getpid()
