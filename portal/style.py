"""Every component on one page: what it looks like, and where one finds that it broke."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from rest_framework import serializers

from foundation.api.fields import Choice, CivilDate, Money
from foundation.explain import Bound, Explanation
from portal.kit.access import public
from portal.kit.forms import BodyForm


class _Line(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=80, help_text="里程碑名称")
    due_date = CivilDate(help_text="应完成之日")


class _Body(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80, help_text="名称")
    amount = Money(help_text="合同金额，元")
    on = CivilDate(help_text="开始之日")
    category = Choice(choices=[("a", "企业诊断服务"), ("b", "数字化转型服务")], help_text="服务类别")
    reason = serializers.CharField(max_length=500, help_text="理由", required=False, allow_blank=True)
    agreed = serializers.BooleanField(help_text="已阅读并同意")
    steps = serializers.ListField(child=_Line(), help_text="里程碑")


class _LineForm(BodyForm):
    body = _Line


class _Form(BodyForm):
    body = _Body
    helps = {"amount": "含税金额，最多两位小数。"}
    rows = {"steps": _LineForm}


EXAMPLE = Explanation(
    figure="voucher",
    rule="voucher.cap",
    article="第十一条",
    notice="2026年通用券申报通知 第1版",
    inputs={"合同金额": Decimal("86000.00"), "补贴比例": Decimal("0.50")},
    formula="服务券取下列两项中较小的一项：合同金额×补贴比例、单项上限。",
    result=Decimal("30000.00"),
    bounds=(
        Bound("rate", "按比例", Decimal("43000.00")),
        Bound("cap", "单个项目上限", Decimal("30000.00")),
    ),
)


@public
def style(request: HttpRequest) -> HttpResponseBase:
    """Components by name, each with its markup in the template."""
    wrong = _Form({"name": "", "amount": "12.345", "on": "2026-13-01", "agreed": "", "steps-0-title": ""})
    wrong.is_valid()
    context = {
        "form": _Form(),
        "wrong": wrong,
        "explanation": EXAMPLE,
        "months": [(f"{month}月", Decimal(month * 3700 % 29000)) for month in range(1, 13)],
        "deposit": Decimal(17200),
        "voucher": Decimal(30000),
        "balance": Decimal(38800),
        "tones": [("run", "履行中"), ("warn", "待付定金"), ("ok", "已兑付"), ("bad", "核对不符"), ("off", "已终止")],
    }
    return render(request, "portal/style.html", context)
