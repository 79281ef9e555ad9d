"""`manage.py run_job NAME [--date YYYY-MM-DD]`: run one job by hand; without a name, list them."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection

from foundation import jobs
from foundation.errors import DomainError
from foundation.models import JobRun

_WHICH = "STATE_DIR（内置数据库所在目录）或 DATABASE_URL 与正在运行的平台一致"


class Command(BaseCommand):
    help = "手工运行一个任务；不给名称时列出全部任务。重复运行同一业务日期不会重复生效。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="任务名称")
        parser.add_argument("--date", type=civil_date, help="业务日期 YYYY-MM-DD（默认今天，北京时间）")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["name"] is None:
            for name, label in jobs.names().items():
                self.stdout.write(f"{name:<32}{label}")
            return
        _require_tables()
        try:
            result = jobs.run(options["name"], options["date"])
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))


def _require_tables() -> None:
    """The database is one of this platform's. Raises CommandError that says which settings name the database."""
    try:
        there = JobRun._meta.db_table in connection.introspection.table_names()
    except OperationalError as error:
        raise CommandError(f"连接不上数据库，任务没有运行：请让 {_WHICH}。") from error
    if not there:
        raise CommandError(
            f"所连接的数据库是空的，任务没有运行：请让 {_WHICH}；确是新库的，请先运行 manage.py migrate。"
        )


def civil_date(text: str) -> date:
    """The date, or a complaint that argparse shows."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}”不是 YYYY-MM-DD 形式的日期") from None
