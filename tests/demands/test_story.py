"""第十八条第（三）、（四）项 over the API, as the people do it: post, check, show, quote, talk, choose, sign."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.states import Role
from engines.notifications import services as notifications
from foundation import clock
from tests.factories.accounts import Caller, officer
from tests.factories.contracts import make_parties, picture

pytestmark = pytest.mark.django_db

WISH = {
    "title": "想做数字化转型诊断",
    "content": "机加工企业，两条产线，想查明生产和质量环节的短板，给出分步改造方案。",
    "categories": ["diagnosis"],
    "fee_low": "8000.00",
    "fee_high": "20000.00",
    "contact_name": "李四",
    "contact_phone": "10012345678",
}
QUOTE = {"price": "12000.00", "days": 30, "proposal": "现场调研五天，出具诊断报告和路线图。"}


def ok(answer, status=200):
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def test_a_demand_from_draft_to_a_signed_contract():
    parties = make_parties()
    eo, po = Caller(parties.eo), Caller(parties.po)
    first, second = Caller(officer(Role.CENTRE_CHECKER)), Caller(officer(Role.CENTRE_CHECKER))
    public = Caller()

    demand = ok(eo.act("demands/", WISH), 201)
    at = f"demands/{demand['id']}"
    demand = ok(eo.act(f"{at}/submit/", {"version": demand["version"]}))
    assert demand["state_label"] == "待审核"
    assert public.get("/api/v1/demand-board/").json()["results"] == []
    assert (demand["state_label"], demand["stage_label"]) == ("待审核", "待审核")
    demand = ok(first.act(f"{at}/check/", {"version": demand["version"]}))
    assert (demand["state_label"], demand["stage_label"]) == ("待审核", "已审核，待发布")
    refused = first.act(f"{at}/publish/", {"version": demand["version"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")
    demand = ok(second.act(f"{at}/publish/", {"version": demand["version"]}))
    assert demand["state"] == "published"

    (shown,) = public.get("/api/v1/demand-board/").json()["results"]
    assert shown["enterprise_name"] == parties.enterprise.name
    assert shown["days_left"] == 90
    assert shown["answers"] == 0
    assert not {"contact_name", "contact_phone"} & set(shown)
    assert "10012345678" not in str(shown)

    (suited,) = po.get("/api/v1/demand-board/suited/").json()
    assert suited["demand"]["id"] == demand["id"]
    assert suited["product"] == str(parties.product.pk)
    (proposed,) = eo.get(f"/api/v1/{at}/suggestions/").json()
    assert proposed["product"] == str(parties.product.pk)
    assert proposed["why"].startswith("命中：")
    assert proposed["why"].endswith("类别一致；标价在费用区间内")

    response = ok(po.act(f"demand-board/{demand['id']}/respond/", {**QUOTE, "product": str(parties.product.pk)}), 201)
    assert response["list_price"] == "12500.00"
    assert response["contact"] == ""
    answer = f"demand-responses/{response['id']}"
    ok(eo.act(f"{answer}/say/", {"text": "请问何时能开始？"}), 201)
    assert po.get(f"/api/v1/{answer}/").json()["unread"] == 1
    ok(po.act(f"{answer}/read/"))
    assert po.get(f"/api/v1/{answer}/").json()["unread"] == 0
    sheet = picture(parties.po, "报价明细.png")
    ok(po.act(f"{answer}/say/", {"text": "下周一。", "files": [str(sheet.pk)]}), 201)
    (sent,) = eo.get(f"/api/v1/{answer}/messages/").json()[1]["files"]
    assert sent == {
        "id": str(sheet.pk), "name": "报价明细.png", "content_type": "image/png", "size": sheet.size, "sm3": sheet.sm3,
    }  # fmt: skip
    assert b"".join(eo.get(f"/api/v1/files/{sheet.pk}/content/").streaming_content) == sheet.path.read_bytes()
    assert [line["side_label"] for line in eo.get(f"/api/v1/{answer}/messages/").json()] == ["企业", "服务商"]
    response = ok(eo.act(f"{answer}/shortlist/", {"version": response["version"]}))
    ok(eo.act(f"{answer}/take-up/", {"version": response["version"]}))
    assert po.get(f"/api/v1/{answer}/").json()["contact"] == "李四 10012345678"
    assert public.get("/api/v1/demand-board/").json()["results"][0]["state_label"] == "对接中"

    contract = drafted(eo, po, parties, demand["id"])
    assert ok(eo.get(f"/api/v1/{at}/"))["contract_number"] == contract["number"]
    for side in (eo, po):
        contract = ok(side.act(f"contracts/{contract['id']}/agree/", {"version": contract["version"]}))
    contract = ok(eo.act(f"contracts/{contract['id']}/start-signing/", {"version": contract["version"]}))
    for signatory in (parties.el, parties.pl):
        act = f"contracts/{contract['id']}/sign/"
        contract = ok(Caller(signatory).act(act, {"version": contract["version"]}))
    assert contract["state"] == "signed_wait_deposit"
    assert ok(eo.get(f"/api/v1/{at}/"))["state_label"] == "已签约"
    assert public.get("/api/v1/demand-board/").json()["results"] == []

    notifications.relay()
    titles = [row["title"] for row in po.get("/api/v1/messages/").json()["results"]]
    assert any(title.startswith("贵机构的应答已被选定") for title in titles)
    acts = [row["act"] for row in eo.get(f"/api/v1/{at}/trail/").json()]
    assert acts == ["create", "submit", "check", "publish", "take_up", "draft_contract", "match"]


def drafted(eo, po, parties, demand):
    """The draft of the contract on that demand; somebody else's provider cannot draw one up."""
    terms = {
        "enterprise": str(parties.enterprise.pk),
        "product": str(parties.product.pk),
        "demand": demand,
        "amount": "12000.00",
        "voucher": "9600.00",
        "start_date": str(clock.today()),
        "end_date": str(clock.today() + timedelta(days=30)),
        "milestones": [{"title": "提交诊断报告", "due_date": str(clock.today() + timedelta(days=30))}],
    }
    stranger = Caller(make_parties().po)
    assert stranger.act("contracts/", terms).status_code == 404
    contract = ok(po.act("contracts/", terms), 201)
    assert contract["demand_id"] == demand
    again = eo.act("contracts/", terms)
    assert (again.status_code, again.json()["code"]) == (409, "DEMAND_HAS_CONTRACT")
    return contract
