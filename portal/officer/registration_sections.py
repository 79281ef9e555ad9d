"""What the page of a registration and its acts show of an enterprise: what it stated, what the registers say."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from enterprises import selectors
from enterprises.models import Enterprise
from enterprises.states import State
from foundation import clock
from foundation.errors import DomainError
from foundation.names import masked
from portal.kit.days import day
from portal.officer.cases import Check, Link, Section, Table, person
from registry import selectors as registry

CHECK_TONES = {"ok": "ok", "warning": "warn", "fail": "bad"}


def stated(row: Enterprise) -> Section:
    return Section(
        title="企业填报",
        facts=(
            ("企业名称", row.name),
            ("企业档案", Link("额度、合同、兑付和信用", reverse("officer:enterprise-file", args=[row.pk]))),
            ("行业", f"{row.industry_code} {industry(row.industry_code)}"),
            ("所在地", f"{row.region_code} {region(row.region_code)}"),
            ("注册地址", row.address),
            ("成立日期", row.registered_on),
            ("自报入规年月", row.listed_since),
            ("法定代表人", row.legal_representative),
            ("联系人", masked(row.contact_name)),
            ("联系电话", masked(row.contact_phone)),
            ("付款开户行", row.bank_name),
            ("付款账号", masked(row.bank_account)),
        ),
        article="6",
    )


def people(row: Enterprise) -> Section:
    return Section(
        title="经办人员",
        facts=(
            ("信用承诺签署", f"{person(row.committed_by)}　{_at(row.committed_at)}"),
            ("初核", f"{person(row.checked_by)}　{_at(row.checked_at)}"),
            ("复核", f"{person(row.confirmed_by)}　{_at(row.confirmed_at)}"),
        ),
        article="18,24",
    )


def reasons(row: Enterprise) -> list[Section]:
    said = (
        ("退回或不予通过的理由", row.return_reason),
        ("冻结理由", row.frozen_reason),
        ("取消资格", f"至{day(row.disqualified_until)}，{row.decision_no}" if row.disqualified_until else ""),
    )
    return [Section(title=title, text=text) for title, text in said if text]


def machine(row: Enterprise) -> Section:
    checks = [
        Check(
            CHECK_TONES.get(one["result"], "todo"),
            f"{one['label']}：{one['value']}",
            f"{one['message']}（{one['source']}）",
            f"核实情况：{one['note']}" if one.get("note") else "",
        )
        for one in row.checks
    ]
    return Section(title="自动核验", checks=checks, empty="尚未提交，还没有核验结果。", article="6")


def roster(row: Enterprise) -> Section:
    held = registry.titles(row.uscc, clock.today())
    names = {one.title_code: registry.title_kind(one.title_code) for one in held}
    rows = [
        (
            kind.name if (kind := names[one.title_code]) else one.title_code,
            one.issued_by,
            one.valid_from,
            one.valid_to or "长期",
        )
        for one in held
    ]
    heads = ("称号", "认定机关", "有效期起", "有效期止")
    return Section(title="有效称号", table=Table(heads, rows), empty="没有已核验的称号，按入规年限划型。", article="10")


def quota(row: Enterprise) -> list[Section]:
    """The passport's result and the year's figures, once there is a notice to read it by."""
    if row.state not in (State.ACTIVE, State.FROZEN, State.RENEW_CHECK, State.CHECKED):
        return []
    try:
        read = selectors.show_passport(row, clock.today())
    except DomainError as error:
        return [Section(title="档次与额度", text=error.message)]
    figures = read.figures
    facts = (
        ("按今日名册应获档次", read.grade.tier.name),
        ("本年度额度", figures.quota),
        ("已使用", figures.used),
        ("剩余", figures.left),
        ("人工调整", read.adjusted),
    )
    return [Section(title="档次与额度", facts=facts, article="10")]


def _at(moment: Any) -> str:
    return day(moment) if moment is not None else ""


def region(code: str) -> str:
    found = registry.region(code)
    return found.name if found is not None else code


def industry(code: str) -> str:
    found = registry.industry(code)
    return found.name if found is not None else code
