"""人员与角色: who may add, end and stop whom; one's own e-mail address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuthorisationLetter, User
from accounts.selectors import visible_files
from accounts.services import contact, letters
from accounts.states import SIGNATORIES, OrganisationKind, Role
from foundation import clock
from foundation.ids import new_id
from portal.kit.days import day
from tests.factories.accounts import PASSWORD, both_sides, make_identity, make_organisation, make_user, officer
from tests.factories.contracts import PNG, make_contract, picture
from tests.portal.enterprise.support import act, begin, offered, queries_of, said, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[OrganisationKind.ENTERPRISE, OrganisationKind.PROVIDER])
def house(request):
    """Agent and signatory of a party."""
    return both_sides(make_organisation(request.param))


def colleague(**changes) -> dict:
    fields = {
        "username": "wangliu",
        "password": "Choose-your-own-3",
        "name": "王六",
        "identity_number": make_identity(),
        "roles": [],
    }
    return {**fields, **changes}


def agents_role(user) -> str:
    return str(Role.ENTERPRISE_AGENT if user.organisation.kind == OrganisationKind.ENTERPRISE else Role.PROVIDER_AGENT)


def test_the_signatory_adds_a_colleague_with_a_role_of_the_house(house):
    eo, el = house
    answer = begin(el, "people-add", **colleague(roles=[agents_role(eo)]))
    person = User.objects.get(username="wangliu")
    assert answer.headers["Location"] == f"/my/people/{person.pk}/"
    assert (person.organisation, person.roles) == (el.organisation, {agents_role(eo)})


def test_only_roles_of_the_house_are_there_to_choose(house):
    form = signed_in(house[1]).get("/my/people/add/").context["form"]
    assert len(form.fields["roles"].choices) == 2
    answer = begin(house[1], "people-add", **colleague(roles=["CO"]))
    assert answer.status_code == 422
    assert not User.objects.filter(username="wangliu").exists()


def test_an_agent_adds_nobody(house):
    assert offered(signed_in(house[0]).get("/my/people/")) == []
    assert begin(house[0], "people-add", **colleague()).status_code == 403
    assert not User.objects.filter(username="wangliu").exists()


def test_a_weak_password_is_refused_and_never_shown_again(house):
    answer = begin(house[1], "people-add", **colleague(password="12345678"))
    assert answer.status_code == 400
    assert "12345678" not in said(answer)
    assert not User.objects.filter(username="wangliu").exists()


def test_a_role_is_ended_with_a_reason(house):
    eo, el = house
    act(el, eo, "end-role", "person", role=agents_role(eo), reason="调离岗位")
    assert User.objects.get(pk=eo.pk).roles == frozenset()


def test_a_colleague_without_a_role_is_given_one_again(house):
    eo, el = house
    role = agents_role(eo)
    act(el, eo, "end-role", "person", role=role, reason="调离岗位")
    assert act(el, eo, "grant", "person", role=role).headers["Location"] == f"/my/people/{eo.pk}/"
    assert User.objects.get(pk=eo.pk).roles == {role}


def test_only_roles_that_are_missing_can_be_given_and_nobody_else_gives_them(house):
    eo, el = house
    form = signed_in(el).get(f"/my/people/{eo.pk}/grant/").context["form"]
    (code,) = (code for code, _ in form.fields["role"].choices)
    assert code == next(iter(el.roles))
    assert "grant" not in offered(signed_in(eo).get(f"/my/people/{el.pk}/"))
    assert act(eo, eo, "grant", "person", role=code).status_code == 403
    assert User.objects.get(pk=eo.pk).roles == {agents_role(eo)}


def test_the_last_signatory_stays(house):
    el = house[1]
    role = next(iter(el.roles))
    answer = act(el, el, "end-role", "person", role=role, reason="误操作")
    assert answer.status_code == 409
    assert "唯一的签署人" in said(answer)
    assert User.objects.get(pk=el.pk).roles == {role}


def test_an_agent_is_stopped_and_started_again(house):
    eo, el = house
    assert offered(signed_in(el).get(f"/my/people/{eo.pk}/")) == ["deactivate", "end-role", "grant", "letter"]
    act(el, eo, "deactivate", "person", reason="离职")
    eo.refresh_from_db()
    assert not eo.is_active
    assert offered(signed_in(el).get(f"/my/people/{eo.pk}/")) == ["activate", "end-role"]
    act(el, eo, "activate", "person", reason="返岗")
    eo.refresh_from_db()
    assert eo.is_active


def test_a_fellow_signatory_is_not_stopped(house):
    el = house[1]
    other = make_user(next(iter(el.roles)), organisation=el.organisation)
    assert offered(signed_in(el).get(f"/my/people/{other.pk}/")) == ["end-role", "grant", "letter"]
    assert act(el, other, "deactivate", "person", reason="试试").status_code == 403
    other.refresh_from_db()
    assert other.is_active


def test_people_of_other_houses_are_not_there(house):
    stranger = both_sides(make_organisation())[0]
    assert signed_in(house[1]).get(f"/my/people/{stranger.pk}/").status_code == 404
    assert {row.pk for row in signed_in(house[0]).get("/my/people/").context["list"].rows} == {one.pk for one in house}


def test_a_colleagues_address_is_masked(house):
    eo, el = house
    User.objects.filter(pk=eo.pk).update(email="lisi@example.com")
    text = said(signed_in(el).get(f"/my/people/{eo.pk}/"))
    assert "l***@example.com" in text
    assert "lisi@example.com" not in text


def test_an_address_is_given_and_verified_by_its_owner(house):
    eo = house[0]
    begin(eo, "account-email", email="lisi@example.com")
    eo.refresh_from_db()
    assert (eo.email, eo.email_verified_at) == ("lisi@example.com", None)
    assert offered(signed_in(eo).get("/my/account/")) == ["email", "password", "verify"]
    begin(eo, "account-verify", token=contact.token_of(eo))
    eo.refresh_from_db()
    assert eo.email_verified_at is not None


def test_a_wrong_token_verifies_nothing(house):
    eo = house[0]
    begin(eo, "account-email", email="lisi@example.com")
    assert begin(eo, "account-verify", token="made-up").status_code == 400
    eo.refresh_from_db()
    assert eo.email_verified_at is None


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.AUDITOR, Role.EXPERT])
def test_officers_have_an_account_and_no_people_of_a_party(role):
    client = signed_in(make_user(role))
    assert client.get("/my/account/").status_code == 200
    assert client.get("/my/people/").status_code == 403


NEW = "Another-of-mine-2026"


def change(client, **changes):
    body = {"once": str(new_id()), "current_password": PASSWORD, "password": NEW, "again": NEW, **changes}
    return client.post("/my/account/password/", body)


@pytest.mark.parametrize("role", [Role.ENTERPRISE_AGENT, Role.PROVIDER_SIGNATORY, Role.APPROVER, Role.SYSTEM_ADMIN])
def test_a_password_is_changed_and_this_session_goes_on(role):
    user = make_user(role)
    here, there = signed_in(user), signed_in(user)
    assert change(here).headers["Location"] == "/my/account/"
    assert [one.get("/my/account/").status_code for one in (here, there)] == [200, 302]
    assert [Client().login(username=user.username, password=one) for one in (NEW, PASSWORD)] == [True, False]


@pytest.mark.parametrize(
    ("changes", "status", "field", "words"),
    [
        ({"current_password": "Not-the-one-2026"}, 400, "current_password", "原密码不正确，密码没有修改。"),
        ({"password": "short", "again": "short"}, 400, "password", "密码过短，至少须有10个字符。"),
        ({"again": "Mistyped-2026"}, 422, "again", "两次输入的新密码不一致，请重新输入。"),
        ({"current_password": ""}, 422, "current_password", "请填写“原密码”。"),
    ],
)
def test_a_password_that_cannot_be_is_refused_at_its_field_and_shown_nowhere(changes, status, field, words):
    user = make_user(Role.ENTERPRISE_AGENT)
    answer = change(signed_in(user), **changes)
    assert answer.status_code == status
    assert words in str(answer.context["form"].errors[field])
    assert PASSWORD not in said(answer)
    assert Client().login(username=user.username, password=PASSWORD)


def test_guesses_at_a_password_are_stopped(monkeypatch):
    cache.clear()
    monkeypatch.setattr("foundation.api.throttling.Guesser.THROTTLE_RATES", {"own_password": "1/hour"})
    user = make_user(Role.ENTERPRISE_AGENT)
    client = signed_in(user)
    assert change(client, current_password="Not-the-one-2026").status_code == 400
    answer = change(client)
    assert answer.status_code == 429
    assert "操作过于频繁，本次未生效，请60分钟后再试。" in said(answer)
    assert Client().login(username=user.username, password=PASSWORD)
    cache.clear()


def test_the_account_is_in_everybodys_menu():
    text = said(signed_in(make_user(Role.AUDITOR)).get("/my/account/"))
    assert text.count('href="/my/account/password/"') == 2  # the menu at the top, and the page's own button


def test_the_list_costs_the_same_for_many(house):
    few = queries_of(house[0], "/my/people/")
    for _ in range(9):
        make_user(agents_role(house[0]), organisation=house[0].organisation)
    assert queries_of(house[0], "/my/people/") == few


def letter_of(signatory, **days):
    """The signatory's own letter, from today."""
    return letters.record(
        by=signatory,
        user_id=signatory.pk,
        role=next(iter(signatory.roles & SIGNATORIES)),
        file_id=picture(signatory, "授权书.png").pk,
        valid_from=clock.today(),
        **days,
    )


def test_the_signatory_records_a_letter_and_the_list_shows_it(house):
    agent, signatory = house
    assert "未登记" in said(signed_in(agent).get("/my/people/"))
    role = next(iter(signatory.roles & SIGNATORIES))
    until = clock.today() + timedelta(days=90)
    answer = act(
        signatory, signatory, "letter", "person",
        role=role, valid_from=clock.today().isoformat(), valid_until=until.isoformat(),
        **{"file-new": SimpleUploadedFile("授权书.png", PNG)},
    )  # fmt: skip
    assert answer.status_code == 302
    letter = AuthorisationLetter.objects.get()
    assert (letter.person, letter.file.purpose, letter.valid_until) == (signatory, "letter", until)
    assert f"有效，至{day(until)}" in said(signed_in(agent).get("/my/people/"))
    page = said(signed_in(agent).get(f"/my/people/{signatory.pk}/"))
    title, body = page.split("</title>", 1)
    assert "授权书" not in title
    assert f'<a href="/files/{letter.file_id}/">授权书.png</a>' in body


def test_the_signatory_alone_withdraws_it(house):
    agent, signatory = house
    letter = letter_of(signatory)
    at = f"/my/people/letters/{letter.pk}/withdraw/"
    sent = {"reason": "不该能撤", "once": str(new_id())}
    assert signed_in(agent).post(at, sent).status_code == 403
    assert signed_in(both_sides(make_organisation())[1]).post(at, sent).status_code == 404
    letter.refresh_from_db()
    assert letter.withdrawn_at is None
    answer = signed_in(signatory).post(at, {"reason": "法定代表人变更", "once": str(new_id())})
    assert answer.headers["Location"] == f"/my/people/{signatory.pk}/"
    letter.refresh_from_db()
    assert letter.withdrawn_reason == "法定代表人变更"


def test_the_people_cost_the_same_for_one_letter_and_for_four(house):
    agent, signatory = house
    letter_of(signatory)
    few = queries_of(agent, "/my/people/")
    for _ in range(3):
        letter_of(make_user(*signatory.roles, organisation=signatory.organisation))
    assert queries_of(agent, "/my/people/") == few


def test_a_contract_says_under_which_letter_each_side_signed():
    deal = make_contract("signing")
    letter = letter_of(deal.parties.el, valid_until=clock.today() + timedelta(days=90))
    deal.signed()
    for reader in (deal.parties.eo, deal.parties.po):
        page = said(signed_in(reader).get(f"/contracts/{deal.pk}/"))
        assert f'<a href="/files/{letter.file_id}/">授权书' in page
        assert page.count("未登记授权书") == 1
    assert visible_files(deal.parties.po).filter(pk=letter.file_id).exists()
    assert signed_in(both_sides(make_organisation())[0]).get(f"/files/{letter.file_id}/").status_code == 404


def test_the_other_side_does_not_read_a_letter_under_which_nothing_was_signed_with_it():
    deal = make_contract("signed")
    letter = letter_of(deal.parties.el)
    assert signed_in(deal.parties.po).get(f"/files/{letter.file_id}/").status_code == 404


def test_the_signatorys_desk_tells_of_a_letter_that_ends_soon():
    deal = make_contract("draft")
    for by, desk in ((deal.parties.el, "/e/"), (deal.parties.pl, "/s/")):
        letter_of(by, valid_until=clock.today() + timedelta(days=9))
        assert "更换即将到期的授权书" in said(signed_in(by).get(desk))
    assert "更换即将到期的授权书" not in said(signed_in(deal.parties.eo).get("/e/"))


def test_officers_read_the_letters_of_a_house_in_its_file():
    deal = make_contract("draft")
    letter = letter_of(deal.parties.el)
    page = reverse("officer:enterprise-file", kwargs={"pk": deal.parties.enterprise.pk})
    told = said(signed_in(officer(Role.CENTRE_CHECKER)).get(page))
    assert str(letter.file_id) in told
    assert "签署人授权书" in told
