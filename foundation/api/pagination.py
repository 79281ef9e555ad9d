"""Keyset pagination: a page costs the same at any depth, and no row is skipped when others are added."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from foundation.errors import Invalid


class Keyset(CursorPagination):
    """Newest first by the time-ordered primary key. `?page_size=` up to 200, `?cursor=` from next/previous."""

    ordering = "-pk"
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """The page. Raises CURSOR_INVALID for a cursor that this list did not give out."""
        try:
            cursor = self.decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                queryset.model._meta.pk.to_python(cursor.position)
        except (exceptions.NotFound, ValidationError):
            raise Invalid("CURSOR_INVALID", "翻页位置无效，请使用上一次应答中 next 或 previous 给出的地址。") from None
        return super().paginate_queryset(queryset, request, view)
