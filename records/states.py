"""As whom somebody reads a contract's archive."""

from __future__ import annotations

from django.db.models import TextChoices


class View(TextChoices):
    OFFICER = "officer", "管理部门"
    ENTERPRISE = "enterprise", "企业（甲方）"
    PROVIDER = "provider", "服务商（乙方）"
