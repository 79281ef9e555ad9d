"""Claims: begun from a contract, checked with the reviewers' own list, submitted, returned, appealed, paid."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation import clock
from settlement import jobs
from settlement.models import Appeal, Claim
from settlement.states import ClaimState
from tests.factories.contracts import make_contract, upload
from tests.factories.providers import SettlementAccountFactory
from tests.factories.settlement import make_batch, make_claim, make_payout
from tests.portal.provider.support import browser, done, read, refused

pytestmark = pytest.mark.django_db


def page_of(case, act=""):
    return f"/s/claims/{case.pk}/{f'{act}/' if act else ''}"


def test_a_confirmed_contract_can_be_claimed_and_only_once():
    deal = make_contract("confirmed")
    by = deal.parties.po
    assert deal.at.number in read(by, "/s/claims/")
    assert "可以发起的合同" in read(by, "/s/claims/")
    to = done(by, f"/s/claims/of/{deal.pk}/claim/")
    claim = Claim.objects.get()
    assert (to, claim.contract_id, claim.state) == (f"/s/claims/{claim.pk}/", deal.pk, ClaimState.DRAFT)
    assert "可以发起的合同" not in read(by, "/s/claims/")
    assert browser(by).post(f"/s/claims/of/{deal.pk}/claim/", {"once": "again"}).status_code == 404
    assert Claim.objects.count() == 1


def test_before_submitting_the_reviewers_own_list_is_shown():
    case = make_claim()
    page = read(case.deal.parties.pl, page_of(case, "submit"))
    assert "18项全部符合，可以提交。" in page
    assert "佐证材料未用于其他合同" in page
    done(case.deal.parties.pl, page_of(case, "submit"), version=case.at.version)
    assert case.at.state == ClaimState.SUBMITTED


def test_what_is_missing_is_told_with_what_to_do_and_nothing_is_submitted(travel):
    case = make_claim()
    travel.move_to(clock.start_of(case.at.due + timedelta(days=1)) + timedelta(hours=10))
    page = refused(case.deal.parties.pl, page_of(case, "submit"), 409, version=case.at.version)
    assert "须补正" in page
    assert "申报期限" in page
    assert case.at.state == ClaimState.DRAFT


def test_the_agent_is_not_offered_what_the_signatory_does_and_is_refused_it():
    case = make_claim()
    by = case.deal.parties.po
    assert page_of(case, "submit") not in read(by, page_of(case))
    page = refused(by, page_of(case, "submit"), 403, version=case.at.version)
    assert "须由服务商签署人办理" in page
    assert case.at.state == ClaimState.DRAFT


def test_the_payment_clock_says_whose_turn_it_is_and_the_days(travel):
    case = make_claim("submitted")
    travel.move_to(clock.start_of(date(2026, 3, 6)) + timedelta(hours=10))
    case.checked()
    travel.move_to(clock.start_of(date(2026, 3, 17)) + timedelta(hours=10))
    page = read(case.deal.parties.po, page_of(case))
    assert "促进中心复核" in page
    assert "2026年3月16日" in page
    assert "已逾期" in page
    assert "审核通过后预计列入2026年度第1批" in page
    assert "结算材料" in page
    assert "怎么算出来的" in page


def test_the_place_in_the_queue_stands_on_list_and_page():
    case = make_claim("passed")
    assert "第1位" in read(case.deal.parties.po, page_of(case))
    assert "待列入批次" in read(case.deal.parties.po, "/s/claims/")


def test_a_claim_that_is_in_a_batch_is_not_said_to_be_expected_in_one():
    made = make_batch("planned")
    by = made.cases[0].deal.parties.po
    for address in (page_of(made.cases[0]), "/s/"):
        page = read(by, address)
        assert (f"已列入{made.at.number}" in page, "预计列入" in page) == (True, False), address


def test_a_submitted_claim_is_withdrawn_with_a_reason():
    case = make_claim("submitted")
    by = case.deal.parties.po
    assert "请填写“理由”。" in refused(by, page_of(case, "withdraw"), 422, version=case.at.version)
    done(by, page_of(case, "withdraw"), reason="金额有误", version=case.at.version)
    assert case.at.state == ClaimState.DRAFT


def test_what_was_returned_is_listed_and_submitted_again():
    case = make_claim("submitted")
    case.returned()
    page = read(case.deal.parties.pl, page_of(case))
    assert "还缺什么" in page
    assert "请补充现场照片" in page
    done(case.deal.parties.pl, page_of(case, "submit"), version=case.at.version)
    assert case.at.state == ClaimState.SUBMITTED


def test_a_refusal_is_appealed_against_with_files_and_only_once():
    case = make_claim("reviewed")
    case.refused()
    by = case.deal.parties.pl
    page = read(by, page_of(case))
    assert "查实转包" in page
    assert page_of(case, "appeal") in page
    proof = upload(by, "evidence")
    done(by, page_of(case, "appeal"), grounds="没有转包", files=str(proof.pk), version=case.at.version)
    appeal = Appeal.objects.get()
    assert [one["id"] for one in appeal.files] == [str(proof.pk)]
    page = read(by, page_of(case))
    assert "没有转包" in page
    assert page_of(case, "appeal") not in page


def test_what_was_not_put_right_in_time_is_filed_again(travel):
    case = make_claim("submitted")
    case.returned()
    travel.move_to(clock.start_of(date(2026, 3, 17)) + timedelta(hours=10))
    jobs.time_out_corrections(clock.today())
    by = case.deal.parties.po
    assert page_of(case, "refile") in read(by, page_of(case))
    done(by, page_of(case, "refile"), version=case.at.version)
    assert case.at.state == ClaimState.DRAFT


def test_after_a_bounced_payment_the_new_account_is_confirmed():
    pay = make_payout("sent")
    pay.returned()
    case = pay.case
    by = case.deal.parties.pl
    shown = read(by, page_of(case))
    assert page_of(case, "fix-account") not in shown  # it would be refused: the bank found fault with this account
    assert "/s/accounts/" in shown
    assert "支付被退回：户名不符" in shown
    page = refused(by, page_of(case, "fix-account"), 409, version=case.at.version)
    assert "ACCOUNT_NOT_FIXED" in page
    SettlementAccountFactory(provider=case.at.provider, approved=True, account_number="0000001234567890")
    assert page_of(case, "fix-account") in read(by, page_of(case))
    done(by, page_of(case, "fix-account"), version=case.at.version)
    assert case.at.corrected_account["number"] == "0000001234567890"
    page = read(by, page_of(case))
    assert "****7890" in page
    assert "0000001234567890" not in page


def test_an_account_that_stands_is_not_asked_about():
    case = make_batch("paying").cases[0]
    assert page_of(case, "fix-account") not in read(case.deal.parties.pl, page_of(case))


def test_the_papers_are_downloaded_as_a_pdf():
    case = make_claim("submitted")
    answer = browser(case.deal.parties.po).get(f"/s/claims/{case.pk}/pack.pdf")
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_an_enterprise_and_a_stranger_do_not_come_in():
    case, other = make_claim(), make_claim()
    assert browser(case.deal.parties.eo).get(page_of(case)).status_code == 403
    assert browser(other.deal.parties.po).get(page_of(case)).status_code == 404
    assert browser(other.deal.parties.po).get(f"/s/claims/{case.pk}/pack.pdf").status_code == 404
    assert browser().get(page_of(case)).status_code == 302


def queries(by, address):
    client = browser(by)
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_the_list_costs_the_same_for_two_and_six():
    first = make_claim("submitted")
    parties = first.deal.parties
    make_claim("submitted", deal=make_contract("confirmed", parties=parties))
    few = queries(parties.po, "/s/claims/")
    for _ in range(4):
        make_claim("submitted", deal=make_contract("confirmed", parties=parties))
    assert queries(parties.po, "/s/claims/") == few


def test_a_provider_reads_when_the_payout_notice_takes_claims_in():
    case = make_claim()
    by = case.deal.parties.po
    assert "还没有发布过兑付通知" in read(by, "/s/claims/")
    made = make_batch("open", cases=[])
    assert made.at.title not in read(by, "/s/claims/")
    made.issued()
    page = read(by, "/s/claims/")
    assert made.at.title in page
    assert "正在受理" in page
