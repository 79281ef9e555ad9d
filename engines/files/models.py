"""Files kept outside the web root, named by their SM3, never changed."""

from __future__ import annotations

from pathlib import Path

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

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


class PartialUpload(models.Model):
    """A large file on its way in, in parts: `received` of `size` bytes are on disk and safe.

    Begun by one person, who alone may go on with it. Complete, it becomes `file`; what is not by `expires_at` is
    thrown away with its bytes (the job purge_uploads). The row is a notebook, no record: what counts is the file.
    """

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    name = models.CharField("文件名", max_length=120)
    size = models.PositiveBigIntegerField("字节数")
    received = models.PositiveBigIntegerField("已收字节数", default=0)
    purpose = models.CharField("用途", max_length=32)
    organisation_id = models.UUIDField("上传组织", db_index=True)
    uploaded_by = models.CharField("上传人", max_length=64)
    expires_at = models.DateTimeField("失效时间", db_index=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="文件")

    class Meta:
        verbose_name = verbose_name_plural = "分段上传"
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0, received__lte=F("size")), name="upload_within_size"),
            models.CheckConstraint(condition=Q(file=None) | Q(received=F("size")), name="upload_whole_before_file"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.received}/{self.size}"

    @property
    def path(self) -> Path:
        """Where the bytes received so far lie."""
        return Path(settings.FILES_DIR) / ".parts" / str(self.pk)


class FileReader(models.Model):
    """An organisation that may read a file besides the one that uploaded it."""

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="readers")
    organisation_id = models.UUIDField("可读组织")

    class Meta:
        verbose_name = verbose_name_plural = "文件可读方"
        constraints = [models.UniqueConstraint(fields=["file", "organisation_id"], name="file_reader_once")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.organisation_id}"
