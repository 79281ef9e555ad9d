"""The page of one contract: who opens it, what stands on it, which acts it offers to whom."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Membership
from accounts.states import OrganisationKind, Role
from contracts.services import changes, drafting, endings, payments, performance, year_end
from contracts.states import Fault, PaymentKind, State
from foundation import clock
from foundation.actors import SystemActor
from tests.factories.accounts import make_organisation, make_user
from tests.factories.contracts import make_contract, make_query
from tests.portal.parties.support import page, said, signed_in

pytestmark = pytest.mark.django_db
OFFICE = (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER, Role.FINANCE, Role.SUPERVISOR)


def offered(user, deal):
    """The names of the acts on the page of that person, of the contract and its papers."""
    answer = signed_in(user).get(page(deal))
    assert answer.status_code == 200
    context = answer.context
    papers = [context[name] for name in ("payments", "invoices", "supplements", "terminations", "queries")]
    named = [act.name for act, _ in (*context["acts"], *context["aside"])]
    return sorted(named + [f"paper:{act.name}" for lines in papers for line in lines for act, _ in line["acts"]])


def test_both_sides_and_every_office_open_it_and_nobody_else():
    deal = make_contract("performing")
    for user in (
        deal.parties.eo,
        deal.parties.el,
        deal.parties.po,
        deal.parties.pl,
        *(make_user(one) for one in OFFICE),
    ):
        assert signed_in(user).get(page(deal)).status_code == 200, user.username
    for role in (Role.ENTERPRISE_AGENT, Role.PROVIDER_SIGNATORY, Role.EXPERT, Role.SYSTEM_ADMIN, Role.AUDITOR):
        assert signed_in(make_user(role)).get(page(deal)).status_code == 404, role


def test_who_has_not_signed_in_is_led_to_the_sign_in(client):
    deal = make_contract()
    assert client.get(page(deal)).headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(
    ("until", "who", "acts"),
    [
        ("draft", "eo", ["agree", "revise", "withdraw"]),
        ("ready", "po", ["revise", "start-signing", "withdraw"]),
        ("signing", "el", ["dispute", "refuse", "sign"]),
        ("signing", "eo", ["dispute"]),
        ("signed", "el", ["dispute", "paper:report", "refuse"]),
        ("signed", "eo", ["dispute", "paper:report"]),
        ("signed", "po", ["dispute"]),
        ("effective", "po", ["dispute", "evidence", "invoice"]),
        ("performing", "po", ["deliver", "dispute", "evidence", "invoice"]),
        ("performing", "pl", ["deliver", "dispute", "evidence", "invoice", "supplement", "terminate"]),
        ("performing", "eo", ["dispute", "evidence", "query-evidence"]),
        ("delivered", "el", ["accept", "dispute", "query-evidence", "reject", "supplement", "terminate"]),
        ("delivered", "eo", ["dispute", "query-evidence", "reject"]),
        ("paid_up", "pl", ["dispute", "invoice", "sign-confirmation", "terminate"]),
        ("paid_up", "el", ["dispute", "query-evidence", "terminate"]),
        ("confirmed", "po", ["dispute", "invoice"]),
    ],
)
def test_each_is_offered_what_is_his_to_do_now(until, who, acts):
    deal = make_contract(until)
    assert offered(getattr(deal.parties, who), deal) == acts


def test_who_agreed_is_not_asked_again():
    deal = make_contract()
    deal.do(drafting.agree, deal.parties.eo)
    assert offered(deal.parties.eo, deal) == ["revise", "withdraw"]
    assert offered(deal.parties.po, deal) == ["agree", "revise", "withdraw"]


def test_the_department_freezes_and_queries_and_the_finance_only_reads():
    deal = make_contract("performing")
    assert offered(make_user(Role.DEPARTMENT), deal) == ["freeze", "query-evidence"]
    assert offered(make_user(Role.FINANCE), deal) == []


def test_a_dispute_is_resumed_by_the_centre_and_a_freeze_by_the_department():
    deal, centre, department = make_contract("performing"), make_user(Role.CENTRE_CHECKER), make_user(Role.DEPARTMENT)
    deal.do(endings.open_dispute, deal.parties.eo, reason="分歧")
    assert offered(centre, deal) == ["resume"]
    deal.do(endings.freeze, department, reason="核查")
    assert (offered(centre, deal), offered(department, deal)) == ([], ["resume", "void"])


def test_a_request_to_end_it_is_checked_by_one_and_decided_by_another():
    deal, checker, reviewer = (
        make_contract("performing"),
        make_user(Role.CENTRE_CHECKER),
        make_user(Role.CENTRE_REVIEWER),
    )
    request = deal.do(endings.request_termination, deal.parties.el, fault="none", reason="停产")
    assert offered(checker, deal) == ["paper:check", "paper:refuse"]
    assert offered(reviewer, deal) == []
    endings.check_termination(by=checker, termination_id=request.pk, version=1, fault="none", reason="属实")
    assert offered(checker, deal) == []
    assert offered(reviewer, deal) == ["paper:decide", "paper:refuse"]


def test_a_query_is_answered_by_the_provider_and_closed_by_who_asked():
    deal = make_contract("performing")
    make_query(deal)
    assert "paper:supplement" in offered(deal.parties.po, deal)
    assert {"paper:reject", "paper:withdraw"} <= set(offered(deal.parties.eo, deal))
    assert not any(one.startswith("paper:") for one in offered(make_user(Role.DEPARTMENT), deal))


def test_it_says_whose_turn_it_is_the_parts_of_the_price_and_the_way_so_far():
    deal = make_contract("delivered", amount="10000.00", voucher="5000.00")
    text = said(signed_in(deal.parties.el).get(page(deal)))
    for words in (
        "请您办理",
        "验收，期限",
        "2,000.00",
        "5,000.00",
        "3,000.00",
        "发起签署并锁定资金",
        "依据第二十二条",
    ):
        assert words in text, words
    assert "start_signing" not in text


def told(user, deal):
    """Whose turn it is, as that person reads it."""
    found = signed_in(user).get(page(deal)).context["turn"]
    return found["head"], found["what"], found["mine"]


@pytest.mark.parametrize(
    ("until", "who", "head", "what"),
    [
        ("draft", "eo", "请您办理", "同意草稿"),
        ("signing", "el", "请您办理", "签署合同"),
        ("signing", "eo", "请本单位授权签署人办理（{el}）", "签署合同"),
        ("signing", "po", "请本单位签署人办理（{pl}）", "签署合同"),
        ("signed", "eo", "请您办理", "支付并登记定金"),
        ("signed", "pl", "等待企业", "支付并登记定金"),
        ("performing", "eo", "等待服务商", "提交交付"),
        ("delivered", "eo", "请本单位授权签署人办理（{el}）", "验收"),
        ("confirmed", "po", "请您办理", "申请兑付"),
    ],
)
def test_each_reads_whether_it_is_his_turn_or_whom_he_waits_for(until, who, head, what):
    deal = make_contract(until)
    held = Membership.objects.filter(role__in=["EL", "PL"])
    names = {
        side: "、".join(
            sorted(one.user.name for one in held.filter(user__organisation=getattr(deal.parties, side).organisation))
        )
        for side in ("el", "pl")
    }
    assert told(getattr(deal.parties, who), deal) == (head.format(**names), what, head == "请您办理")


def test_an_officer_reads_whose_work_it_is_in_his_own_house():
    deal = make_contract("performing")
    endings.request_termination(
        by=deal.parties.el, contract_id=deal.pk, version=deal.at.version, fault="none", reason="x"
    )
    assert told(make_user(Role.CENTRE_CHECKER), deal)[0] == "请您办理"
    assert told(make_user(Role.CENTRE_REVIEWER), deal)[0] == "请本单位促进中心经办办理"
    assert told(make_user(Role.DEPARTMENT), deal)[0] == "等待促进中心"


def test_who_is_to_go_on_reads_why_the_other_sent_it_back():
    deal = make_contract("delivered")
    deal.do(performance.reject, deal.parties.eo, reason="报告缺少改进建议一章。")
    assert "报告缺少改进建议一章。" in said(signed_in(deal.parties.po).get(page(deal))).partition("办理进度")[0]


def test_a_payment_that_the_payee_did_not_find_says_why_at_the_top():
    deal = make_contract("signed")
    order = deal.report(PaymentKind.DEPOSIT)
    payments.dispute(by=deal.parties.po, order_id=order.pk, version=order.version, reason="账户未收到该笔款项。")
    assert "账户未收到该笔款项。" in said(signed_in(deal.parties.eo).get(page(deal))).partition("办理进度")[0]


def test_what_answers_a_paper_stands_at_the_top_for_whom_the_contract_waits_for():
    deal = make_contract("performing")
    endings.request_termination(
        by=deal.parties.el, contract_id=deal.pk, version=deal.at.version, fault="none", reason="x"
    )
    answers = {
        role: [act.name for act, _ in signed_in(make_user(role)).get(page(deal)).context["answers"]]
        for role in (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT)
    }
    assert answers == {Role.CENTRE_CHECKER: ["check"], Role.CENTRE_REVIEWER: [], Role.DEPARTMENT: []}


def test_a_provider_begins_the_claim_from_the_contract():
    deal = make_contract("confirmed")
    address = reverse("provider:claimable-act", kwargs={"pk": deal.pk, "act": "claim"})
    assert address in said(signed_in(deal.parties.po).get(page(deal)))
    assert address not in said(signed_in(deal.parties.eo).get(page(deal)))


def test_who_accepts_sees_what_was_agreed_and_opens_the_materials():
    deal = make_contract("delivered")
    text = said(signed_in(deal.parties.el).get(f"{page(deal)}accept/"))
    file = deal.at.milestones.get().evidence.get().file
    assert reverse("file", kwargs={"pk": file.pk}) in text
    for one in deal.at.terms["product"]["deliverables"]:
        assert one in text


def test_a_balance_of_zero_is_said_to_be_no_step():
    deal = make_contract("delivered", amount="10000.00", voucher="8000.00")
    assert "余款为零，无需支付" in said(signed_in(deal.parties.el).get(page(deal)))


def test_the_steps_stand_in_the_order_of_the_measures():
    deal = make_contract("accepted", amount="10000.00", voucher="5000.00")
    stages = signed_in(deal.parties.el).get(page(deal)).context["stages"]
    assert [(one.phase.label, one.mark.value) for one in stages] == [
        ("签署合同", "done"), ("支付定金", "done"), ("履约留痕", "done"), ("企业验收", "done"), ("支付余款", "now"),
        ("签署确认书", "todo"), ("兑付", "todo"),
    ]  # fmt: skip


def test_the_city_reads_the_contract_of_its_enterprise_and_not_its_files():
    deal = make_contract("performing")
    own = deal.at.enterprise.organisation.city
    city = make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city=own))
    answer = signed_in(city).get(page(deal))
    assert (answer.status_code, answer.context["readable"]) == (200, set())
    assert offered(city, deal) == []


def test_a_file_is_given_to_both_sides_as_a_download_and_to_nobody_else(client):
    deal = make_contract("performing")
    file = deal.at.milestones.get().evidence.get().file
    address = reverse("file", kwargs={"pk": file.pk})
    for user in (deal.parties.eo, deal.parties.po, make_user(Role.SUPERVISOR)):
        answer = signed_in(user).get(address)
        assert answer.getvalue() == file.path.read_bytes()
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for role in (Role.PROVIDER_AGENT, Role.CITY, Role.SYSTEM_ADMIN):
        assert signed_in(make_user(role)).get(address).status_code == 404
    assert client.get(address).status_code == 302


def test_a_document_is_never_shown_in_the_browser():
    deal = make_contract("performing")
    file = deal.at.milestones.get().evidence.get().file
    answer = signed_in(deal.parties.eo).get(reverse("file", kwargs={"pk": file.pk}) + "?show")
    answer.close()
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_contract_that_ended_says_where_and_why():
    deal = make_contract("ready")
    deal.do(drafting.withdraw, deal.parties.eo, reason="需求变化")
    answer = signed_in(deal.parties.po).get(page(deal))
    assert deal.at.state == State.CANCELLED
    assert "需求变化" in said(answer)
    assert answer.context["stages"][0].mark.value == "stopped"


@pytest.mark.parametrize(
    ("until", "who", "act", "before"),
    [("performing", "po", "deliver", "提交交付前须补齐"), ("delivered", "el", "accept", "验收前须补齐")],
)
def test_what_would_be_refused_for_its_materials_is_not_offered_and_says_what_is_missing(until, who, act, before):
    deal = make_contract(until)
    person = getattr(deal.parties, who)

    def offered():
        return act in [one.name for one, _ in signed_in(person).get(page(deal)).context["acts"]]

    assert offered()
    make_query(deal)
    title = deal.at.milestones.get().title
    assert not offered()
    assert (before, f"{title}有1项质询尚未答复。") in signed_in(person).get(page(deal)).context["turn"]["reasons"]


def test_who_decides_on_a_termination_reads_what_was_found_when_it_was_checked():
    deal, checker, reviewer = (
        make_contract("performing"),
        make_user(Role.CENTRE_CHECKER),
        make_user(Role.CENTRE_REVIEWER),
    )
    asked = endings.request_termination(
        by=deal.parties.el, contract_id=deal.pk, version=deal.at.version, fault=Fault.NONE, reason="产线停产"
    )
    endings.check_termination(
        by=checker, termination_id=asked.pk, version=asked.version, fault=Fault.NONE, reason="已电话核实停产"
    )
    form = reverse("contract-termination-act", kwargs={"pk": asked.pk, "act": "decide"})
    for user, address in ((reviewer, form), (reviewer, page(deal)), (deal.parties.po, page(deal))):
        assert "已电话核实停产" in said(signed_in(user).get(address)), address


def test_the_other_side_reads_why_its_supplement_was_refused():
    deal = make_contract("performing")
    row = deal.do(
        changes.propose, deal.parties.el, amount=deal.at.amount, voucher=deal.at.voucher, end_date=deal.at.end_date,
        reason="顺延",
    )  # fmt: skip
    changes.refuse(by=deal.parties.pl, supplement_id=row.pk, version=row.version, reason="原期限内可以完成")
    assert said(signed_in(deal.parties.eo).get(page(deal))).count("原期限内可以完成") == 2  # at the paper, in the trail


def test_who_signs_a_supplement_sees_what_is_left_to_pay():
    deal = make_contract("performing", amount="9000.00", voucher="3000.00")
    row = deal.do(
        changes.propose, deal.parties.el, amount=deal.at.amount, voucher=Decimal("2500.00"), end_date=deal.at.end_date,
        reason="缩小范围",
    )  # fmt: skip
    html = said(
        signed_in(deal.parties.pl).get(reverse("contract-supplement-act", kwargs={"pk": row.pk, "act": "assent"}))
    )
    assert "4,200.00" in html
    assert "4,700.00" in html


@pytest.mark.parametrize(("state", "act"), [("dispute", "resume"), ("freeze", "resume")])
def test_what_an_interrupted_contract_waits_for_stands_at_the_top(state, act):
    deal, department = make_contract("performing"), make_user(Role.DEPARTMENT)
    by = deal.parties.eo if state == "dispute" else department
    service = endings.open_dispute if state == "dispute" else endings.freeze
    service(by=by, contract_id=deal.pk, version=deal.at.version, reason="核查")
    context = signed_in(department).get(page(deal)).context
    assert [one.name for one, _ in context["acts"]] == [act]


def test_an_office_asks_its_own_people_and_not_another_house():
    deal, reviewer = make_contract("performing"), make_user(Role.CENTRE_REVIEWER)
    deal.do(endings.open_dispute, deal.parties.eo, reason="各执一词")
    turn = signed_in(reviewer).get(page(deal)).context["turn"]
    assert turn["head"] == "请本单位促进中心经办办理"


def test_neither_delivery_nor_acceptance_is_offered_while_a_material_is_questioned():
    working, delivered = make_contract("performing"), make_contract("delivered")
    make_query(working)
    make_query(delivered)
    assert "deliver" not in offered(working.parties.po, working)
    assert "accept" not in offered(delivered.parties.el, delivered)


def test_an_overdue_contract_says_what_was_missed_and_a_terminated_one_what_becomes_of_the_voucher():
    deal = make_contract("performing", end_date=clock.today() + timedelta(days=5))
    with time_machine.travel(clock.now() + timedelta(days=6), tick=False):
        year_end.mark_overdue(deal.pk, clock.today(), by=SystemActor("mark_overdue"))
        reasons = signed_in(deal.parties.po).get(page(deal)).context["turn"]["reasons"]
        assert reasons[0][0] == "逾期事由"
        assert f"{deal.at.end_date.month}月{deal.at.end_date.day}日，未交付" in reasons[0][1]
        deal.do(endings.void, make_user(Role.DEPARTMENT), reason="逾期未履行")
        assert "元不予兑付" in said(signed_in(deal.parties.po).get(page(deal)))
