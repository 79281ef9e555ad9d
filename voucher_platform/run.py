"""`make run`: the whole platform on one machine. `make reset`: everything it keeps is gone.

The embedded PostgreSQL and Valkey stand in for what DATABASE_URL and REDIS_URL do not name.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import http.client
import io
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from voucher_platform import env
from voucher_platform.embedded import places, postgres, valkey
from voucher_platform.processes import AlreadyRunning, Family, claimed_port, only_one

KEPT = ("valkey", "files", "static", "log", "beat", "postgres.users", "postgres.lock")
START_SECONDS = 120


class Failed(Exception):
    """The platform cannot run; the message is for the person who started it."""


def main() -> int:
    """Returns the exit status: 0 after Ctrl-C, 1 with a sentence when something is in the way."""
    parser = argparse.ArgumentParser(prog="make")
    parser.add_argument("what", choices=["run", "reset"])
    what = parser.parse_args().what
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voucher_platform.settings")
    state_dir: Path = settings.STATE_DIR
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # into a file or a pipe too: who waits for the address sees it
    try:
        with only_one(state_dir / "run.lock") as lock:
            if what == "reset":
                reset(state_dir)
            else:
                run(state_dir, lock)
    except AlreadyRunning as holder:
        print(f"此目录的平台正在运行：{holder}。请先在其终端按 Ctrl-C。", file=sys.stderr)
        return 1
    except (Failed, RuntimeError) as failure:
        print(f"未能启动：{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("已停止。")
    return 0


def run(state_dir: Path, lock: Path) -> None:
    """Everything runs until a signal comes (KeyboardInterrupt) or a child ends by itself (Failed)."""
    _listen_for_signals()
    host = env.text("HOST", "127.0.0.1")
    lock.write_text(f"进程 {os.getpid()}")
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(_port(host))
        live = stack.enter_context(claimed_port(host, port + 1 if port < 65_000 else 8000))
        shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
        os.environ.setdefault("LIVE_URL", f"http://{shown}:{live}/live/stream/")  # the children read it
        _say("启动数据库与消息队列 …")
        if not os.environ.get("DATABASE_URL"):
            stack.enter_context(postgres.serving(state_dir))
        if not os.environ.get("REDIS_URL"):
            stack.enter_context(valkey.serving(state_dir))
        _say("建表并载入样例数据 …")
        _set_up()
        family = Family(logs=state_dir / "log")
        stack.callback(family.stop)
        _start_all(family, host, (port, live), state_dir)
        _wait_for_web(family, host, port)
        address = f"http://{shown}:{port}"
        lock.write_text(f"进程 {os.getpid()}，{address}/")
        _greet(address, state_dir)
        while not (ended := family.ended()):
            time.sleep(0.3)
        raise Failed(f"{ended.name} 意外退出（{ended.process.returncode}）。日志 {ended.log}：\n{ended.last_words()}")


def reset(state_dir: Path) -> None:
    """The embedded servers' data, the uploaded files and the logs of this checkout are gone."""
    postgres.remove(state_dir)
    places.forget(state_dir / "valkey", valkey.SOCKET)
    for name in KEPT:
        path = state_dir / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    _say(f"已清空 {state_dir}。")
    if os.environ.get("DATABASE_URL"):
        _say("DATABASE_URL 所指的数据库未作改动。")


@contextlib.contextmanager
def _port(host: str) -> Iterator[int]:
    """PORT as given, or the next free one from 8000 on."""
    given = _asked_port()
    with contextlib.ExitStack() as stack:
        try:
            port = stack.enter_context(claimed_port(host, given or 8000, tries=1 if given else 100))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise Failed(f"HOST={host} 不可用：{error.strerror}") from None
            raise Failed(
                f"端口 {given} 已被占用，请换一个 PORT。" if given else "8000 至 8099 端口均被占用。"
            ) from None
        yield port


def _asked_port() -> int:
    """PORT, or 0 when it is not given. Raises Failed with a sentence for what is no port."""
    text = env.text("PORT")
    if text == "":
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65_535):
        raise Failed(f"PORT={text} 不是端口号，须为1至65535之间的整数，例如 PORT=9000 make run。")
    return int(text)


def _set_up() -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if not settings.PRODUCTION:
        call_command("load_sample")
    connections.close_all()


def _start_all(family: Family, host: str, ports: tuple[int, int], state_dir: Path) -> None:
    """Modules, not console scripts: those carry the path of the checkout they were installed for."""
    python, (port, live) = sys.executable, ports
    (state_dir / "beat").mkdir(exist_ok=True)
    web = ["--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "1", "--blocking-threads", "4"]
    family.start("web", [python, "-m", "granian", *web, "--access-log", "voucher_platform.wsgi:application"])
    stream = ["--host", host, "--port", str(live), "--no-access-log", "--timeout-graceful-shutdown", "2"]
    family.start("live", [python, "-m", "uvicorn", *stream, "voucher_platform.asgi:application"])
    celery = [python, "-m", "celery", "-A", "voucher_platform"]
    family.start("worker", [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"])
    family.start("beat", [*celery, "beat", "--schedule", state_dir / "beat" / "schedule", "--loglevel", "INFO"])


def _wait_for_web(family: Family, host: str, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if ended := family.ended():
            raise Failed(f"{ended.name} 未能启动。日志 {ended.log}：\n{ended.last_words()}")
        connection = http.client.HTTPConnection(host, port, timeout=5)
        with contextlib.suppress(OSError), contextlib.closing(connection):
            connection.request("GET", "/health/live/")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise Failed(f"{START_SECONDS} 秒内网页服务没有应答，见 {family.logs}。")


def _greet(address: str, state_dir: Path) -> None:
    _say(f"\n平台已启动，按 Ctrl-C 停止。\n  地址      {address}/\n  接口文档  {address}/api/docs/")
    _say(f"  日志      {state_dir / 'log'}\n")
    call_command("sample_accounts")
    connections.close_all()


def _listen_for_signals() -> None:
    """Ctrl-C, a plain kill and a closed terminal all end the platform tidily; a second one does not disturb the end."""
    known = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # under nohup
        known.remove(signal.SIGHUP)

    def end(number: int, frame: FrameType | None) -> None:
        for other in known:
            signal.signal(other, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in known:
        signal.signal(number, end)


def _say(sentence: str) -> None:
    print(sentence)


if __name__ == "__main__":
    sys.exit(main())
