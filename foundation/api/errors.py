"""Every refusal leaves as {code, message, details}."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from foundation.errors import DomainError

_CODES = {
    400: ("BAD_REQUEST", "请求无法解析。"),
    401: ("NOT_SIGNED_IN", "请先登录或提供令牌。"),
    403: ("NOT_ALLOWED", "您的角色不允许此操作。"),
    404: ("NOT_FOUND", "对象不存在，或您无权查看。"),
    405: ("METHOD_NOT_ALLOWED", "该地址不支持此方法。"),
    406: ("NOT_ACCEPTABLE", "不支持所请求的格式。"),
    413: ("TOO_LARGE", "请求内容超过大小上限。"),
    415: ("UNSUPPORTED_MEDIA_TYPE", "不支持的内容类型，请使用 application/json。"),
    429: ("TOO_MANY_REQUESTS", "请求过于频繁，请稍后再试。"),
}

# deadlock, serialization failure, lock not available: PostgreSQL has undone all of it
_LOST_RACES = ("40P01", "40001", "55P03")
_BUSY = ("BUSY", "同时有其他人在办理同一事项，本次未生效；请用同一幂等键和同样内容重试。")


def body(code: str, message: str, details: Any = None) -> dict[str, Any]:
    """The one shape of an error."""
    return {"code": code, "message": message, "details": details or {}}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. What it does not know goes on to Django and is a defect of ours (500)."""
    answer = _answer(error)
    if answer is not None:
        set_rollback()
    return answer


def _answer(error: Exception) -> Response | None:
    if isinstance(error, DomainError):
        return Response(body(error.code, error.message, _plain(error.details)), status=error.status)
    if isinstance(error, exceptions.ValidationError):
        details = _field_errors(error.detail)
        names = "、".join(details)
        return Response(body("INVALID_FIELDS", f"以下字段有误：{names}。请按提示修改后重新提交。", details), status=400)
    if isinstance(error, RequestDataTooBig | TooManyFilesSent):
        return Response(body(*_CODES[413]), status=413)
    if isinstance(error, Http404):
        return Response(body(*_CODES[404]), status=404)
    if isinstance(error, PermissionDenied):
        return Response(body(*_CODES[403]), status=403)
    if isinstance(error, exceptions.APIException):
        return _known(error)
    if isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") in _LOST_RACES:
        return Response(body(*_BUSY), status=409, headers={"Retry-After": "1"})
    return None


def _known(error: exceptions.APIException) -> Response:
    status = error.status_code
    code, message = _CODES.get(status, ("ERROR", "请求未能完成。"))
    if isinstance(error, exceptions.ParseError):
        message = f"请求无法解析：{error.detail}"
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return Response(body(code, message), status=status, headers=headers)


def _field_errors(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Nested field errors as flat dotted names: milestones.0.title."""
    if isinstance(detail, dict):
        flat: dict[str, list[str]] = {}
        for name, inner in detail.items():
            flat |= _field_errors(inner, f"{prefix}.{name}" if prefix else str(name))
        return flat
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        flat = {}
        for index, inner in enumerate(detail):
            if inner:
                flat |= _field_errors(inner, f"{prefix}.{index}" if prefix else str(index))
        return flat
    sentences = detail if isinstance(detail, list) else [detail]
    return {prefix or "non_field_errors": [str(sentence) for sentence in sentences]}


def _plain(details: dict[str, Any]) -> dict[str, Any]:
    return {k: v if isinstance(v, str | int | bool | list | dict | None) else str(v) for k, v in details.items()}


def not_found_page(request: HttpRequest, exception: Exception) -> JsonResponse:
    """handler404: an unknown address answers in the same shape."""
    return JsonResponse(body(*_CODES[404]), status=404)


def server_error_page(request: HttpRequest) -> JsonResponse:
    """handler500: no trace leaves the house."""
    return JsonResponse(body("INTERNAL_ERROR", "系统出现错误，已记录。您的数据没有改变，请稍后重试。"), status=500)


def bad_request_page(request: HttpRequest, exception: Exception) -> JsonResponse:
    """handler400: what Django itself finds unreadable."""
    return JsonResponse(body(*_CODES[400]), status=400)
