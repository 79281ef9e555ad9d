"""Every refusal leaves as {code, message, details}."""

from __future__ import annotations

import logging
from functools import cache
from math import ceil
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.db import IntegrityError, OperationalError, models
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import is_valid_path
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from foundation.errors import DomainError, csrf_failed

log = logging.getLogger(__name__)

_CODES = {
    400: ("BAD_REQUEST", "请求无法解析。"),
    401: ("NOT_SIGNED_IN", "请先登录或提供令牌。"),
    403: ("NOT_ALLOWED", "您的角色不允许此操作。"),
    404: ("NOT_FOUND", "对象不存在，或您无权查看。"),
    405: ("METHOD_NOT_ALLOWED", "该地址不支持此方法。"),
    406: ("NOT_ACCEPTABLE", "不支持所请求的格式。"),
    413: ("TOO_LARGE", "请求内容超过大小上限。"),
    415: ("UNSUPPORTED_MEDIA_TYPE", "不支持的内容类型。"),
    429: ("TOO_MANY_REQUESTS", "请求过于频繁，请稍后再试。"),
}

# deadlock, serialization failure, lock not available: PostgreSQL has undone all of it
_LOST_RACES = ("40P01", "40001", "55P03")
_BUSY = ("BUSY", "同时有其他人在办理同一事项，本次未生效；请用同一幂等键和同样内容重试。")
_NO_WORDS = "与已有记录冲突，本次未生效；请刷新后重试。"


def body(code: str, message: str, details: Any = None) -> dict[str, Any]:
    """The one shape of an error."""
    return {"code": code, "message": message, "details": details or {}}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. What it does not know goes on to Django and is a defect of ours (500)."""
    if isinstance(error, exceptions.UnsupportedMediaType):
        told: Response | None = Response(_wrong_type(context.get("view")), status=415)
    else:
        told = answer(error)
    if told is not None:
        set_rollback()
    return told


def answer(error: Exception) -> Response | None:
    """What `error` says to whoever called; None for a defect of ours."""
    if isinstance(error, DomainError):
        return Response(body(error.code, error.message, _plain(error.details)), status=error.status)
    if isinstance(error, exceptions.ValidationError):
        details = _field_errors(error.detail)
        names = "、".join(details)
        return Response(body("INVALID_FIELDS", f"以下字段有误：{names}。请按提示修改后重新提交。", details), status=400)
    if isinstance(error, RequestDataTooBig | TooManyFilesSent):
        return Response(_too_large(), status=413)
    if isinstance(error, Http404):
        return Response(body(*_CODES[404]), status=404)
    if isinstance(error, PermissionDenied):
        return Response(body(*_CODES[403]), status=403)
    if isinstance(error, exceptions.APIException):
        return _known(error)
    return _of_the_database(error)


def _of_the_database(error: Exception) -> Response | None:
    if isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") in _LOST_RACES:
        return Response(body(*_BUSY), status=409, headers={"Retry-After": "1"})
    return _violated(error) if isinstance(error, IntegrityError) else None


def _violated(error: IntegrityError) -> Response | None:
    """A rule that a model names and no service had foreseen, in the model's own words. Others are defects (500)."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    constraint = _named_constraints().get(name)
    if constraint is None:
        return None
    log.warning("constraint %s held what no service refused", name)
    own_words = constraint.violation_error_message != constraint.default_violation_error_message
    message = str(constraint.get_violation_error_message()) if own_words else _NO_WORDS
    return Response(body(f"CONSTRAINT_{name.upper()}", message, {"constraint": name}), status=409)


@cache
def _named_constraints() -> dict[str, models.BaseConstraint]:
    """Every CHECK and every uniqueness that a model declares by name."""
    kinds = (models.CheckConstraint, models.UniqueConstraint)
    declared = (constraint for model in apps.get_models() for constraint in model._meta.constraints)
    return {constraint.name: constraint for constraint in declared if isinstance(constraint, kinds)}


def _too_large() -> dict[str, Any]:
    """With each of the limits: which of them was passed Django does not tell apart."""
    size, fields = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    files = settings.DATA_UPLOAD_MAX_NUMBER_FILES
    code, message = _CODES[413]
    limits = f"文件以外的内容不超过{size // 1024} KB，一次不超过{files}个文件、{fields}个字段"
    return body(code, f"{message[:-1]}：{limits}。", {"limit": size, "files": files, "fields": fields})


def _wrong_type(view: Any) -> dict[str, Any]:
    """What this address takes, by its own parsers."""
    takes = [parser.media_type for parser in view.get_parsers()] if view is not None else ["application/json"]
    code, message = _CODES[415]
    return body(code, f"{message}此地址只接受 {'、'.join(takes)}，请相应设置 Content-Type。", {"takes": takes})


def _known(error: exceptions.APIException) -> Response:
    status = error.status_code
    code, message = _CODES.get(status, ("ERROR", "请求未能完成。"))
    if isinstance(error, exceptions.ParseError):
        message = f"请求无法解析：{error.detail}"
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    details = {}
    if wait := getattr(error, "wait", None):
        seconds = ceil(wait)
        headers["Retry-After"] = str(seconds)
        message, details = f"请求过于频繁，请{seconds}秒后再试。", {"wait": seconds}
    return Response(body(code, message, details), status=status, headers=headers)


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
    return {prefix or "non_field_errors": [_sentence(prefix, one) for one in sentences]}


# What the library says of a value of another kind speaks of types of Python.
_KINDS = {
    "not_a_dict": "须为 JSON 对象（花括号内的“名称: 值”），不能是文字、数字或列表。",
    "not_a_list": "须为列表（写在方括号内），不能是单个值。",
}


def _sentence(field: str, said: Any) -> str:
    words = _KINDS.get(getattr(said, "code", ""))
    return f"字段 {field or '（整个请求体）'} {words}" if words else str(said)


def _plain(details: dict[str, Any]) -> dict[str, Any]:
    return {k: v if isinstance(v, str | int | bool | list | dict | None) else str(v) for k, v in details.items()}


def not_found_page(request: HttpRequest, exception: Exception) -> JsonResponse:
    """handler404: an unknown address answers in the same shape."""
    address = request.path_info + "/"
    if not request.path_info.endswith("/") and is_valid_path(address):
        message = f"没有此地址，地址须以“/”结尾，请改用 {address} 。"
        return _page(body("NOT_FOUND", message, {"address": address}), 404)
    return _page(body(*_CODES[404]), 404)


def server_error_page(request: HttpRequest) -> JsonResponse:
    """handler500: no trace leaves the house."""
    return _page(body("INTERNAL_ERROR", "系统出现错误，已记录。您的数据没有改变，请稍后重试。"), 500)


def bad_request_page(request: HttpRequest, exception: Exception) -> JsonResponse:
    """handler400: what Django itself finds unreadable."""
    return _page(body(*_CODES[400]), 400)


def csrf_failed_page(request: HttpRequest, reason: str = "") -> JsonResponse:
    """CSRF_FAILURE_VIEW: a session's request without the token that goes with its cookie."""
    refusal = csrf_failed()
    return _page(body(refusal.code, refusal.message), 403)


def _page(content: dict[str, Any], status: int) -> JsonResponse:
    return JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})
