"""One thing, however it is typed; and whose fault it is, in words that name the person."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.models import User
from contracts.serializers import PaymentReportIn
from enterprises.api import REGISTRATION
from foundation.api.fields import CivilDate, Instant
from tests.factories.accounts import Caller
from tests.house.bodies import fields_of
from tests.house.routes import moving


@pytest.mark.parametrize("typed", ["demo-12ab", "DEMO-12AB", "Demo-12aB"])
def test_a_bank_serial_is_one_in_small_and_in_capital_letters(typed):
    body = {"version": 1, "bank_serial": typed, "paid_at": "2026-03-01T10:00:00", "receipt": str(uuid4())}
    form = PaymentReportIn(data=body)
    assert form.is_valid()
    assert form.validated_data["bank_serial"] == "DEMO-12AB"


def test_a_bank_serial_is_told_what_is_allowed():
    form = PaymentReportIn(data={"bank_serial": "流水１２３４"})
    assert not form.is_valid()
    assert form.errors["bank_serial"] == ["银行流水号须为4至64位半角数字、字母或连字符（-）。"]


@pytest.mark.django_db
def test_a_password_that_is_too_short_is_told_in_chinese_and_whose_it_is():
    people = [REGISTRATION["people"][0], {**REGISTRATION["people"][1], "password": "Xy-31-zq"}]
    answer = Caller().act("registrations/enterprise/", {**REGISTRATION, "people": people})
    assert (answer.status_code, answer.json()["code"]) == (400, "PASSWORD_WEAK")
    assert answer.json()["message"] == "用户名“zhangsan”的密码不符合要求：密码过短，至少须有10个字符。"
    assert not User.objects.filter(username__in=["lisi", "zhangsan"]).exists()


def test_every_day_and_moment_that_a_body_takes_is_of_our_time():
    others = [
        f"{route} {name}"
        for route in moving()
        for name, field in fields_of(route.body())
        if type(field).__name__ in ("DateField", "DateTimeField")
    ]
    assert others == []
    assert {type(field) for route in moving() for _, field in fields_of(route.body())} >= {CivilDate, Instant}


def test_every_text_of_one_shape_says_which():
    silent = [
        f"{route} {name}"
        for route in moving()
        for name, field in fields_of(route.body())
        if type(field).__name__ == "RegexField"
    ]
    assert silent == []
