"""`manage.py load_sample`: a small world to try the platform with. Once; never in production."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Organisation
from sample.world import World


class Command(BaseCommand):
    help = "载入示例数据（仅限开发环境；已有数据时不做任何事）。"

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境不能载入示例数据。")
        if Organisation.objects.exists():
            self.stdout.write("已有数据，未载入示例。")
            return
        with transaction.atomic():
            World().build()
        self.stdout.write("示例数据已载入。")
