"""Organisations, people and roles, for the three administrators: one opens accounts, one gives roles, one looks on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.http import HttpResponseBase
from django.urls import reverse

from accounts import policies, selectors, services
from accounts.api import people as bodies
from accounts.models import Organisation, User
from accounts.states import PARTIES, ROLES_OF, OrganisationKind, Role
from engines.evidence.selectors import of_subject
from portal.kit.access import Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, case_page
from portal.officer.shown import one_of

SA, SE, AU = Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR
ADMINISTRATORS = (SA, SE, AU)


def page(row: User) -> str:
    return reverse("officer:person", kwargs={"pk": row.pk})


def organisation_page(row: Organisation) -> str:
    return reverse("officer:organisation", kwargs={"pk": row.pk})


def held(user: User) -> list[str]:
    """Codes of the roles held now; read from what was prefetched."""
    return sorted(one.role for one in user.memberships.all() if one.ended_at is None)


def roles_in_words(user: User) -> str:
    return "、".join(Role(code).label for code in held(user))


def _of_role(rows: models.QuerySet[User], role: str) -> models.QuerySet[User]:
    return rows.filter(memberships__role=role, memberships__ended_at=None)


PEOPLE = Listing(
    name="people",
    caption="人员账号",
    columns=(
        Column(name="name", label="姓名", show="name", second="username", sort="username", link=page, place="title"),
        Column(name="organisation", label="单位", show="organisation.name", place="wide"),
        Column(name="kind", label="类别", show="organisation.get_kind_display"),
        Column(name="roles", label="角色", show=roles_in_words, place="wide"),
        Column(name="created", label="开通时间", show="created_at", kind="date", sort="created_at"),
        Column(
            name="active",
            label="账号",
            show=lambda row: "启用" if row.is_active else "停用",
            kind="chip",
            tone=lambda row: "ok" if row.is_active else "off",
            place="corner",
        ),
    ),
    filters=(
        Filter(name="username", label="用户名", narrow="username__icontains", kind="text"),
        Filter(name="name", label="姓名", narrow="name__icontains", kind="text"),
        Filter(name="organisation", label="单位名称", narrow="organisation__name__icontains", kind="text"),
        Filter(name="kind", label="单位类别", narrow="organisation__kind", choices=OrganisationKind.choices),
        Filter(name="role", label="角色", narrow=_of_role, choices=Role.choices),
        Filter(
            name="active",
            label="账号",
            narrow=lambda rows, value: rows.filter(is_active=value == "yes"),
            choices=[("yes", "启用"), ("no", "停用")],
        ),
    ),
    empty="还没有账号。",
)
ORGANISATIONS = Listing(
    name="organisations",
    caption="组织",
    columns=(
        Column(name="name", label="组织", show="name", sort="name", link=organisation_page, place="title"),
        Column(name="kind", label="类别", show="get_kind_display"),
        Column(name="uscc", label="统一社会信用代码", show="uscc"),
        Column(name="people", label="账号数", show="people_count", kind="number"),
        Column(name="created", label="登记时间", show="created_at", kind="date", sort="created_at"),
    ),
    filters=(
        Filter(name="name", label="名称", narrow="name__icontains", kind="text"),
        Filter(name="uscc", label="统一社会信用代码", narrow="uscc", kind="text"),
        Filter(name="kind", label="类别", narrow="kind", choices=OrganisationKind.choices),
    ),
    empty="还没有组织。",
)


class GrantForm(BodyForm):
    body = bodies.RoleIn


class EndForm(BodyForm):
    body = bodies.RoleEndIn
    labels = {"reason": "终止的理由"}


class SwitchForm(BodyForm):
    body = bodies.AccountSwitchIn


class PersonForm(BodyForm):
    body = bodies.PersonIn
    only = ("username", "name", "identity_number", "password")
    labels = {"username": "用户名", "identity_number": "身份证号码", "password": "初始密码"}
    helps = {
        "identity_number": "只保存摘要，用来保证一人一个账号。",
        "password": "至少10位，不能是常见密码；请本人首次登录后更改。",
    }


def _grantable(by: User, row: User) -> dict[str, list[tuple[str, str]]]:
    own = set(held(row))
    return {"role": [(code, str(Role(code).label)) for code in sorted(ROLES_OF[row.organisation.kind] - own)]}


def _endable(by: User, row: User) -> dict[str, list[tuple[str, str]]]:
    return {"role": [(code, str(Role(code).label)) for code in held(row)]}


def _new_person(by: User, row: Organisation, data: dict[str, Any]) -> User:
    return services.add_person(
        by=by, organisation_id=row.pk, person=services.Person(**{**data, "roles": tuple(data.get("roles", ()))})
    )


PERSON = Deck(
    name="officer:person",
    roles=ADMINISTRATORS,
    rows=selectors.visible_users,
    title=str,
    acts=(
        Act(
            name="grant-role",
            label="授予角色",
            tone="main",
            icon="key",
            intro="只能授予该单位可以担任的角色。系统、安全、审计管理员须为三个不同的人。",
            form=GrantForm,
            roles=(SE,),
            may=lambda by, row: policies.may_grant_role(by, row) and bool(_grantable(by, row)["role"]),
            choices=_grantable,
            run=lambda by, row, data: services.grant_role(by=by, user_id=row.pk, **data),
            done="角色已授予。",
        ),
        Act(
            name="end-role",
            label="终止角色",
            tone="danger",
            icon="minus",
            intro="此前以该角色办理的事项不受影响。",
            form=EndForm,
            roles=(SE,),
            may=lambda by, row: policies.may_end_role(by, row, row.organisation) and bool(held(row)),
            choices=_endable,
            run=lambda by, row, data: services.end_role(by=by, user_id=row.pk, **data),
            done="角色已终止。",
        ),
        Act(
            name="deactivate",
            label="停用账号",
            tone="danger",
            icon="lock",
            intro="令牌和已登录的会话即时失效。",
            form=SwitchForm,
            roles=(SA,),
            may=lambda by, row: row.is_active and policies.may_switch(by, row, row.organisation),
            run=lambda by, row, data: services.deactivate(by=by, user_id=row.pk, **data),
            done="账号已停用。",
        ),
        Act(
            name="activate",
            label="启用账号",
            tone="main",
            icon="check",
            intro="恢复登录，仍担任的角色不变。",
            form=SwitchForm,
            roles=(SA,),
            may=lambda by, row: not row.is_active and policies.may_switch(by, row, row.organisation),
            run=lambda by, row, data: services.activate(by=by, user_id=row.pk, **data),
            done="账号已启用。",
        ),
    ),
)
ORGANISATION = Deck(
    name="officer:organisation",
    roles=ADMINISTRATORS,
    rows=selectors.visible_organisations,
    title=str,
    acts=(
        Act(
            name="add-person",
            label="开通账号",
            tone="main",
            icon="plus",
            intro="账号开通时没有角色，角色由安全管理员授予。",
            form=PersonForm,
            roles=(SA,),
            may=policies.may_add_person,
            run=_new_person,
            goes=page,
            done="账号已开通，请安全管理员授予角色。",
        ),
    ),
)


@pages_for(*ADMINISTRATORS)
def people(request: Asked) -> HttpResponseBase:
    """Every account: who holds what."""
    words = {
        "title": "人员账号",
        "under": "系统管理员开通和停用账号，安全管理员授予和终止角色，审计管理员查看全部留痕。",
    }
    return PEOPLE.answer(request, selectors.visible_users(request.user), "portal/officer/list.html", words)


@pages_for(*ADMINISTRATORS)
def person(request: Asked, pk: UUID) -> HttpResponseBase:
    """One account with its roles, past and present. The trail stands on its organisation."""
    row = one_of(selectors.visible_users(request.user), pk, "账号")
    lines = [
        (Role(one.role).label, one.since, one.ended_at or "现任")
        for one in sorted(row.memberships.all(), key=lambda one: one.since, reverse=True)
    ]
    organisation = row.organisation
    own = organisation.kind in PARTIES
    case = Case(
        title=row.name,
        under=row.username,
        state=Chip("启用", "ok") if row.is_active else Chip("停用"),
        crumbs=(Link("人员账号", reverse("officer:people")),),
        left=(Section(title="任职", table=Table(("角色", "起", "止"), lines), empty="还没有角色。"),),
        right=(
            Section(
                title="账号",
                facts=(
                    ("单位", Link(organisation.name, organisation_page(organisation))),
                    ("单位类别", organisation.get_kind_display()),
                    ("开通时间", row.created_at),
                    ("最近停用时间", row.deactivated_at),
                    ("邮箱已验证", row.email_verified_at is not None),
                ),
            ),
        ),
        acts=acts(PERSON, request, row),
        idle="企业和服务商的账号、角色由本单位签署人管理。" if own else "您现在没有可以办理的事项。",
    )
    return case_page(request, case)


@pages_for(*ADMINISTRATORS)
def organisations(request: Asked) -> HttpResponseBase:
    """Every organisation with how many accounts it has."""
    rows = selectors.with_people(selectors.visible_organisations(request.user))
    words = {"title": "组织", "under": "企业和服务商自行注册，机关单位由平台建立。"}
    return ORGANISATIONS.answer(request, rows, "portal/officer/list.html", words)


@pages_for(*ADMINISTRATORS)
def organisation(request: Asked, pk: UUID) -> HttpResponseBase:
    """One organisation: its people, and what was done about them."""
    row = one_of(selectors.visible_organisations(request.user), pk, "组织")
    colleagues = selectors.visible_users(request.user).filter(organisation=row).order_by("username")
    lines = [
        (Link(one.name, page(one)), one.username, roles_in_words(one) or "—", "启用" if one.is_active else "停用")
        for one in colleagues
    ]
    case = Case(
        title=row.name,
        under=row.get_kind_display(),
        crumbs=(Link("组织", reverse("officer:organisations")),),
        left=(Section(title="人员", table=Table(("姓名", "用户名", "角色", "账号"), lines), empty="还没有账号。"),),
        right=(
            Section(
                title="登记",
                facts=(
                    ("统一社会信用代码", row.uscc),
                    ("区划代码", row.city),
                    ("登记时间", row.created_at),
                ),
            ),
        ),
        acts=acts(ORGANISATION, request, row),
        idle="企业和服务商的账号由本单位签署人管理。" if row.kind in PARTIES else "您现在没有可以办理的事项。",
        trail=list(of_subject(row).reverse()),
    )
    return case_page(request, case)
