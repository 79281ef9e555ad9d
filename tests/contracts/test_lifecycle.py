"""One contract from draft to confirmation, and every step out of turn."""

from decimal import Decimal

import pytest

from contracts.models import Signature
from contracts.services import drafting, performance, signing
from contracts.states import PaymentKind, State
from engines.evidence.selectors import of_subject, verify
from foundation import clock
from tests.contracts.support import everywhere, money, nowhere, refused
from tests.factories.accounts import both_sides, make_organisation
from tests.factories.contracts import RATINGS, STEPS, make_contract, make_parties, make_terms, upload

pytestmark = pytest.mark.django_db
YEAR = clock.today().year


@pytest.mark.parametrize(
    ("amount", "diagnosis", "parts"),
    [
        ("12500.00", True, ("10000.00", "2500.00", "0.00")),
        ("10000.01", True, ("8000.00", "2000.00", "0.01")),
        ("60000.00", False, ("30000.00", "12000.00", "18000.00")),
    ],
)
def test_the_whole_way(amount, diagnosis, parts):
    deal = make_contract("confirmed", amount=amount, diagnosis=diagnosis)
    contract = deal.at
    assert (contract.state, contract.quota_year) == (State.CONFIRMED, YEAR)
    assert (contract.voucher, contract.deposit, contract.balance) == tuple(map(Decimal, parts))
    assert money(deal, YEAR) == everywhere("committed", parts[0])
    assert verify()[1] == []


def test_the_trail_names_every_act():
    deal = make_contract("confirmed")
    assert [record.act for record in of_subject(deal.at)] == [
        "draft", "agree", "agree", "start_signing", "sign", "sign", "take_effect", "add_evidence", "deliver", "accept",
        "pay_up", "sign_confirmation", "confirm",
    ]  # fmt: skip


def test_a_balance_of_zero_skips_the_payment():
    deal = make_contract("accepted", amount="12500.00")
    assert deal.at.state == State.PAID_UP
    assert not deal.at.payments.filter(kind=PaymentKind.BALANCE).exists()


def test_a_balance_of_one_fen_is_paid():
    deal = make_contract("accepted", amount="10000.01")
    assert deal.order(PaymentKind.BALANCE).amount == Decimal("0.01")


def test_both_must_agree_to_the_same_draft():
    deal = make_contract()
    deal.do(drafting.agree, deal.parties.eo)
    deal.do(drafting.revise, deal.parties.po, terms=make_terms(deal.parties, amount="10000.00"))
    assert deal.at.enterprise_agreed_by is None
    deal.do(drafting.agree, deal.parties.po)
    assert deal.at.state == State.DRAFT


def test_a_ready_contract_is_reopened_by_a_revision():
    deal = make_contract("ready")
    deal.do(drafting.revise, deal.parties.eo, terms=make_terms(deal.parties, amount="10000.00"))
    assert (deal.at.state, deal.at.amount) == (State.DRAFT, Decimal("10000.00"))


def test_a_draft_may_be_withdrawn():
    deal = make_contract("ready")
    deal.do(drafting.withdraw, deal.parties.po, reason="价格未谈妥")
    assert (deal.at.state, deal.at.ended_reason) == (State.CANCELLED, "价格未谈妥")


def test_both_sign_the_same_text():
    deal = make_contract("signed")
    digests = set(Signature.objects.values_list("digest", flat=True))
    assert len(digests) == 1
    assert deal.at.state == State.SIGNED_WAIT_DEPOSIT


def test_a_side_signs_once():
    deal = make_contract("signing")
    deal.do(signing.sign, deal.parties.el)
    with refused("ALREADY_SIGNED"):
        deal.do(signing.sign, deal.parties.el)


def test_refusing_to_sign_frees_the_money():
    deal = make_contract("signing")
    assert money(deal, YEAR) == everywhere("reserved", "10000.00")
    deal.do(signing.refuse, deal.parties.pl, reason="无法按期服务")
    assert deal.at.state == State.CANCELLED
    assert money(deal, YEAR) == nowhere()


def test_backing_out_before_the_deposit_frees_the_money_and_the_order():
    deal = make_contract("signed")
    deal.do(signing.refuse, deal.parties.el, reason="项目取消")
    assert money(deal, YEAR) == nowhere()
    assert deal.order(PaymentKind.DEPOSIT).state == "cancelled"


def test_a_reported_deposit_blocks_backing_out():
    deal = make_contract("signed")
    deal.report(PaymentKind.DEPOSIT)
    with refused("DEPOSIT_REPORTED"):
        deal.do(signing.refuse, deal.parties.el, reason="反悔")


@pytest.mark.parametrize("who", ["eo", "po"])
def test_agents_may_not_sign(who):
    deal = make_contract("signing")
    with refused("NOT_ALLOWED"):
        deal.do(signing.sign, getattr(deal.parties, who))


def test_rectification_and_a_second_delivery():
    deal = make_contract("delivered")
    deal.do(performance.reject, deal.parties.eo, reason="指标未达到")
    assert (deal.at.state, deal.at.rectifications) == (State.RECTIFY, 1)
    deal.delivered()
    deal.accepted()
    assert deal.at.state == State.PAID_UP


def test_rectifications_are_limited_by_the_notice():
    deal = make_contract("delivered")
    for _ in range(3):
        deal.do(performance.reject, deal.parties.eo, reason="再改")
        deal.delivered()
    with refused("RECTIFICATIONS_USED_UP"):
        deal.do(performance.reject, deal.parties.eo, reason="再改")


def test_delivery_needs_evidence_for_every_milestone():
    end = make_contract().at.end_date
    deal = make_contract("performing", milestones=[("第一阶段", end), ("第二阶段", end)])
    with refused("EVIDENCE_MISSING") as caught:
        deal.delivered()
    assert caught.value.details == {"milestones": ["第二阶段"], "missing": {"第二阶段": ["report"]}}


def test_the_same_file_counts_once_for_a_milestone():
    deal = make_contract("effective")
    file = upload(deal.parties.po)
    deal.do(performance.add_evidence, deal.parties.po, milestone=1, file_ids=[file.pk])
    with refused("EVIDENCE_REPEATED"):
        deal.do(performance.add_evidence, deal.parties.po, milestone=1, file_ids=[file.pk])


def test_somebody_elses_file_is_no_evidence():
    deal = make_contract("effective")
    stranger = both_sides(make_organisation())[0]
    file = upload(stranger)
    with refused("NOT_FOUND"):
        deal.do(performance.add_evidence, deal.parties.po, milestone=1, file_ids=[file.pk])


def test_the_enterprise_does_not_deliver_and_the_provider_does_not_accept():
    deal = make_contract("performing")
    with refused("NOT_ALLOWED"):
        deal.do(performance.deliver, deal.parties.eo, note="")
    deal.delivered()
    with refused("NOT_ALLOWED"):
        deal.do(performance.accept, deal.parties.pl)


@pytest.mark.parametrize(
    ("accepted", "voucher", "balance"),
    [("12500.00", "10000.00", "0.00"), ("10000.00", "7500.00", "0.00"), ("5000.00", "2500.00", "0.00")],
)
def test_a_lower_accepted_amount_lowers_the_voucher_and_frees_the_rest(accepted, voucher, balance):
    deal = make_contract("delivered", amount="12500.00")
    deal.accepted(Decimal(accepted))
    assert (deal.at.final_voucher, deal.at.final_balance) == (Decimal(voucher), Decimal(balance))
    assert money(deal, YEAR) == everywhere("committed", voucher)


def test_the_voucher_does_not_rise_when_there_was_room():
    deal = make_contract("delivered", amount="20000.00", voucher="3000.00", diagnosis=False)
    deal.accepted(Decimal("19000.00"))
    assert (deal.at.final_voucher, deal.at.final_balance) == (Decimal("3000.00"), Decimal("12000.00"))


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("12500.01", "ACCEPTED_OVER_CONTRACT"),
        ("2499.99", "ACCEPTED_BELOW_DEPOSIT"),
        ("2500.00", "NOTHING_LEFT_TO_SUBSIDISE"),
    ],
)
def test_amounts_that_cannot_be_accepted(accepted, code):
    deal = make_contract("delivered", amount="12500.00")
    with refused(code):
        deal.accepted(Decimal(accepted))


def test_the_provider_signs_the_confirmation_first():
    deal = make_contract("paid_up")
    with refused("PROVIDER_SIGNS_FIRST"):
        deal.do(performance.countersign_confirmation, deal.parties.el, ratings=RATINGS)


@pytest.mark.parametrize("ratings", [{}, {**RATINGS, "quality": 6}, {**RATINGS, "quality": 0}, {**RATINGS, "more": 1}])
def test_ratings_are_five_from_one_to_five(ratings):
    deal = make_contract("paid_up")
    deal.do(performance.sign_confirmation, deal.parties.pl, content="已完成")
    with refused("RATINGS_INVALID"):
        deal.do(performance.countersign_confirmation, deal.parties.el, ratings=ratings)


ACTS = {
    "agree": lambda d: d.do(drafting.agree, d.parties.eo),
    "revise": lambda d: d.do(drafting.revise, d.parties.eo, terms=make_terms(d.parties)),
    "withdraw": lambda d: d.do(drafting.withdraw, d.parties.eo, reason="x"),
    "start_signing": lambda d: d.signing(),
    "sign": lambda d: d.do(signing.sign, d.parties.el),
    "refuse": lambda d: d.do(signing.refuse, d.parties.el, reason="x"),
    "add_evidence": lambda d: d.do(performance.add_evidence, d.parties.po, milestone=1, file_ids=[]),
    "deliver": lambda d: d.delivered(),
    "reject": lambda d: d.do(performance.reject, d.parties.eo, reason="x"),
    "accept": lambda d: d.accepted(),
    "sign_confirmation": lambda d: d.do(performance.sign_confirmation, d.parties.pl, content="x"),
    "countersign": lambda d: d.do(performance.countersign_confirmation, d.parties.el, ratings=RATINGS),
}
IN_TURN = {
    "draft": {"agree", "revise", "withdraw"},
    "ready": {"revise", "withdraw", "start_signing"},
    "signing": {"sign", "refuse"},
    "signed": {"refuse"},
    "effective": {"add_evidence"},
    "performing": {"add_evidence", "deliver"},
    "delivered": {"reject", "accept"},
    "accepted": set(),
    "paid_up": {"sign_confirmation", "countersign"},
    "confirmed": set(),
}


@pytest.mark.parametrize("state", ["draft", *STEPS])
def test_acts_out_of_turn_change_nothing(state):
    deal = make_contract(state, amount="60000.00", diagnosis=False)
    for name, act in ACTS.items():
        if name not in IN_TURN[state]:
            with refused("WRONG_STATE"):
                act(deal)


def test_an_act_on_an_old_version_is_told_the_new_one():
    deal = make_contract()
    seen = deal.at.version
    drafting.agree(by=deal.parties.eo, contract_id=deal.pk, version=seen)
    with refused("VERSION_CONFLICT") as caught:
        drafting.agree(by=deal.parties.po, contract_id=deal.pk, version=seen)
    assert caught.value.details == {"seen": 1, "current": 2, "state": "draft"}


def test_a_stranger_finds_nothing_to_contract_with():
    parties = make_parties()
    stranger = both_sides(make_organisation())[0]
    with refused("NOT_FOUND"):
        drafting.draft(
            by=stranger, enterprise_id=parties.enterprise.pk, product_id=parties.product.pk, terms=make_terms(parties)
        )
