"""Files kept outside the web root, named by their SM3, never changed."""

from __future__ import annotations

from pathlib import Path

import pgtrigger
from django.conf import settings
from django.db import models

from foundation.ids import new_id


class StoredFile(models.Model):
    """One upload. The bytes lie at `path`; two uploads of the same bytes share them."""

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    name = models.CharField("文件名", max_length=120)
    content_type = models.CharField("类型", max_length=64)
    size = models.PositiveBigIntegerField("字节数")
    sm3 = models.CharField("SM3", max_length=64, db_index=True)
    purpose = models.CharField("用途", max_length=32)
    organisation_id = models.UUIDField("上传组织", db_index=True)
    uploaded_by = models.CharField("上传人", max_length=64)
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "文件"
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """Where the bytes lie; never shown to anyone."""
        return Path(settings.FILES_DIR) / self.sm3[:2] / self.sm3


class FileReader(models.Model):
    """An organisation that may read a file besides the one that uploaded it."""

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="readers")
    organisation_id = models.UUIDField("可读组织")

    class Meta:
        verbose_name = verbose_name_plural = "文件可读方"
        constraints = [models.UniqueConstraint(fields=["file", "organisation_id"], name="file_reader_once")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.organisation_id}"
