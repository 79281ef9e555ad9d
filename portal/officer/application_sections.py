"""What the page of an application, its acts and its score sheets show: the form, materials, clients, conditions."""

from __future__ import annotations

from accreditation import form, selectors
from accreditation.models import Application, Ask
from accreditation.states import Outcome
from portal.officer.cases import Check, Link, Section, Table, file_address, person

OUTCOMES = {Outcome.OK: "ok", Outcome.DOUBT: "warn", Outcome.FAIL: "bad", "": "off"}


def stated_form(row: Application) -> Section:
    said = form.of(row)
    lines = [(one["label"], one["value"]) for one in said["lines"]]
    digest = [("提交内容SM3", said["digest"])] if said["digest"] else []
    return Section(title=said["title"], facts=[*lines, *digest], article="14")


def materials(row: Application) -> Section:
    lines = [
        (
            one.get_kind_display(),
            Link(one.file.name, file_address(one.file)) if one.file is not None else one.reference,
            one.get_source_display(),
            "、".join(one.fields),
        )
        for one in selectors.materials(row)
    ]
    heads = ("材料", "文件或共享数据", "来源", "证明的填报项")
    return Section(title="申报材料", table=Table(heads, lines), empty="没有材料。", article="14")


def clients(row: Application) -> list[Section]:
    lines = [
        (
            one.name,
            one.uscc,
            one.served_on,
            Link("合同", file_address(one.file)),
            "母公司" if one.of_parent else "本机构",
        )
        for one in selectors.clients(row)
    ]
    if not lines:
        return []
    return [
        Section(
            title=f"上年服务企业（{len(lines)}家）",
            table=Table(("企业", "统一社会信用代码", "服务日期", "合同", "合同主体"), lines),
            article="13,14",
        )
    ]


def checks(row: Application) -> Section:
    found = [
        Check(
            OUTCOMES[one.finding or one.result],
            f"{one.label}（{one.article}）：{one.get_finding_display() or one.get_result_display()}",
            f"要求{one.asked}；实际{one.value}（{one.get_source_display()}）。{one.why}",
            f"核实：{one.note}（{person(one.verified_by)}）" if one.finding else "",
        )
        for one in selectors.checks(row)
    ]
    return Section(title="条件核对", checks=found, empty="尚未提交，还没有核对结果。", article="8,13")


def asks(row: Application) -> list[Section]:
    lines = [
        (f"第{one.round_no}次之{one.position}", one.label, one.what, one.why, one.answer)
        for one in Ask.objects.filter(application=row)
    ]
    if not lines:
        return []
    heads = ("退回", "对象", "需要补正什么", "为什么", "机构的说明")
    return [Section(title="补正清单", table=Table(heads, lines), article="15")]
