"""Bodies, forms and lists of no room, for the tests of the kit."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from foundation.api.fields import Choice, CivilDate, Money
from portal.kit.forms import BodyForm


class Line(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=10, help_text="里程碑名称")
    due = CivilDate(help_text="应完成之日")


class Body(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=20, help_text="名称，全称")
    amount = Money(help_text="合同金额（含税），元")
    on = CivilDate(help_text="开始之日")
    category = Choice(choices=[("a", "企业诊断"), ("b", "数字化")], help_text="类别")
    count = serializers.IntegerField(help_text="人数", required=False, allow_null=True)
    note = serializers.CharField(max_length=500, help_text="备注", required=False, allow_blank=True)
    agreed = serializers.BooleanField(help_text="已阅读")
    tags = serializers.ListField(child=serializers.CharField(max_length=5), help_text="标签", required=False)
    steps = serializers.ListField(child=Line(), help_text="里程碑", max_length=3)


class LineForm(BodyForm):
    body = Line


class Form(BodyForm):
    body = Body
    rows = {"steps": LineForm}


GOOD = {
    "name": "某公司",
    "amount": "12500.00",
    "on": "2026-03-02",
    "category": "a",
    "agreed": "on",
    "steps-0-title": "提交报告",
    "steps-0-due": "2026-04-01",
}


def sent(**changes: Any) -> QueryDict:
    """A form as a browser sends it: the good one with changes; None takes a field out."""
    query = QueryDict(mutable=True)
    for name, value in {**GOOD, **{key.replace("__", "-"): value for key, value in changes.items()}}.items():
        if value is not None:
            query[name] = value
    return query
