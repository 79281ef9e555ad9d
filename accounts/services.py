"""Registration, accounts and roles. The trail of people and roles stands on their organisation's chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from knox.models import AuthToken

from accounts import identity
from accounts.models import Membership, Organisation, User, normalise_username
from accounts.states import ROLES_OF, Role
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import Actor, SystemActor
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work

REGISTRATION = SystemActor("registration")


@dataclass(frozen=True)
class Person:
    """Somebody to be given an account."""

    username: str
    password: str
    name: str
    roles: tuple[str, ...]
    identity_number: str | None = None


def register_party(
    *, kind: str, name: str, uscc: str | None, city: str = "", people: Sequence[Person], by: Actor = REGISTRATION
) -> Organisation:
    """The organisation exists with its people and their roles.

    Raises ORGANISATION_EXISTS, USERNAME_TAKEN, IDENTITY_TAKEN, PASSWORD_WEAK or ROLE_NOT_OF_KIND.
    """
    with unit_of_work():
        if uscc and Organisation.objects.filter(kind=kind, uscc=uscc).exists():
            raise Refused(
                "ORGANISATION_EXISTS", f"统一社会信用代码 {uscc} 已注册，请联系本单位管理员添加账号。", uscc=uscc
            )
        organisation = Organisation(kind=kind, name=name, uscc=uscc, city=city)
        facts = {"kind": str(kind), "name": name, "uscc": uscc, "people": [p.username for p in people]}
        _record_new(organisation, by=by, facts=facts)
        for person in people:
            _create_user(organisation, person)
    return organisation


def _record_new(organisation: Organisation, *, by: Actor, facts: dict[str, Any]) -> None:
    try:
        evidence.record(organisation, act="register", by=by, facts=facts)
    except IntegrityError as error:  # two registrations at once: the database's word counts
        if "organisation_once" not in str(error):
            raise
        raise Refused("ORGANISATION_EXISTS", f"统一社会信用代码 {organisation.uscc} 已注册。") from error


def rename(*, by: Actor, organisation_id: UUID, name: str) -> Organisation:
    """The organisation goes by its new name from now on; what was signed before keeps the old one."""
    with unit_of_work():
        organisation = lock(Organisation.objects.all(), organisation_id)
        before, organisation.name = organisation.name, name
        evidence.record(organisation, act="rename", by=by, facts={"before": before, "name": name})
    return organisation


def add_person(*, by: User, organisation_id: UUID, person: Person) -> User:
    """The organisation has one more account. By its own signatory, or by the 系统管理员 for offices
    (without roles: those the 安全管理员 grants)."""
    with unit_of_work():
        organisation = lock(Organisation.objects.all(), organisation_id)
        own = by.organisation_id == organisation.pk and by.has(Role.ENTERPRISE_SIGNATORY, Role.PROVIDER_SIGNATORY)
        administrator = by.has(Role.SYSTEM_ADMIN) and organisation.uscc is None and not person.roles
        if not (own or administrator):
            raise not_allowed("为该组织添加账号")
        user = _create_user(organisation, person)
        evidence.record(
            organisation, act="add_person", by=by, facts={"username": user.username, "roles": list(person.roles)}
        )
    return user


def grant_role(*, by: User, user_id: UUID, role: str) -> User:
    """An office's account holds one more role. Only the 安全管理员, never for himself (三员分立)."""
    with unit_of_work():
        user = lock(User.objects.all(), user_id)
        if not by.has(Role.SECURITY_ADMIN) or by.pk == user.pk or user.organisation.uscc is not None:
            raise not_allowed("授予该角色")
        organisation = lock(Organisation.objects.all(), user.organisation_id)
        _give_roles(user, organisation, (role,))
        evidence.record(organisation, act="grant_role", by=by, facts={"username": user.username, "role": role})
    return user


def issue_token(*, user: User) -> tuple[str, AuthToken]:
    """A machine token of the user, shown once and stored as a hash; valid TOKEN_DAYS days."""
    limit: int = settings.TOKENS_PER_USER
    if AuthToken.objects.filter(user=user, expiry__gt=clock.now()).count() >= limit:
        raise Refused("TOKEN_LIMIT", f"有效令牌已达上限{limit}个，请先注销不用的令牌。", limit=limit)
    row, token = AuthToken.objects.create(user=user, expiry=timedelta(days=settings.TOKEN_DAYS))
    return token, row


def revoke_token(*, token: AuthToken) -> None:
    """The token opens nothing any more."""
    token.delete()


def _create_user(organisation: Organisation, person: Person) -> User:
    username = normalise_username(person.username)
    if User.objects.filter(username=username).exists():
        raise Refused("USERNAME_TAKEN", f"用户名“{username}”已被使用，请换一个。", username=username)
    digest = identity.digest(person.identity_number) if person.identity_number else None
    if digest and User.objects.filter(identity=digest).exists():
        raise Refused("IDENTITY_TAKEN", "该身份证件已有账号；一人只能为一个单位办理业务。")
    user = User(username=username, name=person.name, organisation=organisation, identity=digest)
    user.created_at = clock.now()
    try:
        validate_password(person.password, user)
    except ValidationError as error:
        raise Invalid("PASSWORD_WEAK", "密码不符合要求：" + "；".join(error.messages)) from None
    user.set_password(person.password)
    user.save(force_insert=True)
    _give_roles(user, organisation, person.roles)
    return user


def _give_roles(user: User, organisation: Organisation, roles: Sequence[str]) -> None:
    allowed = ROLES_OF[organisation.kind]
    for role in roles:
        if role not in allowed:
            raise Invalid(
                "ROLE_NOT_OF_KIND",
                f"{organisation.get_kind_display()}人员不能担任“{role}”。",
                role=role,
                allowed=sorted(allowed),
            )
        if Membership.objects.filter(user=user, role=role, ended_at=None).exists():
            raise Refused("ROLE_HELD", f"该用户已担任“{Role(role).label}”。", role=role)
        Membership.objects.create(user=user, role=role, since=clock.now())
