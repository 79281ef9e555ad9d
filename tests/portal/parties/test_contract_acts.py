"""The acts of a contract's pages: each has its effect in the database; what is refused changes nothing."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.states import Role
from contracts.models import Contract, EvidenceQuery, MilestoneEvidence, Supplement, Termination
from contracts.services import changes, drafting, endings
from contracts.states import PaymentKind, PaymentState, QueryState, State, SupplementState, TerminationState
from engines.evidence.models import EvidenceRecord
from engines.files.models import StoredFile
from foundation import clock
from foundation.ids import new_id
from programmes.services import suspension
from tests.factories.accounts import make_user
from tests.factories.contracts import PDF, make_contract, make_parties, make_query, picture, upload
from tests.portal.parties.support import act, page, said, signed_in

pytestmark = pytest.mark.django_db
REACHED = "indicators-1-reached"  # the one indicator of a factory's product: 覆盖产线 ≥2条


def opened(user, row, name):
    return signed_in(user).get(reverse("contract-act", kwargs={"pk": row.pk, "act": name}))


def pdf(name="报告.pdf"):
    return SimpleUploadedFile(name, PDF + f"%{new_id()}".encode(), "application/pdf")


def terms(**fields):
    """A draft's form as a browser sends it."""
    today = clock.today()
    return {
        "amount": "12,500",
        "tax": "0",
        "voucher": "8000",
        "start_date": today.isoformat(),
        "end_date": (today + timedelta(days=60)).isoformat(),
        "milestones-0-title": "提交诊断报告",
        "milestones-0-due_date": (today + timedelta(days=50)).isoformat(),
        "milestones-0-evidence_kinds": ["report", "photo"],
        **fields,
    }


def begin(user, product, **fields):
    address = reverse("contract-draft-act", kwargs={"pk": product.pk, "act": "draft"})
    return signed_in(user).post(address, {"once": str(new_id()), **terms(**fields)})


def test_an_enterprise_drafts_on_a_product_of_the_catalogue():
    parties = make_parties()
    answer = begin(parties.eo, parties.product)
    row = Contract.objects.get()
    assert answer.headers["Location"] == reverse("contract", kwargs={"pk": row.pk})
    assert (row.enterprise, row.provider, row.amount, row.voucher) == (
        parties.enterprise,
        parties.provider,
        12500,
        8000,
    )
    assert (row.deposit, row.balance, row.state) == (2500, 2000, State.DRAFT)
    step = row.milestones.get()
    assert (step.title, step.evidence_kinds) == ("提交诊断报告", ["photo", "report"])


def test_a_provider_drafts_for_an_enterprise_it_has_dealt_with():
    parties = make_contract("draft").parties
    begin(parties.po, parties.product, enterprise=str(parties.enterprise.pk))
    assert Contract.objects.count() == 2
    assert Contract.objects.latest("pk").drafted_by == parties.po


def test_a_provider_cannot_name_an_enterprise_that_is_none_of_its():
    parties, other = make_parties(), make_contract("draft").parties
    answer = begin(parties.po, parties.product, enterprise=str(other.enterprise.pk))
    assert answer.status_code == 422
    assert Contract.objects.count() == 1


def test_a_provider_does_not_draft_on_anothers_product():
    parties, other = make_parties(), make_parties()
    assert begin(parties.po, other.product).status_code == 404
    assert not Contract.objects.exists()


def test_a_voucher_over_the_bound_is_refused_with_the_bound_and_what_was_typed_stays():
    parties = make_parties()
    answer = begin(parties.eo, parties.product, voucher="10000.01")
    assert answer.status_code == 409
    text = said(answer)
    assert "超过" in text
    assert "10000.01" in text
    assert not Contract.objects.exists()


def test_a_day_outside_the_term_is_refused_in_words():
    parties = make_parties()
    answer = begin(parties.eo, parties.product, **{"milestones-0-due_date": "2099-01-01"})
    assert answer.status_code == 400
    assert "关键环节的计划日期须在服务期内" in said(answer)
    assert not Contract.objects.exists()


def test_the_sums_follow_what_is_typed_without_a_draft():
    parties = make_parties()
    answer = begin(parties.eo, parties.product, amount="10000", voucher="3000", _again="1")
    found = answer.context["form"].calculation
    assert (answer.status_code, found.shares.deposit, found.shares.voucher, found.shares.balance) == (
        200,
        2000,
        3000,
        5000,
    )
    assert found.ceiling.smallest.code == "rate"
    assert not Contract.objects.exists()


def test_the_sums_say_which_bound_a_voucher_passes():
    parties = make_parties()
    found = begin(parties.eo, parties.product, amount="10000", voucher="9000", _again="1").context["form"].calculation
    assert (found.shares, found.problem) == (None, "服务券9,000.00元超过合同金额的80%（8,000.00元），请调减。")


def test_unreadable_amounts_leave_the_sums_empty():
    parties = make_parties()
    answer = begin(parties.eo, parties.product, amount="一万", _again="1")
    assert (answer.status_code, answer.context["form"].calculation) == (200, None)


def test_a_draft_is_revised_agreed_and_withdrawn():
    deal = make_contract()
    people = deal.parties
    assert act(people.po, deal.at, "revise", **terms(voucher="6000")).status_code == 302
    assert (deal.at.voucher, deal.at.milestones.get().evidence_kinds) == (6000, ["photo", "report"])
    act(people.eo, deal.at, "agree")
    act(people.po, deal.at, "agree")
    assert deal.at.state == State.READY
    act(people.eo, deal.at, "withdraw", reason="需求变化")
    assert (deal.at.state, deal.at.ended_reason) == (State.CANCELLED, "需求变化")


def test_what_others_did_meanwhile_is_shown_and_nothing_is_done():
    deal = make_contract()
    seen = deal.at.version
    deal.do(drafting.agree, deal.parties.po)
    answer = act(deal.parties.eo, deal.at, "agree", version=seen)
    assert answer.status_code == 409
    assert "同意草稿" in said(answer)
    assert deal.at.enterprise_agreed_by is None


def test_starting_to_sign_shows_the_three_accounts_and_locks_them():
    deal = make_contract("ready", amount="10000.00", voucher="5000.00")
    address = reverse("contract-act", kwargs={"pk": deal.pk, "act": "start-signing"})
    locks = signed_in(deal.parties.eo).get(address).context["locks"]
    assert [one["label"] for one in locks] == ["企业年度额度余额", "服务商年度结算上限余额", "预算剩余资金"]
    assert all(one["before"] - one["after"] == 5000 for one in locks)
    act(deal.parties.eo, deal.at, "start-signing")
    assert (deal.at.state, deal.at.hold is not None) == (State.SIGNING, True)


def test_a_short_budget_blocks_with_the_reason():
    deal = make_contract("ready", budget="4000.00", amount="10000.00", voucher="5000.00")
    address = reverse("contract-act", kwargs={"pk": deal.pk, "act": "start-signing"})
    shown = signed_in(deal.parties.eo).get(address)
    assert [one["short"] for one in shown.context["locks"]] == [False, False, True]
    assert "预算剩余资金不足，现在不能发起" in said(shown)
    assert "data-once" not in said(shown).partition("<main")[2]
    answer = act(deal.parties.eo, deal.at, "start-signing")
    assert answer.status_code == 409
    assert "预算剩余资金不足" in said(answer)
    assert (deal.at.state, deal.at.hold) == (State.READY, None)


def test_a_suspension_says_why_and_since_when_and_offers_no_button():
    deal = make_contract("ready", amount="10000.00", voucher="5000.00")
    suspension.suspend_manually(by=make_user(Role.DEPARTMENT), year=clock.today().year, reason="年中预算调整")
    address = reverse("contract-act", kwargs={"pk": deal.pk, "act": "start-signing"})
    text = said(signed_in(deal.parties.eo).get(address))
    assert "暂停签订新合同：年中预算调整" in text
    assert "年中预算调整" in said(signed_in(deal.parties.po).get(page(deal)))
    assert "data-once" not in text.partition("<main")[2]
    assert act(deal.parties.eo, deal.at, "start-signing").status_code == 409
    assert deal.at.state == State.READY


def test_both_signatories_sign_and_the_handwriting_stands_in_the_trail_by_its_digest():
    deal = make_contract("signing")
    image = SimpleUploadedFile("signature.png", picture(deal.parties.el).path.read_bytes(), "image/png")
    act(deal.parties.el, deal.at, "sign", **{"handwriting-new": image})
    stored = StoredFile.objects.latest("pk")
    facts = EvidenceRecord.objects.get(subject_id=deal.pk, act="sign").facts
    assert facts["handwriting_sm3"] == stored.sm3
    act(deal.parties.pl, deal.at, "sign")
    assert deal.at.state == State.SIGNED_WAIT_DEPOSIT


def test_an_agent_does_not_sign():
    deal = make_contract("signing")
    assert act(deal.parties.eo, deal.at, "sign").status_code == 403
    assert deal.at.signatures.count() == 0


def test_a_signatory_refuses_and_the_money_is_free():
    deal = make_contract("signing")
    act(deal.parties.pl, deal.at, "refuse", reason="条款有误")
    assert (deal.at.state, deal.at.ended_reason) == (State.CANCELLED, "条款有误")


def test_a_deposit_is_reported_with_its_receipt_and_confirmed_by_the_payee():
    deal = make_contract("signed")
    order = deal.order(PaymentKind.DEPOSIT)
    paid_at = clock.now().astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S.%f")
    answer = act(
        deal.parties.eo, order, "report", "contract-payment",
        bank_serial="abc-001", paid_at=paid_at, **{"receipt-new": pdf("回单.pdf")},
    )  # fmt: skip
    assert answer.status_code == 302, said(answer)
    order.refresh_from_db()
    assert (order.state, order.bank_serial, order.receipt.name) == (PaymentState.REPORTED, "ABC-001", "回单.pdf")
    assert act(deal.parties.eo, order, "confirm", "contract-payment").status_code == 403
    act(deal.parties.po, order, "confirm", "contract-payment")
    assert deal.at.state == State.EFFECTIVE


def test_a_payee_who_has_nothing_says_so():
    deal = make_contract("signed")
    order = deal.report(PaymentKind.DEPOSIT)
    act(deal.parties.po, order, "mismatch", "contract-payment", reason="未收到")
    order.refresh_from_db()
    assert (order.state, deal.at.state) == (PaymentState.MISMATCH, State.SIGNED_WAIT_DEPOSIT)


def test_a_report_without_a_receipt_says_what_is_missing():
    deal = make_contract("signed")
    order = deal.order(PaymentKind.DEPOSIT)
    answer = act(deal.parties.eo, order, "report", "contract-payment", bank_serial="AB-1", paid_at="2026-03-01T10:00")
    assert answer.status_code == 422
    assert "请选择“电子回单”" in said(answer)
    order.refresh_from_db()
    assert order.state == PaymentState.CREATED


def test_materials_are_handed_in_at_a_milestone_with_the_form():
    deal = make_contract("effective")
    answer = act(deal.parties.po, deal.at, "evidence", milestone="1", note="终稿", **{"files-new": pdf()})
    assert answer.status_code == 302, said(answer)
    given = MilestoneEvidence.objects.get()
    assert (given.milestone.contract_id, given.file.name, given.note) == (deal.pk, "报告.pdf", "终稿")
    assert deal.at.state == State.PERFORMING


def test_materials_uploaded_before_are_handed_in_by_their_id_and_others_are_not():
    deal = make_contract("effective")
    own, foreign = upload(deal.parties.po), upload(make_user(Role.PROVIDER_AGENT))
    assert act(deal.parties.po, deal.at, "evidence", milestone="1", files=str(foreign.pk)).status_code == 422
    act(deal.parties.po, deal.at, "evidence", milestone="1", files=str(own.pk))
    assert [one.file for one in MilestoneEvidence.objects.all()] == [own]


def test_the_milestone_of_the_address_is_chosen_beforehand():
    deal = make_contract("effective")
    address = reverse("contract-act", kwargs={"pk": deal.pk, "act": "evidence"}) + "?milestone=1&version=99"
    form = signed_in(deal.parties.po).get(address).context["form"]
    assert (form.initial["milestone"], form.initial["version"]) == ("1", deal.at.version)


def test_a_material_is_queried_supplemented_and_another_found_against():
    deal = make_contract("performing")
    material = MilestoneEvidence.objects.get()
    act(deal.parties.eo, deal.at, "query-evidence", evidence=str(material.pk), reason="缺签章页")
    query = EvidenceQuery.objects.get()
    assert (query.state, query.reason) == (QueryState.OPEN, "缺签章页")
    act(deal.parties.po, query, "supplement", "contract-query", note="已补", **{"files-new": pdf("签章页.pdf")})
    query.refresh_from_db()
    assert query.state == QueryState.SUPPLEMENTED
    other = make_query(deal)
    act(deal.parties.eo, other, "reject", "contract-query", reason="不是本项目")
    other.refresh_from_db()
    assert other.state == QueryState.REJECTED


def test_a_query_is_withdrawn_by_who_asked_and_nobody_else():
    deal = make_contract("performing")
    query = make_query(deal)
    assert act(deal.parties.po, query, "withdraw", "contract-query", reason="x").status_code == 403
    query.refresh_from_db()
    assert query.state == QueryState.OPEN
    act(deal.parties.eo, query, "withdraw", "contract-query", reason="属实")
    query.refresh_from_db()
    assert query.state == QueryState.WITHDRAWN


def test_delivery_rejection_and_acceptance_at_a_lower_amount():
    deal = make_contract("performing", amount="10000.00", voucher="8000.00")
    act(deal.parties.po, deal.at, "deliver", note="已交付", **{REACHED: "覆盖1条产线"})
    act(deal.parties.eo, deal.at, "reject", reason="缺附件")
    assert (deal.at.state, deal.at.rectifications) == (State.RECTIFY, 1)
    act(deal.parties.po, deal.at, "deliver", note="已整改", **{REACHED: "覆盖3条产线"})
    act(deal.parties.el, deal.at, "accept", amount="9000")
    assert (deal.at.accepted_amount, deal.at.final_voucher, deal.at.final_balance) == (9000, 7000, 0)
    assert deal.at.state == State.PAID_UP


def test_the_delivery_page_asks_for_each_indicator_and_what_it_says_is_read_before_the_acceptance():
    deal = make_contract("performing")
    form = said(opened(deal.parties.po, deal.at, "deliver"))
    assert "1. 覆盖产线" in form
    assert "约定：≥2条；核对：现场记录与报告核对" in form
    refused = act(deal.parties.po, deal.at, "deliver", note="已交付", **{REACHED: " "})
    assert (refused.status_code, deal.at.state, deal.at.reached) == (400, State.PERFORMING, [])
    assert "请写明验收指标“覆盖产线”的完成情况。" in said(refused)
    assert "INDICATOR_MISSING" in said(refused)
    long = act(deal.parties.po, deal.at, "deliver", **{REACHED: "长" * 501})
    assert (long.status_code, deal.at.reached) == (400, [])
    assert (
        said(long).count("验收指标“覆盖产线”的完成情况最多500个字，现为501个字，请删减。") == 2
    )  # at the top and at its field
    act(deal.parties.po, deal.at, "deliver", note="报告见附件", **{REACHED: "覆盖3条产线，\n现场核对"})
    assert [one["reached"] for one in deal.at.reached] == ["覆盖3条产线，\n现场核对"]
    for user, name in ((deal.parties.el, "accept"), (deal.parties.eo, "reject")):
        page_of_act = said(opened(user, deal.at, name))
        assert "覆盖3条产线，<br>现场核对" in page_of_act
        assert "报告见附件" in page_of_act
    assert "覆盖3条产线，<br>现场核对" in said(signed_in(deal.parties.eo).get(page(deal)))


def test_after_a_rejection_the_form_begins_with_what_was_said_before():
    deal = make_contract("delivered")
    act(deal.parties.eo, deal.at, "reject", reason="只覆盖一条")
    assert deal.at.reached[0]["reached"] in said(opened(deal.parties.po, deal.at, "deliver"))


def test_both_read_the_indicators_on_the_confirmation():
    deal = make_contract("paid_up")
    reached = deal.at.reached[0]["reached"]
    assert reached in said(opened(deal.parties.pl, deal.at, "sign-confirmation"))
    act(deal.parties.pl, deal.at, "sign-confirmation", content="完成诊断并提交报告")
    assert reached in said(opened(deal.parties.el, deal.at, "countersign"))


def test_delivery_without_the_materials_names_what_is_missing():
    deal = make_contract("performing", milestones=[("安装", clock.today() + timedelta(days=5), ("photo", "report"))])
    answer = act(deal.parties.po, deal.at, "deliver", **{REACHED: "覆盖3条产线"})
    assert answer.status_code == 409
    assert "安装缺图片" in said(answer)
    assert deal.at.state == State.PERFORMING


def test_the_confirmation_is_signed_rated_and_countersigned():
    deal = make_contract("paid_up")
    act(deal.parties.pl, deal.at, "sign-confirmation", content="完成诊断并提交报告")
    marks = {f"rating_{code}": "5" for code in deal.at.notice.parsed.ratings.aspects}
    answer = act(deal.parties.el, deal.at, "countersign", comment="满意", **{**marks, "rating_quality": ""})
    assert (answer.status_code, deal.at.state) == (422, State.PAID_UP)
    act(deal.parties.el, deal.at, "countersign", comment="满意", **marks)
    assert (deal.at.state, deal.at.confirmation.comment) == (State.CONFIRMED, "满意")
    assert set(deal.at.confirmation.ratings.values()) == {5}


def test_a_supplement_is_proposed_by_one_and_answered_by_the_other():
    deal = make_contract("performing", amount="10000.00", voucher="5000.00")
    later = (deal.at.end_date + timedelta(days=10)).isoformat()
    act(deal.parties.pl, deal.at, "supplement", amount="10000", voucher="4000", end_date=later, reason="减少范围")
    paper = Supplement.objects.get()
    assert act(deal.parties.pl, paper, "assent", "contract-supplement").status_code == 403
    act(deal.parties.el, paper, "assent", "contract-supplement")
    assert (deal.at.voucher, deal.at.balance, deal.at.state) == (4000, 4000, State.PERFORMING)


@pytest.mark.parametrize(("who", "name", "state"), [("pl", "refuse", "refused"), ("el", "withdraw", "withdrawn")])
def test_a_supplement_is_refused_or_withdrawn(who, name, state):
    deal = make_contract("performing")
    now = deal.at
    paper = deal.do(
        changes.propose, deal.parties.el, amount=now.amount, voucher=now.voucher, end_date=now.end_date, reason="顺延"
    )
    act(getattr(deal.parties, who), paper, name, "contract-supplement", reason="不必")
    paper.refresh_from_db()
    assert (paper.state, deal.at.state) == (SupplementState(state), State.PERFORMING)


def test_a_termination_is_requested_checked_and_decided():
    deal, checker, reviewer = (
        make_contract("performing"),
        make_user(Role.CENTRE_CHECKER),
        make_user(Role.CENTRE_REVIEWER),
    )
    act(deal.parties.el, deal.at, "terminate", fault="none", reason="停产")
    request = Termination.objects.get()
    act(checker, request, "check", "contract-termination", fault="provider", reason="属实")
    act(reviewer, request, "decide", "contract-termination", reason="同意")
    request.refresh_from_db()
    assert (request.state, request.fault, deal.at.state) == (TerminationState.DECIDED, "provider", State.TERMINATED)


def test_a_termination_is_not_granted():
    deal, checker = make_contract("performing"), make_user(Role.CENTRE_CHECKER)
    request = deal.do(endings.request_termination, deal.parties.el, fault="none", reason="停产")
    act(checker, request, "refuse", "contract-termination", reason="无依据")
    request.refresh_from_db()
    assert (request.state, deal.at.state) == (TerminationState.REFUSED, State.PERFORMING)


def test_a_party_disputes_the_department_freezes_voids_and_the_finance_may_not():
    deal, department = make_contract("performing"), make_user(Role.DEPARTMENT)
    act(deal.parties.po, deal.at, "dispute", reason="分歧")
    act(make_user(Role.CENTRE_CHECKER), deal.at, "resume", reason="已调解")
    assert deal.at.state == State.PERFORMING
    assert act(make_user(Role.FINANCE), deal.at, "freeze", reason="x").status_code == 403
    act(department, deal.at, "freeze", reason="核查")
    assert deal.at.state == State.FROZEN
    act(department, deal.at, "void", reason="虚假交易")
    assert (deal.at.state, deal.at.ended_reason) == (State.VOIDED, "虚假交易")


def test_sent_twice_it_is_done_once():
    deal, key = make_contract("effective"), str(new_id())
    file = upload(deal.parties.po)
    address = reverse("contract-act", kwargs={"pk": deal.pk, "act": "evidence"})
    body = {"once": key, "version": deal.at.version, "milestone": "1", "files": str(file.pk)}
    client = signed_in(deal.parties.po)
    assert [client.post(address, body).status_code for _ in range(2)] == [302, 302]
    assert MilestoneEvidence.objects.count() == 1
