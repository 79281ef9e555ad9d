"""Refusals as pages. Under /api/ they stay the JSON that the API answers with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import is_valid_path

from foundation.api import errors as api
from foundation.errors import DomainError

API = "/api/"
_TITLES = {
    400: "请求无法处理",
    401: "请先登录",
    403: "不能办理",
    404: "没有找到",
    405: "不能这样打开",
    409: "现在不能办理",
    413: "内容过大",
    429: "操作过于频繁",
    500: "系统出现错误",
}


def refusal(error: Exception) -> DomainError | None:
    """What `error` says to people, as the API would say it; None for a defect of ours."""
    if isinstance(error, DomainError):
        return error
    known = (IntegrityError, OperationalError, Http404, PermissionDenied, RequestDataTooBig, TooManyFilesSent)
    answer = api.answer(error) if isinstance(error, known) else None
    if answer is None:
        return None
    told = DomainError(answer.data["code"], answer.data["message"], **answer.data["details"])
    told.status = answer.status_code
    return told


class RefusalPages:
    """A refusal that no view took care of becomes a page that says what is the matter and where to go on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Of what is a defect nothing: Django logs it and answers 500."""
        if request.path_info.startswith(API):
            return None
        told = refusal(exception)
        return page(request, told) if told is not None else None


class PrivatePages:
    """What somebody sees who has signed in is kept by no cache, nor by the browser of a computer that others use too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if not request.path_info.startswith(API) and request.user.is_authenticated:
            answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer


def page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The refusal as a whole page, with its status and its stable code."""
    context = {"title": _TITLES.get(error.status, "不能办理"), "error": error}
    return render(request, "portal/error.html", context, status=error.status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404. A page typed without its last slash is led to it; what is posted never is, for it would come as a GET."""
    address = request.path_info + "/"
    ours = not address.startswith(API)
    if ours and request.method == "GET" and not request.path_info.endswith("/") and is_valid_path(address):
        query = request.META.get("QUERY_STRING", "")
        return HttpResponseRedirect(f"{address}?{query}" if query else address)
    return _either(request, api.not_found_page(request, exception), "NOT_FOUND", 404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what Django itself finds unreadable."""
    return _either(request, api.bad_request_page(request, exception), "BAD_REQUEST", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: a page that asks nothing of the database, for that may be what is broken."""
    if request.path_info.startswith(API):
        return api.server_error_page(request)
    return render(None, "portal/broken.html", status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: mostly a page that stayed open over a sign-in or sign-out."""
    if request.path_info.startswith(API):
        return api.csrf_failed_page(request, reason)
    told = DomainError("CSRF_FAILED", "此页打开的时间过长或登录状态已变化，本次未生效。请返回上一页刷新后重新提交。")
    told.status = 403
    return page(request, told)


def _either(request: HttpRequest, answer: HttpResponse, code: str, status: int) -> HttpResponse:
    if request.path_info.startswith(API):
        return answer
    words: dict[str, Any] = {
        "NOT_FOUND": "没有这个页面，或您无权查看。请核对地址，或从首页重新进入。",
        "BAD_REQUEST": "收到的内容无法识别，本次未生效。请返回上一页刷新后重试。",
    }
    told = DomainError(code, words[code])
    told.status = status
    return page(request, told)
