"""Keyset pagination: a page costs the same at any depth, and no row is skipped when others are added."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from foundation.api.filters import invalid
from foundation.errors import Invalid


class Keyset(CursorPagination):
    """Newest first by the time-ordered primary key. `?page_size=` up to 200, `?cursor=` from next/previous."""

    ordering = "-pk"
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    page_size_query_description = f"每页行数，1至{max_page_size}，默认{page_size}"
    cursor_query_description = "翻页位置，取自上一次应答的 next 或 previous"

    def get_page_size(self, request: Request) -> int:
        """How many rows. Raises FILTER_INVALID for what is not a number from 1 to 200."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 3 and 1 <= int(asked) <= self.max_page_size):
            raise invalid(self.page_size_query_param, asked, f"须为1至{self.max_page_size}之间的整数")
        return int(asked)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """The page. Raises CURSOR_INVALID for a cursor that this list did not give out."""
        try:
            cursor = self.decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                queryset.model._meta.pk.to_python(cursor.position)
        except (exceptions.NotFound, ValidationError):
            raise Invalid("CURSOR_INVALID", "翻页位置无效，请使用上一次应答中 next 或 previous 给出的地址。") from None
        return super().paginate_queryset(queryset, request, view)
