"""The people of one's organisation, their roles, and one's own account: e-mail address and password."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts import policies, selectors, services
from accounts.api.people import AccountSwitchIn, EmailIn, EmailTokenIn, PasswordIn, PersonIn, RoleEndIn, RoleIn
from accounts.models import User
from accounts.services import Person, contact, password
from accounts.states import ROLES_OF, SIGNATORIES, Role
from foundation import clock
from foundation.api.throttling import Guesser
from foundation.errors import not_found
from portal.kit.access import ANYONE, PARTIES, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm, Text
from portal.kit.lists import Column, Listing
from portal.kit.slow import refuse_too_often
from portal.parties import letters


def page(person: User) -> str:
    return reverse("person", kwargs={"pk": person.pk})


def colleagues(by: User) -> models.QuerySet[User]:
    """Everybody of the caller's own organisation, whoever else the caller may see."""
    rows = selectors.visible_users(by).filter(organisation_id=by.organisation_id)
    return rows.prefetch_related("letters__file")


def roles_of(person: User) -> list[Role]:
    """What the person holds now, in the order of the 办法."""
    held = {one.role for one in person.memberships.all() if one.ended_at is None}
    return [role for role in Role if role in held]


def roles_label(person: User) -> str:
    return "、".join(str(role.label) for role in roles_of(person)) or "没有角色"


def told_of(people: Iterable[Person], signatory: Role) -> list[dict[str, Any]]:
    """Whom a registration gave an account, as its last page shows them (`portal/kit/new_accounts.html`)."""
    return [{"name": one.name, "username": one.username, "signs": signatory in one.roles} for one in people]


def standing(person: User) -> str:
    return "在用" if person.is_active else "已停用"


def tone(person: User) -> str:
    return "ok" if person.is_active else "off"


def email_of(person: User) -> str:
    """Masked, as the API shows it to colleagues."""
    return contact.masked_email(person.email)


LIST = Listing(
    name="people",
    caption="本单位人员",
    columns=(
        Column(name="name", label="姓名", show="name", second="username", link=page, place="title"),
        Column(name="roles", label="角色", show=roles_label),
        Column(name="letter", label="授权书", show=lambda row: letters.summary(row, clock.today())),
        Column(name="email", label="邮箱", show=email_of),
        Column(name="standing", label="账号", show=standing, kind="chip", tone=tone, place="corner"),
    ),
    empty="还没有人员。",
)


class AddForm(BodyForm):
    body = PersonIn
    labels = {"username": "用户名", "password": "初始密码", "identity_number": "身份证号码", "roles": "角色"}
    helps = {
        "username": "登录用，全平台不重复。",
        "password": "至少10位，不能是常见密码。请本人首次登录后妥善保管。",
        "identity_number": "18位。只保存摘要，用来保证一人只有一个账号。",
        "roles": "经办人起草、登记和提交；授权签署人签署合同、承诺和服务确认书。",
    }
    kinds = {
        "identity_number": forms.TextInput(
            attrs={"maxlength": 18, "autocomplete": "off", "autocapitalize": "characters"}
        )
    }


class GrantForm(BodyForm):
    body = RoleIn
    labels = {"role": "授予的角色"}


class EndRoleForm(BodyForm):
    body = RoleEndIn
    labels = {"role": "收回的角色", "reason": "理由"}


class SwitchForm(BodyForm):
    body = AccountSwitchIn
    labels = {"reason": "理由"}


class EmailForm(BodyForm):
    body = EmailIn
    labels = {"email": "邮箱"}
    helps = {"email": "平台会向此邮箱发一封验证邮件，24小时内有效。留空表示不再接收邮件。"}
    kinds = {"email": forms.EmailInput(attrs={"autocomplete": "email", "maxlength": 254})}


class VerifyForm(BodyForm):
    body = EmailTokenIn
    labels = {"token": "验证码"}
    helps = {"token": "复制验证邮件中的整段验证码。"}


def _password(autocomplete: str) -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": autocomplete, "maxlength": 128})


class PasswordForm(BodyForm):
    """The new one is typed twice: what nobody can read is easily mistyped."""

    body = PasswordIn
    labels = {"current_password": "原密码", "password": "新密码"}
    helps = {"password": "至少10位，不能是常见密码，不能与用户名、姓名相近。"}
    kinds = {"current_password": _password("current-password"), "password": _password("new-password")}
    again = Text(label="再输入一次新密码", strip=False, widget=_password("new-password"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["again"].widget.is_required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("password") and cleaned.get("again") != cleaned["password"]:
            self.add_error("again", "两次输入的新密码不一致，请重新输入。")
        return cleaned


def _change_password(by: User, row: Any, data: dict[str, Any]) -> User:
    return password.change(by=by, user_id=by.pk, **data)


def _stay(request: HttpRequest) -> None:
    """This session goes on; those in other places ended with the old password."""
    update_session_auth_hash(request, User.objects.get(pk=str(request.user.pk)))


def _add(by: User, row: Any, data: dict[str, Any]) -> User:
    person = Person(roles=tuple(data.pop("roles")), **data)
    return services.add_person(by=by, organisation_id=by.organisation_id, person=person)


def _own_roles(by: User) -> list[tuple[str, str]]:
    allowed = ROLES_OF[by.organisation.kind]
    return [(role.value, str(role.label)) for role in Role if role in allowed]


def _missing(row: User) -> list[tuple[str, str]]:
    """The roles of the house that the person does not hold."""
    return [(code, label) for code, label in _own_roles(row) if code not in set(roles_of(row))]


def _held(by: User, row: Any) -> dict[str, list[tuple[str, str]]]:
    return {"role": [(role.value, str(role.label)) for role in roles_of(row)]}


ADD = Deck(
    name="people",
    roles=PARTIES,
    home=page,
    crumbs=lambda row: [("人员与角色", reverse("people"))],
    acts=(
        Act(
            name="add",
            label="添加人员",
            tone="main",
            icon="plus",
            form=AddForm,
            intro="一名自然人只能有一个账号，只能为一个单位办理业务。",
            article="26",
            may=lambda by, row: policies.may_add_person(by, by.organisation),
            choices=lambda by, row: {"roles": _own_roles(by)},
            run=_add,
            done="人员已添加，可以登录了。",
        ),
    ),
)

DECK = Deck(
    name="person",
    roles=PARTIES,
    rows=colleagues,
    title=lambda row: row.name,
    acts=(
        Act(
            name="grant",
            label="授予角色",
            icon="plus",
            form=GrantForm,
            intro="授予后，本人下一次打开页面即可以该角色办理业务。",
            article="26",
            may=lambda by, row: policies.may_grant_role(by, row) and row.is_active and bool(_missing(row)),
            choices=lambda by, row: {"role": _missing(row)},
            run=lambda by, row, data: services.grant_role(by=by, user_id=row.pk, **data),
            done="角色已授予。",
        ),
        Act(
            name="letter",
            label="登记授权书",
            icon="file",
            form=letters.LetterForm,
            intro="登记后替代同一角色的前一份。授权书不是签署的前提，但合同对方和管理部门据此核对签署人。",
            article="18,26",
            may=lambda by, row: policies.may_keep_letters(by, row) and row.is_active and bool(roles_of(row)),
            choices=_held,
            run=letters.record,
            goes=lambda letter: reverse("person", kwargs={"pk": letter.person_id}),
            done="授权书已登记。",
        ),
        Act(
            name="end-role",
            label="收回角色",
            icon="minus",
            form=EndRoleForm,
            intro="收回后不能再以该角色办理业务；此前办理的仍然有效。",
            may=lambda by, row: policies.may_end_role(by, row, row.organisation) and bool(roles_of(row)),
            choices=_held,
            run=lambda by, row, data: services.end_role(by=by, user_id=row.pk, **data),
            done="角色已收回。",
        ),
        Act(
            name="deactivate",
            label="停用账号",
            tone="danger",
            icon="lock",
            form=SwitchForm,
            intro="停用后不能登录，已有的登录和令牌即时失效。签署人须先收回签署角色。",
            may=lambda by, row: policies.may_switch(by, row, row.organisation) and row.is_active,
            run=lambda by, row, data: services.deactivate(by=by, user_id=row.pk, **data),
            done="账号已停用。",
        ),
        Act(
            name="activate",
            label="重新启用",
            icon="key",
            form=SwitchForm,
            may=lambda by, row: policies.may_switch(by, row, row.organisation) and not row.is_active,
            run=lambda by, row, data: services.activate(by=by, user_id=row.pk, **data),
            done="账号已启用。",
        ),
    ),
)

ACCOUNT = Deck(
    name="account",
    roles=ANYONE,
    crumbs=lambda row: [("我的账号", reverse("account"))],
    acts=(
        Act(
            name="email",
            label="登记或更换邮箱",
            icon="mail",
            form=EmailForm,
            initial=lambda by, row: {"email": by.email},
            run=lambda by, row, data: contact.set_email(by=by, user_id=by.pk, **data),
            goes=lambda result: reverse("account"),
            done="邮箱已保存。已向新邮箱发出验证邮件的，请填写验证码。",
        ),
        Act(
            name="verify",
            label="填写验证码",
            icon="check",
            tone="main",
            form=VerifyForm,
            may=lambda by, row: bool(by.email) and by.email_verified_at is None,
            run=lambda by, row, data: contact.verify_email(by=by, user_id=by.pk, **data),
            goes=lambda result: reverse("account"),
            done="邮箱已验证，今后的通知会发到该邮箱。",
        ),
        Act(
            name="password",
            label="修改密码",
            icon="key",
            form=PasswordForm,
            intro="修改后，本账号在其他设备上的登录和已领取的令牌即时失效，本次登录不受影响。",
            run=_change_password,
            before=lambda request: refuse_too_often(request, Guesser()),
            after=_stay,
            goes=lambda result: reverse("account"),
            done="密码已修改，其他设备须重新登录。",
        ),
    ),
)


@pages_for(*PARTIES)
def people(request: Asked) -> HttpResponseBase:
    """Who acts for the organisation, and in which role."""
    context = {"acts": ADD.offered(request.user, None)}
    return LIST.answer(request, colleagues(request.user), "portal/parties/people.html", context)


@pages_for(*PARTIES)
def person(request: Asked, pk: str) -> HttpResponseBase:
    """One colleague: roles with their days, the account, and what may be done about it."""
    row = colleagues(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("人员")
    context = {
        "person": row,
        "standing": standing(row),
        "tone": tone(row),
        "email": email_of(row),
        "memberships": sorted(row.memberships.all(), key=lambda one: (one.ended_at is not None, one.since)),
        "letters": letters.told(request.user, row.letters.all()),
        "signs": bool(set(roles_of(row)) & SIGNATORIES),
        "acts": DECK.offered(request.user, row),
    }
    return render(request, "portal/parties/person.html", context)


@pages_for(*ANYONE)
def account(request: Asked) -> HttpResponseBase:
    """One's own account: who one is here, what one may do, where one is mailed."""
    context = {
        "roles": [str(role.label) for role in Role if role in request.user.roles],
        "acts": ACCOUNT.offered(request.user, None),
    }
    return render(request, "portal/parties/account.html", context)
