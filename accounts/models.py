"""Organisations, the people who act for them, and the roles they hold."""

from __future__ import annotations

import unicodedata
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from accounts.states import ADMINISTRATORS, PARTY_ROLES, LetterStanding, OrganisationKind, Role
from engines.evidence.models import Subject, frozen_trigger
from engines.files.models import StoredFile
from foundation import parts
from foundation.ids import new_id


class Organisation(Subject):
    """A legal person or office that people act for. One per kind and 统一社会信用代码."""

    kind = models.CharField("类别", max_length=16, choices=OrganisationKind)
    name = models.CharField("名称", max_length=120)
    uscc = models.CharField("统一社会信用代码", max_length=18, null=True, blank=True)
    city = models.CharField("市级区划代码", max_length=6, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "组织"
        indexes = [
            models.Index(fields=["name", "id"], name="organisation_by_name"),
            models.Index(fields=["created_at", "id"], name="organisation_by_age"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "uscc"], name="organisation_once", violation_error_message="该统一社会信用代码已注册。"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[OrganisationKind.ENTERPRISE, OrganisationKind.PROVIDER], uscc__isnull=False)
                | ~Q(kind__in=[OrganisationKind.ENTERPRISE, OrganisationKind.PROVIDER]),
                name="organisation_party_has_uscc",
                violation_error_message="企业和服务商须有统一社会信用代码。",
            ),
            models.CheckConstraint(
                condition=~Q(kind=OrganisationKind.CITY) | Q(city__regex=r"^45[0-9]{4}$"),
                name="organisation_city_has_code",
                violation_error_message="市级单位须有45开头的六位区划代码。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Users come with their organisation and roles: nearly every question about a caller needs them."""

    def get_queryset(self) -> models.QuerySet[User]:
        return super().get_queryset().select_related("organisation")

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=normalise_username(username or ""))


def normalise_username(username: str) -> str:
    """One spelling counts as one name: NFKC, case folded, no outer blanks."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


class User(AbstractBaseUser):
    """One natural person with one account, acting for one organisation (DOMAIN section 4, rules 4 and 5).

    `identity` is a keyed digest of the identity number, unique and never missing: a second account of the
    same person, on the other side of a contract or of a review, cannot exist.
    """

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    username = models.CharField("用户名", max_length=64)
    name = models.CharField("姓名", max_length=64)
    identity = models.CharField("证件摘要", max_length=64)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people", verbose_name="组织")
    is_active = models.BooleanField("启用", default=True)
    deactivated_at = models.DateTimeField("最近停用时间", null=True, blank=True)
    email = models.CharField("电子邮箱", max_length=254, blank=True)
    email_verified_at = models.DateTimeField("邮箱验证时间", null=True, blank=True)
    created_at = models.DateTimeField("创建时间")

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        constraints = [
            models.UniqueConstraint(
                fields=["username"],
                name="user_username_once",
                violation_error_message="该用户名已被使用，请换一个。",
            ),
            models.UniqueConstraint(
                fields=["identity"],
                name="user_identity_once",
                violation_error_message="该身份证件已有账号；一人只能为一个单位办理业务。",
            ),
            models.CheckConstraint(
                condition=Q(identity__regex=r"^[0-9a-f]{64}$"),
                name="user_has_identity",
                violation_error_message="每个账号须有身份证件摘要。",
            ),
            models.CheckConstraint(
                condition=Q(is_active=True) | Q(deactivated_at__isnull=False),
                name="user_inactive_since",
                violation_error_message="停用的账号须有停用时间。",
            ),
            models.CheckConstraint(
                condition=Q(email_verified_at__isnull=True) | ~Q(email=""),
                name="user_verified_has_email",
                violation_error_message="没有邮箱的账号不能有邮箱验证时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.organisation.name}）"

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Of the password, as Django's, and of the last deactivation: sessions opened before it never come back."""
        salt = "accounts.models.User.get_session_auth_hash"
        value = f"{self.password}\n{self.deactivated_at or ''}"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()

    @property
    def actor_id(self) -> str:
        return f"user:{self.pk}"

    @property
    def actor_label(self) -> str:
        return str(self)[:128]

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles held now; read once per request."""
        return frozenset(self.memberships.filter(ended_at=None).values_list("role", flat=True))

    def has(self, *roles: str) -> bool:
        """True when the person holds any of `roles`. No roles named is a mistake, not a yes."""
        if not roles:
            raise ValueError("name at least one role")
        return bool(self.roles & set(roles))

    @property
    def is_staff(self) -> bool:
        return False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Membership(models.Model):
    """A role held by a person. Ended, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="用户")
    role = models.CharField("角色", max_length=2, choices=Role)
    since = models.DateTimeField("起")
    ended_at = models.DateTimeField("止", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(ended_at=None),
                name="membership_role_once",
                violation_error_message="该用户已有此角色。",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ended_at=None, role__in=sorted(ADMINISTRATORS)),
                name="membership_one_administrator_role",
                violation_error_message="系统、安全、审计管理员须为三个不同的人。",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("since")),
                name="membership_period_in_order",
                violation_error_message="任职的止期不能早于起期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class AuthorisationLetter(models.Model):
    """授权书: the legal representative lets a person of the house act for it in one role, from one day to another.

    What it says never changes; a newer one takes its place. `valid_until` is the last day, or none is named. The trail
    stands on the organisation's chain, as that of the roles does.
    """

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="letters", verbose_name="被授权人")
    role = models.CharField("授权事项", max_length=2, choices=Role)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="授权书文件")
    valid_from = models.DateField("有效期自")
    valid_until = models.DateField("有效期至", null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    withdrawn_by, withdrawn_at = parts.person("撤销人"), parts.moment("撤销时间")
    withdrawn_reason = models.TextField("撤销原因", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "授权书"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=Q(withdrawn_at=None),
                name="letter_one_standing",
                violation_error_message="同一授权事项只能有一份未撤销的授权书。",
            ),
            models.CheckConstraint(
                condition=Q(role__in=sorted(PARTY_ROLES)),
                name="letter_of_a_party",
                violation_error_message="授权书只用于企业和服务商的人员。",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="letter_period_in_order",
                violation_error_message="授权书的有效期止不能早于有效期起。",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None, withdrawn_at=None, withdrawn_reason="")
                | (Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="letter_withdrawn_whole",
                violation_error_message="撤销授权书须有撤销人、时间和原因。",
            ),
        ]
        triggers = [
            frozen_trigger("person", "role", "file", "valid_from", "valid_until", "recorded_by", "recorded_at"),
            pgtrigger.Protect(
                name="withdrawn_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__withdrawn_at__isnull=False),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role}"

    def standing(self, day: date) -> LetterStanding:
        """How it stands on that day; one that was withdrawn is no good on any."""
        if self.withdrawn_at is not None:
            return LetterStanding.WITHDRAWN
        if day < self.valid_from:
            return LetterStanding.COMING
        if self.valid_until is not None and self.valid_until < day:
            return LetterStanding.EXPIRED
        return LetterStanding.IN_FORCE
