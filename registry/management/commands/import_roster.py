"""`manage.py import_roster KIND FILE --source DOC --as-of DATE --by USERNAME`: bring in a roster, or name every faulty line."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User, normalise_username
from foundation.errors import DomainError
from foundation.locking import unit_of_work
from registry import services
from registry.roster_file import RosterFaults
from registry.states import RosterKind


class Command(BaseCommand):
    help = "校验并导入名册（规上企业、称号、严重失信）；有错时逐行指出，以 1 退出。给出 --confirm-by 时由另一人当即复核生效。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=RosterKind.values, help="名册类别")
        parser.add_argument("file", type=Path, help="CSV 文件（UTF-8 或 GBK）")
        parser.add_argument("--source", required=True, help="来源文件名称或文号")
        parser.add_argument("--as-of", required=True, type=date.fromisoformat, help="名册截止日期，如 2026-01-31")
        parser.add_argument("--by", required=True, help="导入人用户名（促进中心经办）")
        parser.add_argument("--confirm-by", help="复核人用户名（促进中心复核或厅职能处室），须为另一人")

    def handle(self, *args: Any, kind: str, file: Path, source: str, **options: Any) -> None:
        by = _user(options["by"])
        second = _user(options["confirm_by"]) if options["confirm_by"] else None
        try:
            with unit_of_work():
                roster = services.upload_roster(
                    by=by,
                    kind=kind,
                    raw=_bytes(file),
                    file_name=file.name,
                    source_document=source,
                    as_of=options["as_of"],
                )
                if second:
                    roster = services.confirm_roster(by=second, roster_id=roster.pk, version=roster.version)
        except RosterFaults as faults:
            for fault in faults.faults:
                self.stderr.write(f"{file.name}:{fault.line}: {fault.column}: {fault.message}")
            raise CommandError(f"共{len(faults.faults)}处错误，未导入任何一行。") from None
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(
            f"{roster.get_kind_display()} {roster.row_count} 行，{roster.get_state_display()}（{roster.pk}）。"
        )
        for warning in roster.warnings:
            self.stdout.write(f"提示：{file.name}第{warning['line']}行，{warning['message']}")


def _user(username: str) -> User:
    user = User.objects.filter(username=normalise_username(username), is_active=True).first()
    if user is None:
        raise CommandError(f"没有用户“{username}”。")
    return user


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise CommandError(f"读不到文件“{file}”。") from None
