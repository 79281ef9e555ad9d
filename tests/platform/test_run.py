"""`make run` and `make reset`, as a person at a terminal sees them."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dj_database_url
import psycopg
import pytest

from tests import database
from tests.platform.helpers import ROOT, environment, soon
from voucher_platform.embedded import places, postgres, valkey

pytestmark = pytest.mark.long


@dataclass
class Running:
    """One platform that was started, and what it said."""

    process: subprocess.Popen[str]
    state_dir: Path
    said: list[str]

    @property
    def port(self) -> int:
        line = next(line for line in self.said if "地址" in line)
        return int(line.strip().rstrip("/").rsplit(":", 1)[1])

    def get(self, path: str) -> tuple[int, bytes]:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def ask(self, query: str) -> object:
        host = dj_database_url.parse(postgres.url(self.state_dir))["HOST"]
        with psycopg.connect(host=host, user="postgres", dbname="voucher", autocommit=True) as connection:
            cursor = connection.execute(query)
            row = cursor.fetchone() if cursor.description else None
        return row and row[0]

    def is_gone(self) -> bool:
        """Nothing of it answers any more."""
        queue = places.name_of(self.state_dir / "valkey", valkey.SOCKET) / valkey.SOCKET
        with socket.socket() as probe:
            web = probe.connect_ex(("127.0.0.1", self.port)) == 0
        return not (web or postgres.alive(self.state_dir / "postgres") or valkey.answers(queue))


def call(what: str, state_dir: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """`make run` or `make reset`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "voucher_platform.run", what],
        env=environment(STATE_DIR=str(state_dir), **given),
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )


def prepared(state_dir: Path) -> Path:
    """With tables and sample already, made once for all workers."""
    made = Path(os.environ["STATE_DIR"]) / "prepared"
    made.mkdir(exist_ok=True)
    with (made / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "done").exists():
            copy_data(database.migrated(), made)
            command = [sys.executable, "manage.py", "load_sample"]
            subprocess.run(command, env=environment(STATE_DIR=str(made)), cwd=ROOT, check=True, capture_output=True)
            (made / "done").touch()
    copy_data(made, state_dir)
    return state_dir


def copy_data(source: Path, target: Path) -> None:
    """The database of a stopped server, owners kept: as root it may be `nobody`'s."""
    subprocess.run(["cp", "-a", (source / "postgres").resolve(), target / "postgres"], check=True)


@contextlib.contextmanager
def running(state_dir: Path) -> Iterator[Running]:
    """The platform runs, past its table of accounts; killed at the end of the block if it has not ended."""
    command = [sys.executable, "-m", "voucher_platform.run", "run"]
    with subprocess.Popen(
        command,
        env=environment(STATE_DIR=str(state_dir)),
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line.rstrip())
            if "日志" in line:
                break
        try:
            yield Running(process, state_dir, said)
        finally:
            process.kill()
            process.stdout.read()


@pytest.fixture(scope="module")
def state_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="平台 ", dir="/tmp") as made:
        yield prepared(Path(made))


@pytest.fixture(scope="module")
def platform(state_dir: Path) -> Iterator[Running]:
    with running(state_dir) as started:
        yield started
    assert soon(started.is_gone)
    postgres.remove(state_dir)


def test_it_says_where_it_is_and_is_there(platform):
    assert any(f"http://127.0.0.1:{platform.port}/api/docs/" in line for line in platform.said)
    assert platform.get("/health/ready/")[0] == 200
    assert platform.get("/api/docs/")[0] == 200
    assert platform.get("/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js")[0] == 200


def test_static_files_do_not_lead_out_of_their_folder(platform):
    for path in ("/static/../run.lock", "/static/%2e%2e/run.lock", "/static//etc/passwd"):
        assert platform.get(path)[0] == 404


def test_beat_wakes_the_worker_and_the_worker_writes(platform):
    query = "SELECT count(*) FROM foundation_jobrun WHERE name = 'relay_outbox'"
    assert soon(lambda: bool(platform.ask(query)), seconds=30)


def test_a_second_one_in_the_same_place_is_told_so(platform):
    for what in ("run", "reset"):
        done = call(what, platform.state_dir)
        assert done.returncode == 1
        assert f"http://127.0.0.1:{platform.port}/" in done.stderr
    assert platform.get("/health/ready/")[0] == 200


def test_a_command_beside_it_does_not_stop_its_database(platform):
    with postgres.using(platform.state_dir):
        pass
    assert platform.get("/health/ready/")[0] == 200


def test_another_copy_beside_it_takes_another_port(platform, tmp_path):
    with running(prepared(tmp_path)) as other:
        assert other.port != platform.port
        assert other.get("/health/ready/")[0] == 200
        other.process.send_signal(signal.SIGTERM)
        assert other.process.wait(30) == 0
        assert other.is_gone()
    assert platform.get("/health/ready/")[0] == 200


def test_a_port_that_was_asked_for_and_is_taken(platform, tmp_path):
    done = call("run", tmp_path, PORT=str(platform.port))
    assert (done.returncode, done.stderr.strip()) == (1, f"未能启动：端口 {platform.port} 已被占用，请换一个 PORT。")


@pytest.mark.parametrize("port", ["80000", "0", "-1", "abc", "８０００", "8000.5"])
def test_a_port_that_is_none(tmp_path, port):
    done = call("run", tmp_path, PORT=port)
    said = f"未能启动：PORT={port} 不是端口号，须为1至65535之间的整数，例如 PORT=9000 make run。"
    assert (done.returncode, done.stderr.strip()) == (1, said)


def one_contract(platform: Running) -> subprocess.CompletedProcess[str]:
    """The README's script, against the running platform."""
    command = ["bash", "docs/one-contract.sh", f"http://127.0.0.1:{platform.port}"]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False, timeout=120)


def test_the_readme_shows_the_script_as_it_is():
    assert (ROOT / "docs/one-contract.sh").read_text().split("\n", 1)[1] in (ROOT / "README.md").read_text()


def test_the_script_plays_its_contract_and_leaves_no_token(platform):
    done = one_contract(platform)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.rstrip().endswith("已提交待形式审核")
    assert platform.ask("SELECT count(*) FROM knox_authtoken") == 0


def test_the_script_says_a_refusal_as_it_is_and_leaves_no_token(platform):
    platform.ask("UPDATE accounts_user SET username = 'away' WHERE username = 'provider-signatory'")
    done = one_contract(platform)
    platform.ask("UPDATE accounts_user SET username = 'provider-signatory' WHERE username = 'away'")
    assert done.returncode == 1
    assert "SIGN_IN_FAILED: 用户名或密码不正确。" in done.stderr
    assert "Traceback" not in done.stderr
    assert platform.ask("SELECT count(*) FROM knox_authtoken") == 0


def test_ctrl_c_stops_all_and_the_data_stay_until_reset(tmp_path):
    with running(prepared(tmp_path)) as first:
        first.ask("CREATE TABLE kept AS SELECT 42 AS value")
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(30) == 0
        assert first.is_gone()
    with running(tmp_path) as second:
        assert second.ask("SELECT value FROM kept") == 42
    assert soon(second.is_gone)  # killed: the kernel ends its children
    done = call("reset", tmp_path)
    assert (done.returncode, os.listdir(tmp_path)) == (0, ["run.lock"])
