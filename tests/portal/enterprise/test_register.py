"""The registration wizard: live checks, a draft that keeps no secret, all answers once more, and the accounts."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, User
from enterprises.models import Enterprise
from enterprises.states import State
from foundation import clock
from foundation.ids import new_id
from foundation.models import Draft, KeptAnswer
from portal.kit.days import day
from tests.factories.accounts import make_identity, make_uscc
from tests.portal.enterprise.support import make_house, said

pytestmark = pytest.mark.django_db
PASSWORD = "Choose-your-own-1"


def unit(**changes: str) -> dict[str, str]:
    return {
        "name": "广西柳州示例汽车部件有限公司",
        "uscc": make_uscc(),
        "legal_representative": "张三",
        "registered_on": "2012-05-08",
        **changes,
    }


TRADE = {"industry_code": "3670", "region_code": "450203", "address": "柳州市鱼峰区示例路1号", "listed_since": ""}
CONTACT = {
    "contact_name": "李四",
    "contact_phone": "0772-0000000",
    "contact_email": "",
    "bank_name": "示例银行柳州分行",
    "bank_account": "0000001234567890",
}


def people(identity: str, *roles: str) -> dict[str, object]:
    return {
        "once": str(new_id()),
        "people-0-username": "zhangsan",
        "people-0-password": PASSWORD,
        "people-0-name": "张三",
        "people-0-identity_number": identity,
        "people-0-roles": list(roles),
    }


def step(code: str) -> str:
    return reverse("enterprise:register-step", args=[code])


def filled(client: Client, **changes: str) -> None:
    for code, answers in (("unit", unit(**changes)), ("trade", TRADE), ("contact", CONTACT)):
        assert client.post(step(code), answers).status_code == 302


def test_the_steps_follow_each_other(client):
    answer = client.post(step("unit"), unit())
    assert answer.headers["Location"] == step("trade")
    assert client.post(step("trade"), TRADE).headers["Location"] == step("contact")
    assert client.post(step("contact"), CONTACT).headers["Location"] == reverse("enterprise:register-check")


def test_a_draft_waits_and_is_shown_again(client):
    client.post(step("unit"), unit())
    assert "广西柳州示例汽车部件有限公司" in said(client.get(step("unit")))
    assert "继续填写" in said(client.get(reverse("enterprise:register")))


def test_a_draft_can_be_thrown_away(client):
    client.post(step("unit"), unit())
    client.post(reverse("enterprise:register-forget"))
    assert "广西柳州示例汽车部件有限公司" not in said(client.get(step("unit")))


def resume(client: Client, code: str):
    return client.post(reverse("enterprise:register-take-up"), {"code": code})


def code_of(client: Client) -> str:
    return client.get(reverse("enterprise:register")).context["code"]


def test_a_draft_is_taken_up_in_another_browser_by_its_code(client):
    client.post(step("unit"), unit())
    client.post(step("trade"), TRADE)
    code = code_of(client)
    assert len(code.replace("-", "")) == 20
    other = Client()
    answer = resume(other, f" {code.lower().replace('-', ' ')} ")
    assert answer.headers["Location"] == step("contact")
    assert "广西柳州示例汽车部件有限公司" in said(other.get(step("unit")))


def test_what_one_device_adds_the_other_sees(client):
    client.post(step("unit"), unit())
    other = Client()
    resume(other, code_of(client))
    other.post(step("trade"), TRADE)
    assert "柳州市鱼峰区示例路1号" in said(client.get(step("trade")))


def test_a_draft_outlives_the_session(client):
    client.post(step("unit"), unit())
    code = code_of(client)
    Session.objects.all().delete()
    assert resume(client, code).headers["Location"] == step("trade")


def test_an_unknown_code_opens_nothing_and_says_so(client):
    Client().post(step("unit"), unit())
    answer = resume(client, "AAAA-AAAA-AAAA-AAAA-AAAA")
    assert answer.status_code == 404
    assert "没有此取回码的草稿" in said(answer)
    assert "AAAA-AAAA-AAAA-AAAA-AAAA" in said(answer)
    assert "广西柳州示例汽车部件有限公司" not in said(client.get(step("unit")))


def test_codes_are_not_tried_out(client, monkeypatch):
    monkeypatch.setattr("foundation.api.throttling.Follower.allow_request", lambda *args: False)
    monkeypatch.setattr("foundation.api.throttling.Follower.wait", lambda self: 30)
    Client().post(step("unit"), unit())
    assert resume(client, "AAAA-AAAA-AAAA-AAAA-AAAA").status_code == 429


def test_a_page_half_filled_is_kept_for_later(client):
    answer = client.post(step("unit"), {**unit(uscc="9145"), "_later": "1"})
    assert answer.headers["Location"] == reverse("enterprise:register")
    assert 'value="9145"' in said(client.get(step("unit")))
    assert client.get(reverse("enterprise:register")).context["next"] == step("unit")


def test_what_is_typed_is_kept_while_it_is_typed(client):
    address = reverse("enterprise:register-keep", args=["unit"])
    answer = client.post(address, {"name": "广西柳州示例汽车部件有限公司"}, headers={"hx-request": "true"})
    assert "草稿已保存" in said(answer)
    assert code_of(client) in said(answer)
    assert "广西柳州示例汽车部件有限公司" in said(client.get(step("unit")))


def test_an_empty_page_is_no_draft(client):
    client.post(reverse("enterprise:register-keep", args=["unit"]), {"name": " "})
    assert Draft.objects.count() == 0


def test_a_wrong_page_is_no_step_done(client):
    client.post(step("unit"), {**unit(uscc="9145"), "_later": "1"})
    steps = client.get(step("trade")).context["steps"]
    assert [one["done"] for one in steps] == [False, False, False, False]


def test_the_session_holds_the_code_and_no_answer(client):
    client.post(step("unit"), unit())
    kept = str([one.get_decoded() for one in Session.objects.all()])
    assert "广西柳州示例汽车部件有限公司" not in kept
    assert code_of(client) in kept
    assert code_of(client) not in str(Draft.objects.values_list("code_sm3", flat=True))


def test_a_code_with_a_wrong_check_digit_is_refused_at_its_field(client):
    code = make_uscc()
    wrong = code[:-1] + ("1" if code[-1] != "1" else "2")
    answer = client.post(step("unit"), unit(uscc=wrong))
    assert answer.status_code == 422
    assert "校验码不符" in str(answer.context["form"].errors["uscc"])


def test_what_is_no_manufacturer_is_told_so_before_the_end(client):
    answer = client.post(step("trade"), {**TRADE, "industry_code": "6510"})
    assert answer.status_code == 422
    assert "不属于制造业" in str(answer.context["form"].errors["industry_code"])


def test_the_last_page_shows_every_answer_with_names_beside_codes(client):
    filled(client)
    text = said(client.get(reverse("enterprise:register-check")))
    for words in ("广西柳州示例汽车部件有限公司", "鱼峰区（450203）", "3670 汽车制造业", "0000001234567890"):
        assert words in text


def test_the_last_page_waits_for_the_ones_before_it(client):
    client.post(step("unit"), unit())
    answer = client.get(reverse("enterprise:register-check"))
    assert "还有内容没有填写" in said(answer)
    assert answer.context["next"] == step("trade")


def test_registering_makes_organisation_accounts_and_a_draft(client):
    filled(client)
    answer = client.post(reverse("enterprise:register-check"), people(make_identity(), "EO", "EL"), follow=True)
    assert answer.redirect_chain == [(reverse("enterprise:registered"), 302)]
    row = Enterprise.objects.get(name="广西柳州示例汽车部件有限公司")
    assert (row.state, row.region_code, row.industry_code) == (State.DRAFT, "450203", "3670")
    signatory = User.objects.get(username="zhangsan")
    assert signatory.roles == {"EO", "EL"}
    assert signatory.organisation == row.organisation
    assert "zhangsan" in said(answer)


def test_the_draft_is_gone_once_it_is_registered(client):
    filled(client)
    client.post(reverse("enterprise:register-check"), people(make_identity(), "EL"))
    assert "广西柳州示例汽车部件有限公司" not in said(client.get(step("unit")))
    assert Draft.objects.count() == 0


def test_sent_twice_it_is_registered_once(client):
    filled(client)
    body = people(make_identity(), "EL")
    for _ in range(2):
        client.post(reverse("enterprise:register-check"), body)
    assert Enterprise.objects.count() == 1
    assert KeptAnswer.objects.count() == 1


def test_neither_password_nor_identity_lies_in_a_session(client):
    identity = make_identity()
    filled(client)
    client.post(reverse("enterprise:register-check"), {**people(identity, "EO")})  # refused: nobody signs
    client.post(reverse("enterprise:register-check"), people(identity, "EL"))
    kept = str([one.get_decoded() for one in Session.objects.all()])
    assert PASSWORD not in kept
    assert identity not in kept


def test_neither_password_nor_identity_lies_in_a_draft(client):
    identity = make_identity()
    filled(client)
    client.post(reverse("enterprise:register-check"), {**people(identity, "EO")})  # refused: nobody signs
    kept = str(Draft.objects.values_list("answers", flat=True))
    assert "广西柳州示例汽车部件有限公司" in kept
    assert PASSWORD not in kept
    assert identity not in kept


def test_without_a_signatory_nothing_is_made(client):
    filled(client)
    answer = client.post(reverse("enterprise:register-check"), people(make_identity(), "EO"))
    assert answer.status_code == 400
    assert "至少须有一名企业授权签署人" in said(answer).replace("中", "")
    assert (Organisation.objects.count(), User.objects.count(), Enterprise.objects.count()) == (0, 0, 0)


def test_a_code_that_is_registered_already_is_refused_with_nothing_made(client):
    known = make_house().row
    filled(client, uscc=known.uscc)
    before = User.objects.count()
    answer = client.post(reverse("enterprise:register-check"), people(make_identity(), "EL"))
    assert answer.status_code == 409
    assert f"统一社会信用代码 {known.uscc} 已注册" in said(answer)
    assert User.objects.count() == before


def test_a_row_more_is_shown_without_a_script(client):
    filled(client)
    answer = client.post(reverse("enterprise:register-check"), {**people(make_identity(), "EL"), "_add": "people"})
    assert answer.status_code == 200
    assert len(answer.context["form"].fields["people"].rows) == 2
    assert Enterprise.objects.count() == 0


@pytest.mark.parametrize(
    ("what", "field", "value", "words"),
    [
        ("uscc", "uscc", "91450199MA6K0001", "须为18位，现为16位"),
        ("industry", "industry_code", "3670", "属于制造业：36 汽车制造业。"),
        ("industry", "industry_code", "6510", "不是制造业的四位小类代码"),
        ("region", "region_code", "450203", "柳州市 鱼峰区（450203）。"),
        ("region", "region_code", "110101", "不是区内的市、县"),
    ],
)
def test_a_value_is_looked_at_while_it_is_typed(client, what, field, value, words):
    assert words in said(client.post(reverse("enterprise:check", args=[what]), {field: value}))


def test_nothing_typed_nothing_said(client):
    assert "<span" not in said(client.post(reverse("enterprise:check", args=["uscc"]), {"uscc": " "}))


def test_there_is_no_check_of_anything_else(client):
    assert client.post(reverse("enterprise:check", args=["password"]), {"password": "x"}).status_code == 404


def test_too_many_from_one_address_are_slowed_down(client, monkeypatch):
    monkeypatch.setattr("foundation.api.throttling.Newcomer.allow_request", lambda *args: False)
    monkeypatch.setattr("foundation.api.throttling.Newcomer.wait", lambda self: 120)
    filled(client)
    answer = client.post(reverse("enterprise:register-check"), people(make_identity(), "EL"))
    assert answer.status_code == 429
    assert "请2分钟后再试" in said(answer)
    assert Enterprise.objects.count() == 0


def test_a_day_that_is_still_to_come_is_refused_with_days_as_people_write_them():
    answer = Client().post(step("unit"), unit(registered_on="2098-01-01"))
    assert answer.status_code == 422
    words = said(answer)
    assert f"日期须在1900年至今天（{day(clock.today())}）之间。" in words
    assert not Enterprise.objects.exists()
