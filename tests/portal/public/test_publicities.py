"""公示: what everybody reads of a list, and an objection from the form to the second look."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.states import Role
from engines.publicity.models import Objection, ObjectionFile
from engines.publicity.states import ItemState, ObjectionState
from foundation.api.throttling import Follower, Stranger
from foundation.models import KeptAnswer
from programmes.services import publicities
from tests.factories.accounts import make_identity, make_uscc, make_user, officer
from tests.factories.publicity import items, make_case, make_publicity, upload
from tests.factories.settlement import make_batch

pytestmark = pytest.mark.django_db
NAME, PHONE = "赵实名", "10055556666"


def typed(**other: Any) -> dict[str, Any]:
    return {
        "grounds": "公示的服务企业数与事实不符。", "filer_kind": "person", "name": NAME,
        "identity_number": make_identity(), "phone": PHONE, "email": "", "address": "", "once": "key-1", **other,
    }  # fmt: skip


def address(publicity: Any) -> str:
    return f"/publicities/{publicity.pk}/items/{items(publicity)[0].pk}/objection/"


def receipt_on(page: str) -> dict[str, str]:
    receipt, secret = re.findall(r'class="receipt">([^<]+)<', page)
    return {"receipt": receipt, "secret": secret}


def test_a_list_shows_its_items_its_digest_and_the_days_left(read):
    publicity = make_publicity(title="首批名单")
    page = read(f"/publicities/{publicity.pk}/")
    assert publicity.digest in page
    assert "还有5天（含今天）" in page
    assert page.count("提出异议</a>") == 3
    for item in items(publicity):
        assert item.label in page


def test_after_its_period_a_list_is_still_read_but_takes_no_objection(read, morning):
    publicity = make_publicity()
    morning.shift(7 * 24 * 3600)
    page = read(f"/publicities/{publicity.pk}/")
    assert "提出异议</a>" not in page
    assert "已满，不再受理新的异议" in page
    for seen in (page, read("/publicities/")):
        assert "公示期已满，结果待登记" in seen
    assert "现在不能对这份名单提出异议" in read(address(publicity))


def test_a_withdrawn_list_says_why(read):
    publicity = make_publicity()
    publicities.withdraw(
        by=officer(Role.DEPARTMENT), publicity_id=publicity.pk, version=publicity.version, reason="名单有误。"
    )
    assert "撤回：名单有误。" in read(f"/publicities/{publicity.pk}/")


def test_a_list_that_has_not_begun_is_nobodys_to_see(client):
    publicity = make_publicity(first=date(2026, 3, 9))
    assert client.get(f"/publicities/{publicity.pk}/").status_code == 404


def test_items_are_searched_by_their_names(read):
    publicity = make_publicity()
    label = items(publicity)[1].label
    page = read(f"/publicities/{publicity.pk}/", label=label)
    assert page.count("提出异议</a>") == 1
    assert label in page


def test_an_objection_is_filed_and_its_receipt_shown_in_the_answer_alone(client):
    publicity = make_publicity()
    answer = client.post(address(publicity), typed())
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    shown = receipt_on(answer.content.decode())
    row = Objection.objects.get()
    assert (row.number, row.grounds, row.filer_kind) == (shown["receipt"], "公示的服务企业数与事实不符。", "person")
    assert shown["secret"] not in str(list(KeptAnswer.objects.values()))


def test_the_same_form_sent_twice_files_once_and_shows_the_same_receipt(client):
    publicity = make_publicity()
    sent = typed()
    first, second = (receipt_on(client.post(address(publicity), sent).content.decode()) for _ in range(2))
    assert first == second
    assert Objection.objects.count() == 1


def test_who_is_signed_in_is_kept_nowhere(client):
    publicity = make_publicity()
    user = make_user(Role.ENTERPRISE_AGENT)
    client.force_login(user)
    assert client.post(address(publicity), typed()).status_code == 200
    assert KeptAnswer.objects.get().caller != str(user.pk)


def test_a_unit_brings_its_sealed_letter(client):
    publicity = make_publicity()
    sent = typed(filer_kind="unit", name="南宁某某公司", identity_number=make_uscc())
    refused = client.post(address(publicity), sent)
    assert refused.status_code == 400
    assert "须附盖章的异议函" in refused.content.decode()
    assert not Objection.objects.exists()
    assert client.post(address(publicity), {**sent, "once": "key-2", "file": upload("函.pdf")}).status_code == 200
    assert ObjectionFile.objects.get().role == "letter"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"grounds": ""}, "请填写“事实和理由”"),
        ({"name": ""}, "请填写“姓名或单位全称”"),
        ({"identity_number": "459900198501010030"}, "身份"),
        ({"grounds": "请打我电话13978812345核实"}, "不能含个人信息"),
        ({"filer_kind": "robot"}, "以何种名义提出"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_filed(client, wrong, said):
    answer = client.post(address(make_publicity()), typed(**wrong))
    assert answer.status_code in (400, 422)
    assert said in answer.content.decode()
    assert not Objection.objects.exists()


def test_a_late_objection_is_refused_with_the_days(client, morning):
    publicity = make_publicity()
    morning.shift(7 * 24 * 3600)
    answer = client.post(address(publicity), typed())
    assert answer.status_code == 409
    assert "已过提出异议的期限" in answer.content.decode()
    assert not Objection.objects.exists()


def test_who_files_too_often_waits(client, monkeypatch):
    monkeypatch.setattr(Stranger, "THROTTLE_RATES", {"public_writes": "1/hour", "public_lookups": "9/hour"})
    publicity = make_publicity()
    client.post(address(publicity), typed())
    answer = client.post(address(publicity), typed(once="key-2"))
    assert answer.status_code == 429
    assert "操作过于频繁" in answer.content.decode()
    assert Objection.objects.count() == 1


def held(case: Any) -> dict[str, str]:
    return {"receipt": case.row.number, "secret": case.receipt.secret}


def test_who_holds_the_receipt_is_told_how_it_stands(client):
    case = make_case(step="accepted")
    page = client.post("/objections/", held(case)).content.decode()
    assert "已受理" in page
    assert case.row.number in page


def test_a_wrong_word_tells_nothing(client):
    case = make_case()
    answer = client.post("/objections/", {**held(case), "secret": "0" * 20})
    assert answer.status_code == 404
    assert "回执号或查询码不正确" in answer.content.decode()
    assert case.row.item.label not in answer.content.decode()


def test_looking_up_too_often_waits(client, monkeypatch):
    monkeypatch.setattr(Follower, "THROTTLE_RATES", {"public_writes": "9/hour", "public_lookups": "1/hour"})
    case = make_case()
    client.post("/objections/", held(case))
    assert client.post("/objections/", held(case)).status_code == 429


def test_evidence_is_added_by_the_receipt(client):
    case = make_case()
    answer = client.post("/objections/", {**held(case), "act": "paper", "once": "k", "file": upload("证据.pdf")})
    assert "证据材料已收到" in answer.content.decode()
    assert case.at.files.count() == 1


def test_evidence_without_a_file_is_asked_for(client):
    case = make_case()
    answer = client.post("/objections/", {**held(case), "act": "paper", "once": "k"})
    assert answer.status_code == 422
    assert "请选择“证据材料”" in answer.content.decode()
    assert case.at.files.count() == 0


def test_another_look_is_asked_for_once(client):
    case = make_case(step="notified")
    sent = {**held(case), "act": "review", "once": "k", "grounds": "答复未回应附件所列事实。"}
    assert "复核申请已提交" in client.post("/objections/", sent).content.decode()
    assert case.at.state == ObjectionState.REVIEW
    again = client.post("/objections/", {**sent, "once": "k2"})
    assert again.status_code == 409
    assert case.at.review_grounds == "答复未回应附件所列事实。"


def test_another_look_is_not_offered_before_there_is_a_result(client):
    page = client.post("/objections/", held(make_case(step="accepted"))).content.decode()
    assert "申请复核</h2>" not in page
    assert "补交证据" in page


def test_a_removed_item_takes_no_objection(client, read):
    case = make_case()
    case.bring("decided", "upheld")
    item = case.at.item
    assert item.state == ItemState.REMOVED
    assert "提出异议</a>" not in read(f"/publicities/{item.publicity_id}/")


def test_a_form_without_its_token_is_refused():
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(address(make_publicity()), typed())
    assert answer.status_code == 403
    assert not Objection.objects.exists()


def test_amounts_of_a_settlement_are_written_as_people_read_them(read):
    publicity = make_batch("publicised").at.publicity
    text = read(f"/publicities/{publicity.pk}/")
    assert "10,000.00" in text
    assert "10000.00" not in text
