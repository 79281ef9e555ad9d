"""Registering a provider: a draft that its code opens anywhere and that keeps no secret, and the accounts."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from accounts.models import User
from foundation.models import Draft
from providers.models import Provider
from tests.factories.accounts import PASSWORD, make_identity, make_uscc
from tests.factories.programmes import open_year
from tests.factories.providers import ProviderFactory
from tests.portal.provider.support import ABILITY, CONTACT, UNIT, browser

pytestmark = pytest.mark.django_db


def text(answer):
    return answer.content.decode()


def filled(client, code):
    for number, fields in enumerate(({**UNIT, "uscc": code}, CONTACT, ABILITY), start=1):
        assert client.post(f"/s/register/{number}/", fields).status_code == 302


def people(*usernames):
    given: dict = {}
    for place, (name, role) in enumerate(zip(usernames, ("PL", "PO"), strict=False)):
        given |= {
            f"people-{place}-username": name,
            f"people-{place}-password": PASSWORD,
            f"people-{place}-name": "张三",
            f"people-{place}-identity_number": make_identity(),
            f"people-{place}-roles": role,
        }
    return given


def test_a_provider_registers_step_by_step_and_signs_in():
    open_year(2026)
    client, code = browser(), make_uscc()
    filled(client, code)
    page = client.get("/s/register/check/").content.decode()
    assert "南宁市 青秀区" in page
    assert "9,600,000.00元" in page
    given = {**people("shuzhi-1", "shuzhi-2"), "commitment": "on", "once": "k1"}
    answer = client.post("/s/register/check/", given)
    assert (answer.status_code, answer["Location"]) == (302, "/s/register/done/")
    made = Provider.objects.get()
    assert (made.uscc, made.core_staff) == (code, 26)
    assert {user.username for user in User.objects.filter(organisation=made.organisation)} == {"shuzhi-1", "shuzhi-2"}
    assert Draft.objects.count() == 0
    page = text(client.get("/s/register/done/"))
    assert "用户名 shuzhi-2" in page
    assert code in page


def test_no_password_and_no_identity_number_is_kept_in_the_draft():
    open_year(2026)
    client = browser()
    filled(client, make_uscc())
    given = {**people("shuzhi-1"), "once": "k1"}
    assert client.post("/s/register/check/", given).status_code == 422
    answers = str(Draft.objects.values_list("answers", flat=True))
    assert "广西示例数智服务有限公司" in answers
    kept = answers + str([one.get_decoded() for one in Session.objects.all()])
    assert PASSWORD not in kept
    assert given["people-0-identity_number"] not in kept
    assert not Provider.objects.exists()


def test_a_step_tells_what_is_wrong_and_goes_no_further():
    client = browser()
    answer = client.post("/s/register/1/", {**UNIT, "uscc": "91450199MA6K00014X", "founded_on": "2999-01-01"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "校验码不符" in page
    assert 'href="#id_founded_on"' in page
    assert client.get("/s/register/").context["next"] == "/s/register/1/"


def test_the_code_is_judged_as_it_is_typed():
    assert (
        "校验码不符（第18位应为C，现为X）"
        in browser().get("/s/register/uscc/?uscc=91450199MA6K00014X").content.decode()
    )
    assert "校验位相符" in browser().get(f"/s/register/uscc/?uscc={make_uscc()}").content.decode()


def test_the_last_page_waits_for_the_steps_before():
    page = browser().get("/s/register/check/").content.decode()
    assert "前面的步骤还没有填完" in page
    assert "提交注册" not in page


def test_a_code_that_is_registered_is_refused_and_the_draft_stays():
    open_year(2026)
    provider = ProviderFactory()
    client = browser()
    filled(client, provider.uscc)
    answer = client.post("/s/register/check/", {**people("shuzhi-1"), "commitment": "on", "once": "k1"})
    assert answer.status_code == 409
    assert "已注册" in answer.content.decode()
    assert Provider.objects.count() == 1
    assert "广西示例数智服务有限公司" in text(client.get("/s/register/1/"))


def test_without_a_signatory_nobody_could_submit():
    open_year(2026)
    client = browser()
    filled(client, make_uscc())
    given = {**people("shuzhi-1"), "people-0-roles": "PO", "commitment": "on", "once": "k1"}
    answer = client.post("/s/register/check/", given)
    assert answer.status_code == 400
    assert "SIGNATORY_MISSING" in answer.content.decode()
    assert not Provider.objects.exists()


@pytest.fixture
def begun():
    """A browser in which the first step is filled in."""
    client = browser()
    assert client.post("/s/register/1/", {**UNIT, "uscc": make_uscc()}).headers["Location"] == "/s/register/2/"
    return client


def code_of(client):
    return client.get("/s/register/").context["code"]


def resume(client, code):
    return client.post("/s/register/take-up/", {"code": code})


def test_a_draft_is_taken_up_in_another_browser_by_its_code(begun):
    other = browser()
    answer = resume(other, f" {code_of(begun).lower().replace('-', ' ')} ")
    assert answer.headers["Location"] == "/s/register/2/"
    assert UNIT["name"] in text(other.get("/s/register/1/"))
    other.post("/s/register/2/", CONTACT)
    assert "赵六" in text(begun.get("/s/register/2/"))


def test_a_draft_outlives_the_session(begun):
    code = code_of(begun)
    Session.objects.all().delete()
    assert resume(begun, code).headers["Location"] == "/s/register/2/"


def test_a_wrong_code_opens_nothing_and_says_so(begun):
    client = browser()
    answer = resume(client, "AAAA-AAAA-AAAA-AAAA-AAAA")
    assert answer.status_code == 404
    assert "没有此取回码的草稿" in text(answer)
    assert UNIT["name"] not in text(client.get("/s/register/1/"))


def test_a_code_of_the_enterprises_opens_nothing_here():
    client = browser()
    client.post(reverse("enterprise:register-keep", args=["unit"]), {"name": "甲"})
    code = client.get(reverse("enterprise:register")).context["code"]
    assert resume(browser(), code).status_code == 404


def test_codes_are_not_tried_out(begun, monkeypatch):
    monkeypatch.setattr("foundation.api.throttling.Follower.allow_request", lambda *args: False)
    monkeypatch.setattr("foundation.api.throttling.Follower.wait", lambda self: 30)
    assert resume(browser(), code_of(begun)).status_code == 429


def test_what_is_typed_is_kept_while_it_is_typed():
    client = browser()
    answer = client.post("/s/register/1/keep/", {"name": UNIT["name"]}, headers={"hx-request": "true"})
    assert "草稿已保存" in text(answer)
    assert code_of(client) in text(answer)
    assert UNIT["name"] in text(client.get("/s/register/1/"))


@pytest.mark.parametrize("number", [0, 4])
def test_there_is_no_other_step_to_keep(number):
    assert browser().post(f"/s/register/{number}/keep/", {"name": "甲"}).status_code == 404


def test_an_empty_step_is_no_draft():
    browser().post("/s/register/1/keep/", {"name": " \0"})
    assert Draft.objects.count() == 0


def test_a_long_introduction_is_kept_whole():
    client = browser()
    client.post("/s/register/2/keep/", {"introduction": "长" * 2000})
    assert Draft.objects.get().answers["2"]["introduction"] == "长" * 2000


def test_a_step_half_filled_is_kept_for_later_and_is_not_done():
    client = browser()
    answer = client.post("/s/register/1/", {**UNIT, "uscc": "9145", "_later": "1"})
    assert answer.headers["Location"] == "/s/register/"
    assert 'value="9145"' in text(client.get("/s/register/1/"))
    page = client.get("/s/register/")
    assert page.context["next"] == "/s/register/1/"
    assert "继续填写" in text(page)
    assert [how for _, how, _ in client.get("/s/register/2/").context["steps"]] == ["", "now", "", ""]


def test_a_draft_can_be_thrown_away(begun):
    assert begun.post("/s/register/forget/").headers["Location"] == "/s/register/"
    assert UNIT["name"] not in text(begun.get("/s/register/1/"))
    assert Draft.objects.count() == 0


def test_the_session_holds_the_code_and_no_answer(begun):
    kept = str([one.get_decoded() for one in Session.objects.all()])
    assert UNIT["name"] not in kept
    assert code_of(begun) in kept


def test_who_has_just_registered_nothing_is_led_to_the_beginning():
    assert "这里没有刚刚建立的注册" in text(browser().get("/s/register/done/"))


def test_too_many_from_one_address_are_slowed_down(monkeypatch):
    monkeypatch.setattr("foundation.api.throttling.Newcomer.allow_request", lambda *args: False)
    monkeypatch.setattr("foundation.api.throttling.Newcomer.wait", lambda self: 120)
    client = browser()
    filled(client, make_uscc())
    answer = client.post("/s/register/check/", {**people("shuzhi-1"), "commitment": "on", "once": "k1"})
    assert answer.status_code == 429
    assert "请2分钟后再试" in text(answer)
    assert not Provider.objects.exists()
