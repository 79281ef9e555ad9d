"""What came half and was never finished does not stay on disk."""

from __future__ import annotations

from datetime import date
from typing import Any

from engines.files import parts
from foundation.jobs import job


@job("purge_uploads", "清理未传完的文件")
def purge_uploads(day: date) -> dict[str, Any]:
    """Uploads in parts whose time is over by the clock are gone, with their bytes; kept files stay."""
    return {"purged": parts.purge()}
