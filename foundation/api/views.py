"""What every view of ours is made of: lists scoped by a selector, and acts that are one service call each."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.api.fields import ErrorBody
from foundation.api.filters import refuse_unknown
from foundation.api.idempotency import once

V = TypeVar("V")
Body = type[serializers.Serializer[Any]]

KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="每次业务动作一个新值；网络中断后用同值同内容重试，只会生效一次。",
)
REFUSALS = {400: ErrorBody, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody, 409: ErrorBody}


class NoBody(serializers.Serializer[Any]):
    """An act that needs no words."""


class Rows(viewsets.GenericViewSet[Any]):
    """Base of the view sets: rows come from `rows()`, which a selector scopes to the caller."""

    def rows(self) -> models.QuerySet[Any]:
        """What this caller may see. Anything else is a 404."""
        raise NotImplementedError

    def get_queryset(self) -> models.QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            model: Any = getattr(self.get_serializer_class(), "Meta", None)
            return model.model.objects.none() if model else models.QuerySet()
        return self.rows()

    def get_object(self) -> Any:
        try:
            return super().get_object()
        except (ValidationError, ValueError):  # an id that is not even a UUID
            raise Http404 from None


class Listed(mixins.ListModelMixin, mixins.RetrieveModelMixin, Rows):
    """A list by keyset with filters, and one row."""


def act(
    *,
    body: Body = NoBody,
    out: Body,
    summary: str,
    example: dict[str, Any] | None = None,
    detail: bool = True,
    path: str | None = None,
    status: int = 200,
) -> Callable[[Callable[..., Any]], Any]:
    """A moving POST: validates `body`, runs the method once per Idempotency-Key, answers with `out`.

    The method gets `(self, request, data)` and, when `detail`, the object the caller may see as `row`;
    it returns what `out` serializes. With `path=""` on a collection it becomes the plain POST (create).
    """

    def wrap(method: Callable[..., Any]) -> Any:
        @functools.wraps(method)
        def view(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            row = self.get_object() if detail else None
            form = body(data=request.data, context=self.get_serializer_context())
            form.is_valid(raise_exception=True)

            def run() -> Response:
                extra = {"row": row} if detail else {}
                result = method(self, request, data=form.validated_data, **extra)
                return Response(out(result, context=self.get_serializer_context()).data, status=status)

            return once(request, run)

        examples = [OpenApiExample("示例", value=example, request_only=True)] if example is not None else []
        documented = extend_schema(
            summary=summary, request=body, responses={status: out, **REFUSALS}, parameters=[KEY], examples=examples
        )
        if path == "":
            return documented(view)
        name = path or method.__name__.replace("_", "-")
        # action() first: it overwrites what extend_schema leaves on the function
        return documented(action(detail=detail, methods=["post"], url_path=name)(view))

    return wrap


def look(
    *,
    out: Body,
    summary: str,
    path: str | None = None,
    detail: bool = True,
    many: bool = False,
    asks: Sequence[OpenApiParameter] = (),
) -> Callable[[Callable[..., Any]], Any]:
    """A read beside the row: the method gets `row` (when `detail`) and returns what `out` serializes.

    `asks` are the parameters that the method reads of the address; any other is FILTER_UNKNOWN.
    """

    def wrap(method: Callable[..., Any]) -> Any:
        @functools.wraps(method)
        def view(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            extra = {"row": self.get_object()} if detail else {}
            refuse_unknown(request, [one.name for one in asks])
            result = method(self, request, **extra)
            return Response(out(result, many=many, context=self.get_serializer_context()).data)

        documented = extend_schema(
            summary=summary,
            request=None,
            responses={200: out(many=many), 401: ErrorBody, 404: ErrorBody},
            filters=False,
            parameters=list(asks),
        )
        name = path or method.__name__.replace("_", "-")
        return documented(action(detail=detail, methods=["get"], url_path=name, pagination_class=None)(view))

    return wrap
