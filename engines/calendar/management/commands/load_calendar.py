"""`manage.py load_calendar FILE`: import the State Council's arrangement of a year's holidays."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from engines.calendar import arrangement, services
from foundation.actors import SystemActor
from foundation.errors import DomainError


class Command(BaseCommand):
    help = "导入某年的节假日安排（YAML，格式见 engines/calendar/data）。同一年再次导入为新的一版；有错时不导入，以 1 退出。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="YAML 文件路径")
        parser.add_argument("--reason", default="", help="更正的理由，记入存证")

    def handle(self, *args: Any, file: Path, reason: str, **options: Any) -> None:
        try:
            found = arrangement.read(file.read_bytes())
            row = services.import_year(by=SystemActor("load_calendar"), arrangement=found, reason=reason)
        except OSError:
            raise CommandError(f"读不到文件“{file}”。") from None
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"{row}：放假{len(found.rest)}天，调休上班{len(found.work)}天。")
