"""What the views of this room share."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from foundation.api.fields import FIRST_YEAR, LAST_YEAR, moment_of
from foundation.api.pagination import Keyset
from foundation.errors import Invalid

ID = "[0-9a-f-]{36}"
AN_ID = "0198c0de-0000-7000-8000-000000000000"


class Rolling(Keyset):
    """Newest published first (第十八条第（三）项: 实时滚动展示); the position is a moment and not a key."""

    ordering = ("-published_at", "-pk")  # type: ignore[assignment]  # DRF takes a tuple as well

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """The page. Raises CURSOR_INVALID for a cursor that this list did not give out."""
        try:
            cursor = self.decode_cursor(request)
        except exceptions.NotFound:
            raise _invalid() from None
        if cursor is not None and cursor.position is not None and not _is_moment(str(cursor.position)):
            raise _invalid()
        return CursorPagination.paginate_queryset(self, queryset, request, view)


def _is_moment(position: str) -> bool:
    at = moment_of(position)
    return at is not None and at.tzinfo is not None and FIRST_YEAR <= at.year <= LAST_YEAR


def _invalid() -> Invalid:
    return Invalid("CURSOR_INVALID", "翻页位置无效，请使用上一次应答中 next 或 previous 给出的地址。")
