"""The contract over HTTP: the whole thread by the right people, pages, filters, explanations, locks and replays."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from accounts.models import User
from accounts.states import OrganisationKind, Role
from contracts.models import Contract, PaymentOrder
from contracts.states import PaymentKind
from engines.ledger.models import Entry
from foundation import clock
from programmes import services as programmes
from tests.contracts.support import everywhere, money, nowhere
from tests.factories.accounts import Caller, make_organisation, make_user, officer
from tests.factories.contracts import RATINGS, Deal, Parties, make_contract, make_parties, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def working_morning():
    """10:00 in Shanghai on a Monday in March."""
    with time_machine.travel(datetime(2026, 3, 2, 2, 0, tzinfo=UTC), tick=True):
        yield


def terms(**fields: Any) -> dict[str, Any]:
    end = str(clock.today() + timedelta(days=90))
    return {
        "amount": "12500.00",
        "voucher": "10000.00",
        "start_date": str(clock.today()),
        "end_date": end,
        "milestones": [{"title": "提交诊断报告", "due_date": end}],
        **fields,
    }


def draft_body(parties: Parties, **fields: Any) -> dict[str, Any]:
    return {"enterprise": str(parties.enterprise.pk), "product": str(parties.product.pk), **terms(**fields)}


class Thread:
    """A contract acted on through HTTP; every act sends the version last seen."""

    def __init__(self, parties: Parties) -> None:
        self.parties = parties
        self.seen: dict[str, Any] = {}

    def draft(self, by: User, **fields: Any) -> Any:
        return self._take(Caller(by).act("contracts/", draft_body(self.parties, **fields)))

    def act(self, name: str, by: User, **body: Any) -> Any:
        path = f"contracts/{self.seen['id']}/{name}/"
        return self._take(Caller(by).act(path, {"version": self.seen["version"], **body}))

    def pay(self, name: str, by: User, kind: str, **body: Any) -> Any:
        order = PaymentOrder.objects.get(contract=self.seen["id"], kind=kind)
        response = Caller(by).act(f"payments/{order.pk}/{name}/", {"version": order.version, **body})
        self.seen = self.read(by)
        return response

    def read(self, by: User) -> dict[str, Any]:
        return Caller(by).get(f"/api/v1/contracts/{self.seen['id']}/").json()

    def _take(self, response: Any) -> Any:
        if response.status_code < 300:
            self.seen = response.json()
        return response


def paid(parties: Parties, **fields: Any) -> dict[str, Any]:
    receipt = upload(parties.eo, "receipt")
    return {
        "bank_serial": f"SN{uuid4().hex[:12]}",
        "paid_at": clock.now().isoformat(),
        "receipt": str(receipt.pk),
        **fields,
    }


def outsiders(parties: Parties) -> list[User]:
    """People of other houses, and officers who see the contract but are no party to it."""
    return [make_user(Role.ENTERPRISE_SIGNATORY), make_user(Role.PROVIDER_SIGNATORY), officer(Role.DEPARTMENT)]


def test_the_whole_thread_over_http():
    parties = make_parties(diagnosis=False)
    eo, el, po, pl = parties.eo, parties.el, parties.po, parties.pl
    thread = Thread(parties)
    steps = [
        (lambda: thread.draft(eo, amount="50000.00", voucher="25000.00"), 201, "draft"),
        (lambda: thread.act("agree", eo), 200, "draft"),
        (lambda: thread.act("agree", po), 200, "ready"),
        (lambda: thread.act("start-signing", po), 200, "signing"),
        (lambda: thread.act("sign", el), 200, "signing"),
        (lambda: thread.act("sign", pl), 200, "signed_wait_deposit"),
        (lambda: thread.pay("report", eo, PaymentKind.DEPOSIT, **paid(parties)), 200, "signed_wait_deposit"),
        (lambda: thread.pay("confirm", po, PaymentKind.DEPOSIT), 200, "effective"),
        (
            lambda: thread.act("evidence", po, milestone=1, files=[str(upload(po).pk)], note="现场照片"),
            200,
            "performing",
        ),
        (lambda: thread.act("deliver", po, note="已交付", indicators=MET), 200, "delivered"),
        (lambda: thread.act("reject", el, reason="指标未达到"), 200, "rectify"),
        (lambda: thread.act("deliver", po, note="已整改", indicators=MET), 200, "delivered"),
        (lambda: thread.act("accept", el), 200, "accepted"),
        (lambda: thread.pay("report", eo, PaymentKind.BALANCE, **paid(parties)), 200, "accepted"),
        (lambda: thread.pay("confirm", po, PaymentKind.BALANCE), 200, "paid_up"),
        (lambda: thread.act("sign-confirmation", pl, content="已完成诊断"), 200, "paid_up"),
        (lambda: thread.act("countersign-confirmation", el, ratings=RATINGS, comment="满意"), 200, "confirmed"),
    ]
    for number, (step, status, state) in enumerate(steps):
        response = step()
        assert (number, response.status_code, thread.seen["state"]) == (number, status, state), response.json()
    whole = thread.read(eo)
    assert [s["document"] for s in whole["signatures"]].count("contract") == 2
    assert {p["kind"]: (p["amount"], p["state"]) for p in whole["payments"]} == {
        "deposit": ("10000.00", "matched"),
        "balance": ("15000.00", "matched"),
    }
    assert (whole["deposit"], whole["balance"], whole["voucher"]) == ("10000.00", "15000.00", "25000.00")
    assert whole["confirmation"]["paid_by_enterprise"] == "25000.00"
    assert whole["confirmation"]["ratings"] == RATINGS
    trail = Caller(eo).get(f"/api/v1/contracts/{whole['id']}/trail/").json()
    assert [record["seq"] for record in trail] == list(range(1, whole["version"] + 1))


MET = [{"seq": 1, "reached": "覆盖3条产线"}]  # the one indicator of a factory's product
REFUSALS_OF_STEPS = [
    ("ready", "start-signing", {}, ("eo", "el", "po", "pl")),
    ("signing", "sign", {}, ("el", "pl")),
    ("effective", "deliver", {"note": "x"}, ("po", "pl")),
    ("delivered", "accept", {}, ("el",)),
    ("paid_up", "sign-confirmation", {"content": "x"}, ("pl",)),
]


@pytest.mark.parametrize(("state", "act", "body", "may"), REFUSALS_OF_STEPS)
def test_the_wrong_people_are_refused(state, act, body, may):
    deal = make_contract(state)
    before = deal.at
    for name in {"eo", "el", "po", "pl"} - set(may):
        response = Caller(getattr(deal.parties, name)).act(
            f"contracts/{deal.pk}/{act}/", {"version": before.version, **body}
        )
        assert (name, response.status_code, response.json()["code"]) == (name, 403, "NOT_ALLOWED")
    answers = [
        Caller(user).act(f"contracts/{deal.pk}/{act}/", {"version": before.version, **body}).status_code
        for user in outsiders(deal.parties)
    ]
    assert answers == [404, 404, 403]
    assert (deal.at.version, deal.at.state) == (before.version, before.state)


def test_an_enterprise_cannot_draft_for_another():
    parties, other = make_parties(), make_parties()
    mixed = {**draft_body(parties), "enterprise": str(other.enterprise.pk)}
    assert Caller(parties.eo).act("contracts/", mixed).status_code in (403, 404)
    assert Contract.objects.count() == 0


AMOUNTS = ["amount", "voucher", "deposit", "balance", "cap", "rate", "deposit_rate", "tax"]


def test_amounts_are_strings_with_two_decimals():
    deal = make_contract("confirmed")
    whole = Caller(deal.parties.eo).get(f"/api/v1/contracts/{deal.pk}/").json()
    for name in AMOUNTS:
        assert isinstance(whole[name], str), name
    for name in ("amount", "voucher", "deposit", "balance", "cap", "tax", "accepted_amount", "final_voucher"):
        assert re.fullmatch(r"\d+\.\d\d", whole[name]), (name, whole[name])
    for payment in whole["payments"]:
        assert re.fullmatch(r"\d+\.\d\d", payment["amount"])
    row = Caller(deal.parties.eo).get("/api/v1/contracts/").json()["results"][0]
    assert (row["amount"], row["voucher"], row["deposit"], row["balance"]) == (
        "12500.00", "10000.00", "2500.00", "0.00",
    )  # fmt: skip


@pytest.mark.parametrize("value", [12500.0, "12500.001", "-1.00", "１２５００", "1e4", "0.00", "", None, "NaN", True])
def test_an_amount_that_is_none_is_refused(value):
    parties = make_parties()
    response = Caller(parties.eo).act("contracts/", draft_body(parties, amount=value))
    assert (response.status_code, response.json()["code"]) == (400, "INVALID_FIELDS")
    assert list(response.json()["details"]) == ["amount"]
    assert Contract.objects.count() == 0


def test_a_price_as_a_whole_number_is_as_good_as_its_string():
    parties = make_parties()
    assert Caller(parties.eo).act("contracts/", draft_body(parties, amount=12500)).json()["amount"] == "12500.00"


def test_an_old_version_is_a_conflict_that_says_both():
    deal = make_contract("ready")
    response = Caller(deal.parties.eo).act(f"contracts/{deal.pk}/start-signing/", {"version": 1})
    body = response.json()
    assert (response.status_code, body["code"]) == (409, "VERSION_CONFLICT")
    assert (body["details"]["seen"], body["details"]["current"]) == (1, deal.at.version)
    assert deal.at.state == "ready"


def test_an_act_out_of_turn_names_the_state():
    deal = make_contract("draft")
    response = Caller(deal.parties.el).act(f"contracts/{deal.pk}/sign/", {"version": deal.at.version})
    assert (response.status_code, response.json()["code"]) == (409, "WRONG_STATE")
    assert "草稿" in response.json()["message"]


def test_a_replayed_start_of_signing_takes_one_hold():
    deal = make_contract("ready")
    caller, body = Caller(deal.parties.eo), {"version": deal.at.version}
    path = f"contracts/{deal.pk}/start-signing/"
    first = caller.act(path, body, key="press-once")
    entries = Entry.objects.count()
    again = caller.act(path, body, key="press-once")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Entry.objects.count() == entries
    assert money(deal, 2026) == everywhere("reserved", "10000.00")
    other = caller.act(path, {"version": deal.at.version}, key="press-once")
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")


def test_a_second_press_with_a_new_key_takes_no_second_hold():
    deal = make_contract("ready")
    body = {"version": deal.at.version}
    assert Caller(deal.parties.eo).act(f"contracts/{deal.pk}/start-signing/", body).status_code == 200
    assert Caller(deal.parties.po).act(f"contracts/{deal.pk}/start-signing/", body).status_code == 409
    assert money(deal, 2026) == everywhere("reserved", "10000.00")


def test_a_refusal_is_not_kept_with_its_key():
    deal = make_contract("ready")
    caller, path = Caller(deal.parties.eo), f"contracts/{deal.pk}/start-signing/"
    assert caller.act(path, {"version": 1}, key="again").status_code == 409
    assert caller.act(path, {"version": deal.at.version}, key="again").status_code == 200


def test_withdrawn_money_is_free_again():
    deal = make_contract("signing")
    response = Caller(deal.parties.pl).act(
        f"contracts/{deal.pk}/refuse/", {"version": deal.at.version, "reason": "条款有误"}
    )
    assert response.json()["state"] == "cancelled"
    assert money(deal, 2026) == nowhere()


def explain(deal: Deal, name: str, by: User | None = None) -> dict[str, Any]:
    return Caller(by or deal.parties.eo).get(f"/api/v1/contracts/{deal.pk}/{name}/explain/").json()


SHAPE = {"figure", "rule", "article", "notice", "inputs", "formula", "result", "bounds", "smallest_bound"}


def test_the_voucher_explains_itself():
    deal = make_contract("draft")
    shown = explain(deal, "voucher")
    assert set(shown) == SHAPE
    assert {bound["code"]: bound["amount"] for bound in shown["bounds"]} == {
        "rate": "10000.00", "cap": "10000.00", "after_deposit": "10000.00", "quota": "300000.00",
        "provider_cap": "5000000.00", "budget": "10000000.00",
    }  # fmt: skip
    assert (shown["result"], shown["smallest_bound"]["code"]) == ("10000.00", "rate")
    assert shown["inputs"]["chosen"] == "10000.00"
    assert "2026年度" in shown["notice"]
    assert shown["article"].startswith("第")


CASES = [
    ({"diagnosis": False, "amount": "50000.00"}, "rate", "25000.00"),
    ({"diagnosis": False, "amount": "150000.00"}, "cap", "30000.00"),
    ({"diagnosis": True, "amount": "20000.00"}, "cap", "10000.00"),
    ({"diagnosis": False, "amount": "50000.00", "budget": "20000.00", "voucher": "20000.00"}, "budget", "20000.00"),
]


@pytest.mark.parametrize(("fields", "code", "amount"), CASES)
def test_the_smallest_bound_is_named(fields, code, amount):
    shown = explain(make_contract("draft", **fields), "voucher")
    assert (shown["smallest_bound"]["code"], shown["smallest_bound"]["amount"], shown["result"]) == (
        code,
        amount,
        amount,
    )


def test_signing_names_the_bound_that_failed_and_what_is_left():
    parties = make_parties(diagnosis=False, tier="5")
    make_contract("signing", parties=parties, amount="60000.00", voucher="30000.00")
    second = make_contract("ready", parties=parties, amount="60000.00", voucher="30000.00")
    response = Caller(parties.eo).act(f"contracts/{second.pk}/start-signing/", {"version": second.at.version})
    body = response.json()
    assert (response.status_code, body["code"]) == (409, "QUOTA_SHORT")
    assert (body["details"]["left"], body["details"]["wanted"]) == ("20000.00", "30000.00")
    assert "20,000.00" in body["message"]
    assert second.at.state == "ready"
    shown = explain(second, "voucher")
    assert shown["smallest_bound"] == {"code": "quota", "label": "企业年度额度余额", "amount": "20000.00"}
    assert shown["result"] == "20000.00"


def test_the_shares_explain_themselves():
    deal = make_contract("confirmed", diagnosis=False, amount="50000.01")
    shown = explain(deal, "shares")
    assert set(shown) == SHAPE
    assert (shown["inputs"]["deposit"], shown["inputs"]["voucher"]) == ("10000.00", "25000.00")
    assert shown["result"] == "15000.01"
    assert shown["smallest_bound"] is None


def test_pages_by_key_miss_no_row_while_others_are_added():
    parties = make_parties()
    made = [str(make_contract("draft", parties=parties, amount="1250.00").pk) for _ in range(5)]
    caller, seen, url = Caller(parties.eo), [], "/api/v1/contracts/?page_size=2"
    while url:
        page = caller.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
        if len(seen) == 2:
            make_contract("draft", parties=parties, amount="1250.00")
    assert seen == list(reversed(made))


def ids(by: User, query: str) -> set[str]:
    response = Caller(by).get(f"/api/v1/contracts/?{query}")
    assert response.status_code == 200, response.json()
    return {row["id"] for row in response.json()["results"]}


def test_filters():
    one, two = make_contract("draft"), make_contract("signing", diagnosis=False)
    clerk = officer(Role.CENTRE_CHECKER)
    first, second = {str(one.pk)}, {str(two.pk)}
    assert ids(clerk, "") == first | second
    assert ids(clerk, "state=draft") == first
    assert ids(clerk, f"enterprise={two.parties.enterprise.pk}") == second
    assert ids(clerk, f"provider={one.parties.provider.pk}") == first
    assert ids(clerk, "category=digitalisation") == second
    assert ids(clerk, "quota_year=2026") == second
    assert ids(clerk, f"number={one.at.number}") == first
    assert ids(clerk, "created_at__gte=2026-03-03T00:00:00%2B08:00") == set()
    assert ids(clerk, "created_at__lt=2026-03-03T00:00:00%2B08:00") == first | second
    assert ids(one.parties.eo, f"enterprise={two.parties.enterprise.pk}") == set()


def test_a_city_sees_the_contracts_of_its_enterprises():
    deal = make_contract("draft")
    own, other = (
        make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city=city))
        for city in ("450100", "450200")
    )
    assert ids(own, "") == {str(deal.pk)}
    assert ids(other, "") == set()
    assert Caller(own).act(f"contracts/{deal.pk}/agree/", {"version": deal.at.version}).status_code == 403


def test_the_payer_reports_and_the_payee_matches():
    deal = make_contract("signed")
    order = deal.order(PaymentKind.DEPOSIT)
    path, parties = f"payments/{order.pk}/", deal.parties
    assert Caller(parties.po).act(f"{path}report/", {"version": order.version, **paid(parties)}).status_code == 403
    reported = Caller(parties.eo).act(f"{path}report/", {"version": order.version, **paid(parties)}).json()
    assert (reported["state"], reported["amount"]) == ("reported", "2500.00")
    assert Caller(parties.eo).act(f"{path}confirm/", {"version": reported["version"]}).status_code == 403
    assert Caller(parties.po).act(f"{path}confirm/", {"version": reported["version"]}).json()["state"] == "matched"
    assert deal.at.state == "effective"


def test_a_receipt_of_another_house_is_not_known():
    deal = make_contract("signed")
    order = deal.order(PaymentKind.DEPOSIT)
    strange = str(upload(make_user(Role.ENTERPRISE_AGENT), "receipt").pk)
    answers = [
        Caller(deal.parties.eo).act(
            f"payments/{order.pk}/report/", {"version": order.version, **paid(deal.parties, receipt=receipt)}
        )
        for receipt in (strange, str(uuid4()))
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_a_suspended_year_is_said_at_signing():
    deal = make_contract("ready")
    programmes.suspend_manually(by=officer(Role.DEPARTMENT), year=2026, reason="年中调整")
    response = Caller(deal.parties.eo).act(f"contracts/{deal.pk}/start-signing/", {"version": deal.at.version})
    assert (response.status_code, response.json()["code"]) == (409, "SIGNING_SUSPENDED")
    assert "年中调整" in response.json()["message"]
    assert money(deal, 2026) == nowhere()
    assert deal.at.state == "ready"
