"""Keyset pagination: a page costs the same at any depth, and no row is skipped when others are added."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class Keyset(CursorPagination):
    """Newest first by the time-ordered primary key. `?page_size=` up to 200, `?cursor=` from next/previous."""

    ordering = "-pk"
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
