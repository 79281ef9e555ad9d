"""The registration after the sign-in: how far it is, what may be done, the commitment, returned and reopened."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.states import OrganisationKind, Role
from credit.models import Commitment
from enterprises.models import Enterprise
from enterprises.services import checking
from enterprises.states import State
from tests.factories.accounts import both_sides, make_organisation, make_user
from tests.factories.enterprises import shared_officer
from tests.factories.programmes import open_year
from tests.portal.enterprise.support import act, begin, make_house, offered, said, signed_in

pytestmark = pytest.mark.django_db
PROFILE = "/e/profile/"


@pytest.fixture(autouse=True)
def year():
    open_year(2026)


def returned(house):
    """Submitted, and sent back by the centre."""
    act(house.el, house.row, "submit", "enterprise:profile", commitment="on")
    house.row.refresh_from_db()
    officer = shared_officer(Role.CENTRE_CHECKER)
    checking.send_back(by=officer, enterprise_id=house.row.pk, version=house.row.version, reason="地址与执照不一致。")
    house.row.refresh_from_db()


def test_only_the_signatory_may_submit_a_draft():
    house = make_house()
    assert offered(signed_in(house.eo).get(PROFILE)) == ["edit"]
    assert offered(signed_in(house.el).get(PROFILE)) == ["edit", "submit"]


def test_submitting_signs_the_commitment_and_checks_by_itself():
    house = make_house()
    answer = act(house.el, house.row, "submit", "enterprise:profile", commitment="on")
    assert answer.headers["Location"] == PROFILE
    house.row.refresh_from_db()
    assert house.row.state == State.AUTO_OK
    assert Commitment.objects.get(organisation=house.row.organisation).signed_by == house.el


def test_without_the_tick_nothing_is_submitted():
    house = make_house()
    answer = act(house.el, house.row, "submit", "enterprise:profile")
    assert answer.status_code == 422
    assert "须签署信用承诺后才能提交。" in said(answer)
    house.row.refresh_from_db()
    assert (house.row.state, Commitment.objects.count()) == (State.DRAFT, 0)


def test_an_agent_who_submits_all_the_same_is_refused():
    house = make_house()
    answer = act(house.eo, house.row, "submit", "enterprise:profile", commitment="on")
    assert answer.status_code == 403
    house.row.refresh_from_db()
    assert house.row.state == State.DRAFT


def test_the_page_of_the_commitment_shows_its_words_and_what_the_check_will_say():
    house = make_house()
    text = said(signed_in(house.el).get(f"{PROFILE}{house.row.pk}/submit/"))
    assert "校验码相符。" in text
    assert "第 1 版" in text


def test_an_edit_changes_only_what_differs():
    house = make_house()
    fields = {name: getattr(house.row, name) for name in ("name", "industry_code", "region_code", "address")}
    more = ("registered_on", "listed_since", "legal_representative", "contact_name", "contact_email", "bank_name")
    fields |= {name: getattr(house.row, name) for name in (*more, "bank_account")}
    answer = act(house.eo, house.row, "edit", "enterprise:profile", **{**fields, "contact_phone": "0771-1234567"})
    assert answer.status_code == 302, said(answer)
    house.row.refresh_from_db()
    assert house.row.contact_phone == "0771-1234567"


def test_in_force_the_contact_is_put_right_and_nothing_else_offered():
    house = make_house(active=True)
    assert offered(signed_in(house.eo).get(PROFILE)) == ["correct"]
    act(house.eo, house.row, "correct", "enterprise:profile", contact_phone="10099999999")
    house.row.refresh_from_db()
    assert (house.row.contact_phone, house.row.state) == ("10099999999", State.ACTIVE)


def test_a_returned_registration_says_why_and_until_when():
    house = make_house()
    returned(house)
    answer = signed_in(house.el).get(PROFILE)
    assert "地址与执照不一致。" in said(answer)
    assert offered(answer) == ["close", "edit", "submit"]
    assert [step["label"] for step in answer.context["steps"] if step["now"]] == ["承诺并提交"]


def test_withdrawn_it_can_be_taken_up_again():
    house = make_house()
    returned(house)
    act(house.eo, house.row, "close", "enterprise:profile", reason="暂不办理")
    house.row.refresh_from_db()
    assert house.row.state == State.CLOSED
    assert offered(signed_in(house.eo).get(PROFILE)) == ["reopen"]
    act(house.eo, house.row, "reopen", "enterprise:profile", reason="重新申请")
    house.row.refresh_from_db()
    assert house.row.state == State.DRAFT


def test_what_others_did_meanwhile_is_told():
    house = make_house()
    seen = house.row.version
    act(house.el, house.row, "submit", "enterprise:profile", commitment="on")
    answer = act(house.el, house.row, "submit", "enterprise:profile", commitment="on", version=seen)
    assert answer.status_code == 409
    assert "签署承诺并提交" in said(answer)


def test_an_organisation_without_an_enterprise_is_led_to_registering():
    organisation = make_organisation(OrganisationKind.ENTERPRISE)
    eo, _ = both_sides(organisation)
    answer = signed_in(eo).get("/e/")
    assert offered(answer) == ["register"]
    profile = {
        "industry_code": "3670",
        "region_code": "450203",
        "address": "柳州市鱼峰区示例路1号",
        "registered_on": "2012-05-08",
        "legal_representative": "张三",
        "contact_name": "李四",
        "contact_phone": "0772-0000000",
        "bank_name": "示例银行柳州分行",
        "bank_account": "0000001234567890",
    }
    assert begin(eo, "enterprise:begin-register", **profile).headers["Location"] == PROFILE
    assert Enterprise.objects.get(organisation=organisation).state == State.DRAFT


@pytest.mark.parametrize("page", ["quota", "passport", "relations"])
def test_pages_that_need_an_enterprise_say_so(page):
    eo, _ = both_sides(make_organisation(OrganisationKind.ENTERPRISE))
    answer = signed_in(eo).get(reverse(f"enterprise:{page}"))
    assert answer.status_code == 409
    assert "还没有登记企业资料" in said(answer)


def test_another_house_has_no_such_registration():
    house, stranger = make_house(), make_house()
    address = reverse("enterprise:profile-act", kwargs={"pk": house.row.pk, "act": "edit"})
    assert signed_in(stranger.eo).get(address).status_code == 404
    assert signed_in(make_user(Role.PROVIDER_AGENT)).get(PROFILE).status_code == 403
