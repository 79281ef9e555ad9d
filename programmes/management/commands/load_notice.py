"""`manage.py load_notice FILE --by USERNAME`: draft an annual notice from a data file, or name every faulty line."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User, normalise_username
from foundation.errors import DomainError
from programmes import notice_file, services
from programmes.located import NoticeFaults


class Command(BaseCommand):
    help = "校验年度通知数据文件并起草通知；有错时逐行指出文件、行号和键，以 1 退出。随附的文件可只写名称，如 general-2026。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="YAML 文件路径，或随附通知的名称")
        parser.add_argument("--by", required=True, help="起草人用户名（厅职能处室）")

    def handle(self, *args: Any, file: str, by: str, **options: Any) -> None:
        user = User.objects.filter(username=normalise_username(by), is_active=True).first()
        if user is None:
            raise CommandError(f"没有用户“{by}”。")
        try:
            notice = services.draft_notice(by=user, content=_read(file))
        except NoticeFaults as faults:
            for line in faults.lines:
                self.stderr.write(line)
            raise CommandError(f"共{len(faults.lines)}处错误，未起草。") from None
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"已起草 {notice.label}（{notice.pk}），待另一人审定后发布。")


def _read(file: str) -> notice_file.Content:
    if file in notice_file.SHIPPED:
        return notice_file.shipped(file)
    path = Path(file)
    try:
        return notice_file.from_yaml(path.read_bytes(), path.name)
    except OSError:
        raise CommandError(f"读不到文件“{file}”。") from None
