"""Refusals. Each carries a stable code, a Chinese sentence with the numbers, and the numbers again as data."""

from __future__ import annotations

from typing import Any

from django.db.models import TextChoices


class DomainError(Exception):
    """A rule said no; nothing was changed. `status` is the HTTP status the API answers with."""

    status = 409

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Refused(DomainError):
    """The state or a bound does not allow it (409)."""


class Invalid(DomainError):
    """A field's value is wrong (400)."""

    status = 400


class Forbidden(DomainError):
    """The caller may see the object but not do this (403)."""

    status = 403


class NotFound(DomainError):
    """Absent, or not the caller's to know of (404): the two are told alike."""

    status = 404


class TooLarge(DomainError):
    """A body or file past its limit (413)."""

    status = 413


def not_found(what: str = "对象") -> NotFound:
    """The one answer for absent and for someone else's."""
    return NotFound("NOT_FOUND", f"{what}不存在，或您无权查看。")


def not_allowed(what: str, *who: TextChoices) -> Forbidden:
    """The caller's role, or the separation of duties, forbids `what`; `who` are the roles that may do it, any of them.

    Roles only, never people: who judges a case is told to nobody.
    """
    if not who:
        return Forbidden("NOT_ALLOWED", f"您的角色或岗位分离规则不允许{what}。")
    return Forbidden(
        "NOT_ALLOWED",
        f"您的角色或岗位分离规则不允许{what}，须由{'或'.join(str(one.label) for one in who)}办理。",
        roles=[{"code": one.value, "label": str(one.label)} for one in who],
    )


def wrong_state(what: str, state: str, label: str) -> Refused:
    """`what` cannot be done while the record is in `state`."""
    return Refused("WRONG_STATE", f"当前状态为“{label}”，不能{what}。", state=state)


def csrf_failed() -> Forbidden:
    """A session's request came without the token that goes with its cookie."""
    return Forbidden(
        "CSRF_FAILED",
        "缺少 CSRF 令牌或令牌不符，本次未生效：请先 GET /api/v1/auth/session/ 取得 csrftoken，"
        "再在请求头 X-CSRFToken 中原样带上。",
    )
