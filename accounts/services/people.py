"""Registration, accounts and roles. The trail of people and roles stands on their organisation's chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from knox.models import AuthToken

from accounts import identity, policies
from accounts.models import Membership, Organisation, User, normalise_username
from accounts.services import letters
from accounts.services import password as passwords
from accounts.states import PARTY_ROLES, ROLES_OF, SIGNATORIES, Role
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import Actor, SystemActor
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work

REGISTRATION = SystemActor("registration")


@dataclass(frozen=True)
class Person:
    """Somebody to be given an account: one natural person, told apart by the identity number."""

    username: str
    password: str
    name: str
    roles: tuple[str, ...]
    identity_number: str


def register_party(
    *, kind: str, name: str, uscc: str | None, city: str = "", people: Sequence[Person], by: Actor = REGISTRATION
) -> Organisation:
    """The organisation exists with its people and their roles.

    Raises ORGANISATION_EXISTS, USERNAME_TAKEN, IDENTITY_INVALID, IDENTITY_TAKEN, PASSWORD_WEAK or ROLE_NOT_OF_KIND.
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


def relocate(*, by: Actor, organisation_id: UUID, city: str) -> Organisation:
    """The organisation lies in that city (six digits), whose office sees from now on what concerns it (DOMAIN 4, rule 7)."""
    with unit_of_work():
        organisation = lock(Organisation.objects.all(), organisation_id)
        before, organisation.city = organisation.city, city
        if before != city:
            evidence.record(organisation, act="relocate", by=by, facts={"before": before, "city": city})
    return organisation


def add_person(*, by: User, organisation_id: UUID, person: Person) -> User:
    """The organisation has one more account. By its own signatory, or by the 系统管理员 for offices
    (without roles: those the 安全管理员 grants)."""
    with unit_of_work():
        organisation = lock(Organisation.objects.all(), organisation_id)
        is_office = organisation.uscc is None  # whose roles the 安全管理员 grants
        if not policies.may_add_person(by, organisation) or (is_office and person.roles):
            raise not_allowed("为该组织添加账号")
        user = _create_user(organisation, person)
        evidence.record(
            organisation, act="add_person", by=by, facts={"username": user.username, "roles": list(person.roles)}
        )
    return user


def grant_role(*, by: User, user_id: UUID, role: str) -> User:
    """The account holds one more role of those its organisation may have.

    By the 安全管理员 for offices, never for himself (三员分立); by a party's signatory for its own people, who may give
    them every role to begin with (`add_person`). Raises USER_INACTIVE, ROLE_NOT_OF_KIND or ROLE_HELD.
    """
    with unit_of_work():
        user = lock(User.objects.all(), user_id)
        if not policies.may_grant_role(by, user):
            raise not_allowed("授予该角色")
        if not user.is_active:
            raise Refused("USER_INACTIVE", f"账号“{user.username}”已停用，请先启用。", username=user.username)
        organisation = lock(Organisation.objects.all(), user.organisation_id)
        _give_roles(user, organisation, (role,))
        evidence.record(organisation, act="grant_role", by=by, facts={"username": user.username, "role": role})
    return user


def end_role(*, by: User, user_id: UUID, role: str, reason: str) -> User:
    """The person holds the role no more; what was done in it stands.

    By the 安全管理员 for offices, never for himself; by a party's signatory for its own people. Raises
    ROLE_NOT_HELD, or LAST_SIGNATORY: a party without a signatory could neither sign nor name another one.
    """
    with unit_of_work():
        user, organisation = _person(user_id)
        if not policies.may_end_role(by, user, organisation):
            raise not_allowed("终止该角色")
        held = Membership.objects.filter(user=user, role=role, ended_at=None).first()
        if held is None:
            raise Refused("ROLE_NOT_HELD", f"该用户现未担任“{Role(role).label}”。", role=role)
        if role in SIGNATORIES and not _other_signatory(organisation, user):
            raise Refused(
                "LAST_SIGNATORY", "这是本单位唯一的签署人，终止后无人可签署。请先添加另一名签署人。", role=role
            )
        held.ended_at = clock.now()
        held.save(update_fields=["ended_at"])
        letters.lapse(by=by, person=user, roles=[role], reason="角色已收回。")
        evidence.record(
            organisation, act="end_role", by=by, reason=reason, facts={"username": user.username, "role": role}
        )
    return user


def deactivate(*, by: User, user_id: UUID, reason: str) -> User:
    """The account opens nothing any more: its tokens are gone, and its sessions end now and for ever. Its letters end.

    By the 系统管理员 for offices, never for himself; by a party's signatory for its agents (a fellow
    signatory's role is ended first). Raises USER_INACTIVE.
    """
    with unit_of_work():
        user, organisation = _person(user_id)
        if not policies.may_switch(by, user, organisation):
            raise not_allowed("停用该账号")
        if not user.is_active:
            raise Refused("USER_INACTIVE", f"账号“{user.username}”已停用。", username=user.username)
        user.is_active, user.deactivated_at = False, clock.now()
        user.save(update_fields=["is_active", "deactivated_at"])
        letters.lapse(by=by, person=user, roles=sorted(PARTY_ROLES), reason="账号已停用。")
        tokens, _ = AuthToken.objects.filter(user=user).delete()
        facts = {"username": user.username, "tokens": tokens}
        evidence.record(organisation, act="deactivate", by=by, reason=reason, facts=facts)
    return user


def activate(*, by: User, user_id: UUID, reason: str) -> User:
    """The account may sign in again, with the roles it holds. By whom as `deactivate`. Raises USER_ACTIVE."""
    with unit_of_work():
        user, organisation = _person(user_id)
        if not policies.may_switch(by, user, organisation):
            raise not_allowed("启用该账号")
        if user.is_active:
            raise Refused("USER_ACTIVE", f"账号“{user.username}”未停用。", username=user.username)
        user.is_active = True
        user.save(update_fields=["is_active"])
        evidence.record(organisation, act="activate", by=by, reason=reason, facts={"username": user.username})
    return user


def _person(user_id: UUID) -> tuple[User, Organisation]:
    """Both locked, the organisation too: of two who end the last two signatories' roles one comes second."""
    user = lock(User.objects.all(), user_id)
    return user, lock(Organisation.objects.all(), user.organisation_id)


def _other_signatory(organisation: Organisation, user: User) -> bool:
    held = Membership.objects.filter(role__in=SIGNATORIES, ended_at=None)
    others = held.filter(user__organisation=organisation, user__is_active=True)
    return others.exclude(user=user).exists()


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
        raise _username_taken(username)
    digest = identity.digest(person.identity_number)
    if User.objects.filter(identity=digest).exists():
        raise _identity_taken()
    user = User(username=username, name=person.name, organisation=organisation, identity=digest)
    user.created_at = clock.now()
    passwords.give(user, person.password, named=f"用户名“{username}”的密码")
    try:
        user.save(force_insert=True)
    except IntegrityError as error:  # two at once: the database's word counts
        if "user_username_once" in str(error):
            raise _username_taken(username) from error
        if "user_identity_once" in str(error):
            raise _identity_taken() from error
        raise
    _give_roles(user, organisation, person.roles)
    return user


def _username_taken(username: str) -> Refused:
    return Refused("USERNAME_TAKEN", f"用户名“{username}”已被使用，请换一个。", username=username)


def _identity_taken() -> Refused:
    return Refused("IDENTITY_TAKEN", "该身份证件已有账号；一人只能为一个单位办理业务。")


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
