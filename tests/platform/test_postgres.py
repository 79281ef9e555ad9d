"""The embedded PostgreSQL: killed clients, killed servers and odd places all end well."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import psycopg
import pytest

from tests.platform.helpers import ROOT, environment, soon, started
from voucher_platform.embedded import binaries, places, postgres

pytestmark = pytest.mark.long
SERVE = """
import sys, time
from pathlib import Path
from voucher_platform.embedded import postgres

with postgres.{how} as url:
    print(url, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def state_dir() -> Iterator[Path]:
    """A short path, so that a test chooses itself when the path is long. The server is stopped afterwards."""
    with tempfile.TemporaryDirectory(prefix="v", dir="/tmp") as made:
        path = Path(made)
        yield path
        for data in list(path.rglob("postgres")):
            postgres.remove(data.parent)


def ask(url: str, query: str = "SELECT 1") -> str:
    """The one value `query` gives, through the address as the settings read it."""
    config = dj_database_url.parse(url)
    with psycopg.connect(
        host=config["HOST"], user=config["USER"], dbname=config["NAME"], autocommit=True
    ) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return str(row[0])


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def postmaster(state_dir: Path) -> int:
    return int((state_dir / "postgres/postmaster.pid").read_text().split()[0])


def test_first_and_second_time_give_the_same_server(state_dir):
    first = postgres.ensure(state_dir)
    pid = postmaster(state_dir)
    assert postgres.ensure(state_dir) == first == postgres.url(state_dir)
    assert postmaster(state_dir) == pid
    assert ask(first, "SELECT current_database()") == "voucher"


def test_chinese_text_can_be_searched(state_dir):
    url = postgres.ensure(state_dir)
    config = dj_database_url.parse(url)
    with psycopg.connect(host=config["HOST"], user="postgres", dbname="voucher", autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
    assert ask(url, "SELECT similarity('网络餐饮服务', '网络餐饮')") == "0.5"


@pytest.mark.parametrize(
    "name",
    ["a path with blanks", "一个中文目录", 'it\'s, "quoted" 100%', "很长的中文目录名" * 6],
    ids=["blank", "chinese", "odd", "long"],
)
def test_any_path_will_do(state_dir, name):
    here = state_dir / name
    assert ask(postgres.ensure(here)) == "1"
    postgres.stop(here)
    with postgres.serving(here) as url:
        assert ask(url) == "1"


def test_killed_server_comes_back_with_its_data(state_dir):
    url = postgres.ensure(state_dir)
    config = dj_database_url.parse(url)
    with psycopg.connect(host=config["HOST"], user="postgres", dbname="voucher") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    os.kill(postmaster(state_dir), signal.SIGKILL)
    assert ask(postgres.ensure(state_dir), "SELECT value FROM kept") == "42"


def test_killed_server_comes_back_as_a_child_too(state_dir):
    postgres.ensure(state_dir)
    os.kill(postmaster(state_dir), signal.SIGKILL)
    with postgres.serving(state_dir) as url:
        assert ask(url) == "1"


def test_a_pid_file_of_a_process_that_is_gone_does_not_block(state_dir):
    postgres.ensure(state_dir)
    postgres.stop(state_dir)
    gone = subprocess.Popen(["true"])
    gone.wait()
    (state_dir / "postgres/postmaster.pid").write_text(f"{gone.pid}\n{state_dir}\n")
    assert ask(postgres.ensure(state_dir)) == "1"


def test_a_pid_file_of_a_zombie_does_not_block(state_dir):
    postgres.ensure(state_dir)
    postgres.stop(state_dir)
    zombie = subprocess.Popen(["true"])
    assert soon(lambda: ") Z" in Path(f"/proc/{zombie.pid}/stat").read_text())
    (state_dir / "postgres/postmaster.pid").write_text(f"{zombie.pid}\n{state_dir}\n")
    assert ask(postgres.ensure(state_dir)) == "1"
    zombie.wait()


def test_an_interrupted_initdb_is_begun_anew(state_dir):
    (state_dir / "postgres/base").mkdir(parents=True)
    assert ask(postgres.ensure(state_dir)) == "1"


def test_four_processes_at_once_get_one_server(state_dir):
    code = "import sys; from pathlib import Path; from voucher_platform.embedded import postgres; print(postgres.ensure(Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(state_dir)]
    callers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT) for _ in range(4)
    ]
    answers = {caller.communicate(timeout=60)[0].strip() for caller in callers}
    assert answers == {postgres.url(state_dir)}
    assert ask(answers.pop()) == "1"


def test_data_of_another_major_version_are_refused(state_dir):
    postgres.ensure(state_dir)
    postgres.stop(state_dir)
    (state_dir / "postgres/PG_VERSION").write_text("9\n")
    with pytest.raises(RuntimeError, match="made by PostgreSQL 9"):
        postgres.ensure(state_dir)


def test_the_last_user_stops_it(state_dir):
    with started(SERVE.format(how="using(Path(sys.argv[1]))"), str(state_dir)):
        with postgres.using(state_dir):
            pass
        assert postgres.alive(state_dir / "postgres")
    with postgres.using(state_dir):
        pass
    assert not postgres.alive(state_dir / "postgres")


def test_a_served_one_dies_with_its_parent(state_dir):
    with started(SERVE.format(how="serving(Path(sys.argv[1]))"), str(state_dir)):
        assert postgres.alive(state_dir / "postgres")
    assert soon(lambda: not postgres.alive(state_dir / "postgres"))
    assert ask(postgres.ensure(state_dir)) == "1"


def test_serving_takes_over_what_was_left_running(state_dir):
    postgres.ensure(state_dir)
    with postgres.serving(state_dir) as url:
        assert ask(url) == "1"
    assert not postgres.alive(state_dir / "postgres")


def test_a_throwaway_dies_with_its_parent_and_is_swept_later(state_dir, monkeypatch):
    with started(SERVE.format(how="throwaway()"), TMPDIR=str(state_dir)) as parent:
        [postmaster] = children(parent.pid)
    assert soon(lambda: not Path(f"/proc/{postmaster}").exists())


def test_a_throwaway_leaves_nothing():
    with postgres.throwaway() as url:
        directory = Path(dj_database_url.parse(url)["HOST"]).parent
        assert ask(url, "SHOW fsync") == "off"
    assert not directory.exists()


def test_remove_takes_the_data_away(state_dir):
    postgres.ensure(state_dir)
    postgres.remove(state_dir)
    assert not (state_dir / "postgres").exists()


def test_stop_of_what_never_was(state_dir):
    postgres.stop(state_dir)


def test_no_programs_at_all_say_what_to_do(monkeypatch):
    monkeypatch.setattr(binaries, "_candidates", list)
    binaries.folder.cache_clear()
    try:
        with pytest.raises(RuntimeError, match="set DATABASE_URL"):
            binaries.folder()
    finally:
        binaries.folder.cache_clear()


def test_somebody_elses_directory_is_refused(state_dir):
    trap = state_dir / "trap"
    trap.symlink_to(state_dir)
    with pytest.raises(RuntimeError, match="belongs to another user"):
        places.private(trap)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to become")
class TestRootWithoutUserNamespaces:
    """As in docker with its default seccomp profile: PostgreSQL runs as `nobody`."""

    @pytest.fixture(autouse=True)
    def _as_nobody(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        real = subprocess.run

        def refused(command, *args, **kwargs):
            if list(command)[:2] == ["unshare", "-U"]:
                return subprocess.CompletedProcess(command, 1)
            return real(command, *args, **kwargs)

        for cached in (binaries.launcher, binaries.folder, binaries.major):
            cached.cache_clear()
        monkeypatch.setattr(binaries.subprocess, "run", refused)
        yield
        for cached in (binaries.launcher, binaries.folder, binaries.major):
            cached.cache_clear()

    def test_in_a_directory_that_nobody_reaches(self, state_dir):
        state_dir.chmod(0o755)
        assert ask(postgres.ensure(state_dir)) == "1"
        assert (state_dir / "postgres").stat().st_uid == binaries.launcher().uid
        postgres.remove(state_dir)

    def test_in_a_private_directory_the_data_lie_elsewhere(self, state_dir):
        assert ask(postgres.ensure(state_dir)) == "1"
        data = (state_dir / "postgres").readlink()
        assert data.is_relative_to("/var/tmp")
        with postgres.serving(state_dir) as url:
            assert ask(url) == "1"
        postgres.remove(state_dir)
        assert not data.exists()
