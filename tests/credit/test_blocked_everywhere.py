"""A blocked party begins nothing new anywhere, and what runs goes on (第二十七条; 8-09, 8-37)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from accreditation.states import ApplicationState
from foundation import clock, jobs
from foundation.errors import Refused
from providers.models import Listing
from providers.services.listings import enlist
from settlement.services import carrying
from tests.credit.support import GATES, SIDES, Gate, kept_out
from tests.factories.accounts import TESTER, Caller
from tests.factories.accreditation import make_call, make_case, make_experts, under_review
from tests.factories.contracts import make_contract
from tests.factories.credit import make_complaint, make_record
from tests.factories.providers import ProviderFactory, notice_of
from tests.factories.settlement import Case, make_batch, make_claim
from tests.house.world import picture

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.usefixtures("working_morning")]


@pytest.mark.parametrize("name", GATES)
def test_the_gate_is_shut_while_the_record_stands_and_open_again_after_its_repair(name: str) -> None:
    gate = GATES[name]()
    with kept_out(gate.uscc, gate.kind) as record:
        before = picture()
        answer = gate.knock()
        assert (answer.status_code, answer.json()["code"]) == (409, "PARTY_RESTRICTED"), answer.json()
        assert answer.json()["details"] == {
            "uscc": gate.uscc, "record": record.number, "decision_no": record.decision_no, "until": str(record.until),
        }  # fmt: skip
        assert "被限制参与（桂工信信用〔2026〕3号，至2026-03-03），不能" in answer.json()["message"]
        assert changed(before) == set()
    answer = gate.knock()
    assert answer.status_code in (200, 201), answer.json()


def changed(before: dict[str, object]) -> set[str]:
    now = picture()
    return {table for table in now if now[table] != before.get(table)}


def test_once_its_last_day_is_over_the_record_shuts_nothing_even_before_the_job_has_noted_it(travel) -> None:
    deal = make_contract("ready")
    record = make_record(uscc=deal.parties.provider.uscc, until=clock.today())
    gate = Gate(record.uscc, deal.parties.eo, f"contracts/{deal.pk}/start-signing/", {"version": deal.at.version})
    assert gate.knock().json()["code"] == "PARTY_RESTRICTED"
    travel(clock.today() + timedelta(days=1))
    assert gate.knock().status_code == 200
    assert jobs.function("expire_credit_records")(clock.today()) == {"expired": 1}
    record.refresh_from_db()
    assert record.state == "expired"


def test_a_blocked_provider_is_not_listed() -> None:
    provider, year = ProviderFactory(), clock.today().year
    notice_of(year)
    documents = {"approval_no": "桂工信纪要〔2026〕3号", "reference": "厅网站公示2026-001"}
    with kept_out(provider.uscc):
        before = picture()
        with pytest.raises(Refused) as caught, transaction.atomic():
            enlist(by=TESTER, provider_id=provider.pk, year=year, **documents)
        assert (caught.value.code, changed(before)) == ("PARTY_RESTRICTED", set())
    assert enlist(by=TESTER, provider_id=provider.pk, year=year, **documents).state == "listed"


def test_who_is_blocked_when_the_publicity_closes_leaves_the_list_and_the_others_come_onto_it() -> None:
    call, [blocked, other] = under_review(2)
    for case in (blocked, other):
        case.scored()
    call.recommended()
    call.decided()
    call.shown()
    make_record(uscc=blocked.at.provider.uscc)
    call.listed()
    assert (blocked.at.state, other.at.state) == (ApplicationState.REMOVED, ApplicationState.LISTED)
    assert blocked.at.reason == "依据桂工信信用〔2026〕3号，该机构被限制参与（办法第二十七条）。"
    assert list(Listing.objects.values_list("provider", flat=True)) == [other.at.provider_id]


def test_a_blocked_provider_holds_up_nobody_in_its_round() -> None:
    call = make_call()
    blocked, scored, other = (make_case("accepted", call=call) for _ in range(3))
    make_experts(5)
    call.closed()
    record = make_record(uscc=blocked.at.provider.uscc)
    call.confirmed()
    assert blocked.sheets() == []  # left out of the draw
    for case in (scored, other):
        case.scored()
    blocked_late = make_record(uscc=scored.at.provider.uscc)
    body = {"version": blocked.at.version, "reason": f"依据{record.decision_no}不予受理。"}
    assert Caller(call.desk.dp).act(f"accreditation/applications/{blocked.pk}/reject/", body).status_code == 200
    call.recommended()
    assert [case.at.state for case in (blocked, scored, other)] == ["rejected", "not_recommended", "recommended"]
    assert scored.at.reason == f"依据{blocked_late.decision_no}，该机构被限制参与（办法第二十七条）。"


def test_an_accepted_case_of_a_provider_that_is_not_blocked_is_not_turned_away() -> None:
    case = make_case("accepted")
    body = {"version": case.at.version, "reason": "不再受理"}
    before = picture()
    answer = Caller(case.desk.dp).act(f"accreditation/applications/{case.pk}/reject/", body)
    assert (answer.json()["code"], changed(before)) == ("WRONG_STATE", set())


@pytest.mark.parametrize("side", SIDES)
def test_a_blocked_party_is_pointed_out_to_the_reviewer(side: str) -> None:
    case = make_claim("submitted")
    with kept_out(getattr(case.deal.parties, side).uscc):
        item = risks(case)["not_restricted"]
    label = {"enterprise": "企业", "provider": "服务商"}[side]
    assert (item["fault"], item["found"]) == ("F21", f"信用档案中有生效的限制：{label}")
    assert "not_restricted" not in risks(case)


def test_an_open_complaint_about_the_contract_is_pointed_out_to_the_reviewer() -> None:
    case = make_claim("submitted")
    parties = case.deal.parties
    complaint = make_complaint(
        filer=parties.eo, against=parties.provider.organisation, contract_number=case.deal.at.number
    )
    item = risks(case)["no_open_complaint"]
    assert (item["fault"], item["found"]) == ("F22", f"未办结的投诉：{complaint.number}")
    body = {"version": 1, "reason": "已协商解决"}
    assert Caller(parties.eo).act(f"complaints/{complaint.pk}/withdraw/", body).status_code == 200
    assert "no_open_complaint" not in risks(case)


def risks(case: Case) -> dict[str, dict[str, str]]:
    """What is pointed out, by code: nothing of it stops the claim by itself."""
    answer = Caller(case.desk.co).get(f"/api/v1/claims/{case.pk}/preflight/").json()
    assert answer["ready"] is True
    return {item["code"]: item for item in answer["items"] if not item["ok"]}


def test_a_carried_claim_of_a_blocked_provider_is_not_waited_for() -> None:
    case = make_batch("marked").cases[0]
    with kept_out(case.at.provider.uscc):
        assert carrying._could_be_paid(case.at, clock.today()) is False
    assert carrying._could_be_paid(case.at, clock.today()) is True


@pytest.mark.parametrize("side", SIDES)
def test_what_runs_goes_on_to_the_confirmation_and_the_claim(side: str) -> None:
    """Deposit, performance, acceptance, balance, confirmation; the claim is filed and checked, not passed."""
    deal = make_contract("signed", diagnosis=False, amount="60000.00")
    make_record(uscc=getattr(deal.parties, side).uscc)
    for step in ("effective", "performing", "delivered", "accepted", "paid_up", "confirmed"):
        getattr(deal, step)()
    case = make_claim("reviewed", deal=deal)
    assert (deal.at.state, case.at.state) == ("confirmed", "formal_review")
    body = {"version": case.at.version}
    answer = Caller(case.desk.dp).act(f"claims/{case.pk}/pass/", body)
    assert answer.status_code == (409 if side == "provider" else 200)  # the enterprise's record is not the provider's
