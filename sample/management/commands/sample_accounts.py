"""`manage.py sample_accounts`: the sample's accounts, one a role."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import User
from sample import cast


class Command(BaseCommand):
    help = "列出示例账号（每个角色一个）。"

    def handle(self, *args: Any, **options: Any) -> None:
        there = set(User.objects.values_list("username", flat=True))
        rows = [
            (account.username, f"{account.role.value} {account.role.label}", organisation)
            for organisation, account in cast.everyone()
            if account.username in there
        ]
        if not rows:
            return
        self.stdout.write(f"示例账号（密码均为 {cast.PASSWORD}）：")
        for username, role, organisation in rows:
            self.stdout.write(f"  {_pad(username, 22)}{_pad(role, 24)}{organisation}")


def _pad(text: str, width: int) -> str:
    """Chinese characters are two columns wide."""
    used = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(1, width - used)
