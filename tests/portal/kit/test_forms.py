"""Forms over the API's bodies: one truth about what is accepted, said in words at the right field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict
from rest_framework import serializers

from foundation.api.fields import Choice
from foundation.errors import Invalid
from portal.kit.rows import ADD, DROP
from portal.parties.contracts.forms import MilestoneForm
from tests.portal.kit.support import Body, Form, sent


def errors(form: Form) -> dict[str, list[str]]:
    assert not form.is_valid()
    return {name: list(said) for name, said in form.errors.items()}


def test_what_is_typed_becomes_what_the_service_gets():
    form = Form(sent(tags="甲\n\n 乙 ", note=""))
    assert form.is_valid(), form.errors
    assert form.validated == {
        "name": "某公司",
        "amount": Decimal("12500.00"),
        "on": date(2026, 3, 2),
        "category": "a",
        "note": "",
        "agreed": True,
        "tags": ["甲", "乙"],
        "steps": [{"title": "提交报告", "due": date(2026, 4, 1)}],
    }


@pytest.mark.parametrize("typed", ["12,500.00", "１２５００．００", " 12 500.00 ", "12500"])
def test_an_amount_may_be_typed_as_people_type_it(typed):
    form = Form(sent(amount=typed))
    assert form.is_valid(), form.errors
    assert form.validated["amount"] == Decimal("12500.00")


def test_labels_are_the_first_words_of_the_apis_description():
    assert {name: field.label for name, field in Form().fields.items()} == {
        "name": "名称",
        "amount": "合同金额",
        "on": "开始之日",
        "category": "类别",
        "count": "人数",
        "note": "备注",
        "agreed": "已阅读",
        "tags": "标签",
        "steps": "里程碑",
    }


def test_what_is_missing_is_asked_for_by_its_name():
    assert errors(Form(sent(name="  ", category=None))) == {"name": ["请填写“名称”。"], "category": ["请选择“类别”。"]}


def test_what_is_wrong_is_said_in_the_apis_words_at_its_field():
    assert errors(Form(sent(amount="12.345"))) == {
        "amount": ["金额须为不超过12位整数、2位小数的非负数，例如 12500.00。"]
    }


@pytest.mark.parametrize(
    ("changes", "at", "said"),
    [
        ({"name": "某" * 21}, "name", "“名称”不能超过20个字，请缩短。"),
        ({"count": "两"}, "count", "“人数”须为数字，请改正。"),
        ({"tags": "一二三四五六"}, "tags", "“标签”不能超过5个字，请缩短。"),
        ({"count": "-1"}, "count", "“人数”不能小于0，请改正。"),
        ({"mail": "nobody"}, "mail", "“邮箱”须为邮箱地址，例如 name@example.com。"),
        ({"kinds": None}, "kinds", "请至少选择一种材料。"),
        ({"areas": None}, "areas", "请至少选择一项“地区”。"),
    ],
)
def test_what_the_library_finds_is_said_in_the_houses_words(changes, at, said):
    class More(Body):
        count = serializers.IntegerField(help_text="人数", min_value=0, required=False)
        mail = serializers.EmailField(help_text="邮箱", required=False)
        kinds = serializers.ListField(
            child=Choice(choices=[("a", "甲")]),
            min_length=1,
            default=lambda: ["a"],
            error_messages={"min_length": "请至少选择一种材料。"},
            help_text="材料",
        )
        areas = serializers.ListField(
            child=Choice(choices=[("a", "甲")]), allow_empty=False, default=lambda: ["a"], help_text="地区"
        )

    class MoreForm(Form):
        body = More

    assert errors(MoreForm(sent(**{"kinds": "a", "areas": "a", **changes}))) == {at: [said]}


def test_a_code_that_is_not_offered_is_refused():
    assert list(errors(Form(sent(category="z")))) == ["category"]


def test_everything_wrong_is_said_at_once():
    wrong = Form(sent(name="", amount="12.345", tags="一二三四五六", note="", count=""))
    assert errors(wrong) == {
        "name": ["请填写“名称”。"],
        "amount": ["金额须为不超过12位整数、2位小数的非负数，例如 12500.00。"],
        "tags": ["“标签”不能超过5个字，请缩短。"],
    }


def test_what_is_given_is_not_asked_and_cannot_be_sent():
    form = Form(sent(category="b"), given={"category": "a"})
    assert "category" not in form.fields
    assert form.is_valid()
    assert form.validated["category"] == "a"


def test_only_and_omit_say_what_is_asked():
    class Few(Form):
        only = ("amount", "name")

    class Less(Form):
        omit = ("steps", "tags")

    assert list(Few().fields) == ["amount", "name"]
    assert list(Less().fields) == ["name", "amount", "on", "category", "count", "note", "agreed"]


def test_choices_of_other_records_are_a_list_to_choose_from():
    form = Form(sent(name="x2"), choices={"name": [("x1", "甲"), ("x2", "乙")]})
    assert form.is_valid(), form.errors
    assert form.validated["name"] == "x2"
    assert list(errors(Form(sent(name="x3"), choices={"name": [("x1", "甲")]}))) == ["name"]


def test_rows_are_a_list_of_bodies_and_an_empty_one_does_not_count():
    form = Form(sent(steps__7__title="验收", steps__7__due="2026-05-01", steps__9__title="", steps__9__due=""))
    assert form.is_valid(), form.errors
    assert [one["title"] for one in form.validated["steps"]] == ["提交报告", "验收"]


def test_a_wrong_row_says_which_one():
    form = Form(sent(steps__1__title="这一行的名称长得超过了十个字", steps__1__due="2026-05-01"))
    assert errors(form) == {"steps": ["请改正下列各行中标出的内容。"]}
    shown = str(form["steps"])
    assert "第2项" in shown
    assert shown.count("field-errors") == 1


def test_rows_over_the_bodys_own_limit_are_refused():
    more = {f"steps__{n}__title": "x" for n in range(1, 4)} | {f"steps__{n}__due": "2026-05-01" for n in range(1, 4)}
    assert list(errors(Form(sent(**more)))) == ["steps"]


def rows_of(form: Form) -> list[str]:
    return [row.prefix for row in form.fields["steps"].rows]


def test_without_a_script_a_button_adds_an_empty_row_and_nothing_is_judged():
    form = Form(sent(name="", **{ADD: "steps"})).unchecked()
    assert rows_of(form) == ["steps-0", "steps-1"]
    assert form.errors == {}
    assert 'value="提交报告"' in str(form["steps"])


def test_without_a_script_a_button_takes_its_row_away():
    form = Form(sent(steps__1__title="验收", **{DROP: "steps-0"})).unchecked()
    assert rows_of(form) == ["steps-1"]


def test_a_button_of_another_list_adds_nothing():
    assert rows_of(Form(sent(**{ADD: "tags"})).unchecked()) == ["steps-0"]


def test_a_refusal_stands_at_the_field_it_names_or_at_the_top():
    named, top = Form(sent()), Form(sent())
    assert named.is_valid()
    assert top.is_valid()
    named.refuse(Invalid("OVER", "超过上限。", field="amount"))
    top.refuse(Invalid("OVER", "超过上限。", field="elsewhere"))
    assert list(named.errors) == ["amount"]
    assert list(top.errors) == ["__all__"]


def test_days_in_what_is_wrong_are_written_as_people_do_but_for_an_example_of_what_to_type():
    form = Form(sent())
    form.refuse(Invalid("PAST", "日期须不晚于今天（2026-03-02）。", field="on"))
    form.refuse(Invalid("PAST", "受理截止2026-03-01已过。"))
    form.add_error("on", "写成 YYYY-MM-DD，例如 2026-03-01。")
    assert errors(form) == {
        "__all__": ["受理截止2026年3月1日已过。"],
        "on": ["日期须不晚于今天（2026年3月2日）。", "写成 YYYY-MM-DD，例如 2026-03-01。"],
    }
    assert "今天（2026年3月2日）" in form["on"].as_field_group()


def test_each_field_has_a_label_its_help_and_its_errors_tied_to_it():
    form = Form(sent(amount="x"))
    form.is_valid()
    shown = form["amount"].as_field_group()
    assert '<label for="id_amount">' in shown
    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_amount_error"' in shown
    assert 'id="id_amount_error"' in shown


def test_a_milestone_without_a_kind_of_evidence_says_what_to_do():
    form = MilestoneForm(QueryDict("title=现场诊断&due_date=2026-04-01"))
    assert errors(form) == {"evidence_kinds": ["请至少选择一种佐证材料。"]}
