"""`manage.py run_job NAME [--date YYYY-MM-DD]`: run one job by hand; without a name, list them."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation import jobs
from foundation.errors import DomainError


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
        try:
            result = jobs.run(options["name"], options["date"])
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))


def civil_date(text: str) -> date:
    """The date, or a complaint that argparse shows."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}”不是 YYYY-MM-DD 形式的日期") from None
