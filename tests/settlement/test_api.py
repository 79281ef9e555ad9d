"""Settlement over HTTP: the whole way, who sees what, and input that is refused."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import ADMINISTRATORS, OFFICERS, OrganisationKind, Role
from foundation import clock
from settlement.models import Claim
from settlement.serializers.answers import INNER
from tests.factories.accounts import Caller, make_organisation, make_user, officer
from tests.factories.contracts import make_contract
from tests.factories.settlement import Desk, make_batch, make_claim, make_payout
from tests.settlement.support import picture

pytestmark = pytest.mark.django_db


def get(user, path):
    return Caller(user).get(f"/api/v1/{path}")


def ids(response):
    assert response.status_code == 200
    return {row["id"] for row in response.json()["results"]}


def act(user, path, row, **body):
    response = Caller(user).act(path, {"version": row["version"], **body})
    assert response.status_code == 200, response.json()
    return response.json()


def test_the_whole_way(travel):
    deal, desk = make_contract("confirmed", amount="12500.00"), Desk()
    po, pl = deal.parties.po, deal.parties.pl
    made = Caller(po).act("claims/", {"contract": str(deal.pk)})
    assert made.status_code == 201
    claim = made.json()
    path = f"claims/{claim['id']}"
    assert get(po, f"{path}/preflight/").json()["ready"] is True
    claim = act(pl, f"{path}/submit/", claim)
    claim = act(desk.co, f"{path}/check/", claim, note="材料齐全")
    claim = act(desk.cr, f"{path}/review/", claim)
    claim = act(desk.dp, f"{path}/reduce/", claim, reduction="500.00", code="F09", reason="差旅费不属于支持范围")
    assert (claim["state"], claim["requested"], claim["approved"]) == ("reduced", "10000.00", "9500.00")
    notice = {"title": "2026年度第一批服务券兑付通知", "intake_from": "2026-03-01", "intake_to": "2026-03-02"}
    opened = Caller(desk.co).act("batches/", notice)
    assert opened.status_code == 201
    batch = opened.json()
    where = f"batches/{batch['id']}"
    batch = act(desk.cr, f"{where}/issue/", batch)
    travel.move_to(clock.start_of(clock.today().replace(day=3)))
    batch = act(desk.co, f"{where}/close-intake/", batch)
    batch = act(desk.dp, f"{where}/plan/", batch, claims=[claim["id"]])
    assert (batch["claim_count"], batch["total"]) == (1, "9500.00")
    batch = act(desk.dp2, f"{where}/review-plan/", batch)
    batch = act(desk.ap, f"{where}/approve/", batch, approval_no="桂工信签〔2026〕18号")
    batch = act(
        desk.dp,
        f"{where}/publicise/",
        batch,
        publicity_from="2026-03-03",
        publicity_to="2026-03-09",
        reference="桂工信公示〔2026〕9号",
    )
    travel.move_to(clock.start_of(clock.today().replace(day=10)))
    batch = act(desk.dp, f"{where}/clear/", batch)
    batch = act(desk.dp, f"{where}/mark/", batch, request_no="桂工信函〔2026〕31号")
    assert (batch["requested"], batch["funded"]) == ("9500.00", "0.00")
    batch = act(desk.fn, f"{where}/fund/", batch, funding_no="桂财企〔2026〕12号", amount="9500.00")
    ordered = Caller(desk.co).act("payouts/", {"claim": claim["id"]})
    assert ordered.status_code == 201
    order = ordered.json()
    assert (order["amount"], order["amount_words"]) == ("9500.00", "人民币玖仟伍佰元整")
    order = act(desk.cr, f"payouts/{order['id']}/check/", order)
    order = act(desk.fn, f"payouts/{order['id']}/send/", order)
    order = act(desk.fn, f"payouts/{order['id']}/paid/", order, voucher_no="GK2026000001", paid_on="2026-03-10")
    assert order["state"] == "paid"
    claim = get(po, f"{path}/").json()
    assert (claim["state"], claim["paid"], claim["paid_on"]) == ("paid", "9500.00", "2026-03-10")
    assert (claim["cap_year"], claim["budget_year"], claim["batch_number"]) == (2026, 2026, "PC-2026-01")
    batch = act(desk.co, f"{where}/close/", get(desk.co, f"{where}/").json())
    assert batch["state"] == "closed"
    trail = [record["act"] for record in get(desk.co, f"{path}/trail/").json()]
    assert trail == [
        "create", "submit", "check", "review", "reduce", "enter_batch", "approve", "publicise", "clear", "mark",
        "make_payable", "start_payment", "settle",
    ]  # fmt: skip


def test_a_bounce_over_http():
    pay = make_payout("sent")
    order = get(pay.case.desk.fn, f"payouts/{pay.pk}/").json()
    order = act(pay.case.desk.fn, f"payouts/{pay.pk}/returned/", order, code="channel", text="国库系统维护")
    assert (order["state"], order["return_code"]) == ("returned", "channel")
    pl = pay.case.deal.parties.pl
    claim = act(pl, f"claims/{pay.case.pk}/fix-account/", get(pl, f"claims/{pay.case.pk}/").json())
    assert claim["state"] == "payable"


def test_a_claim_explains_its_amount():
    case = make_claim("reviewed", amount="12500.00")
    case.reduced("500.00")
    body = get(case.deal.parties.po, f"claims/{case.pk}/explain/").json()
    assert (body["figure"], body["result"]) == ("approved", "9500.00")
    assert body["smallest_bound"] == {"code": "approved", "label": "审核核定金额", "amount": "9500.00"}
    assert {bound["code"]: bound["amount"] for bound in body["bounds"]} == {
        "signed": "10000.00",
        "rate": "10000.00",
        "cap": "10000.00",
        "after_deposit": "10000.00",
        "approved": "9500.00",
    }
    assert body["inputs"]["reduction"] == "500.00"
    assert "2026年度" in body["notice"]


def test_a_batch_explains_its_total():
    batch = make_batch("approved")
    body = get(batch.desk.fn, f"batches/{batch.pk}/explain/").json()
    assert (body["result"], body["inputs"]["claims"], body["inputs"]["budget_approved"]) == ("10000.00", 1, "10000.00")


def test_preflight_names_what_is_missing_and_what_to_do(travel):
    case = make_claim()
    travel.move_to(clock.end_of(case.at.due))
    body = get(case.deal.parties.po, f"claims/{case.pk}/preflight/").json()
    assert (body["ready"], body["missing"]) == (False, 1)
    [item] = [item for item in body["items"] if not item["ok"]]
    assert (item["code"], item["fault"], item["todo"]) == ("in_time", "F23", "已过申报期限，请向厅职能处室申请延期。")
    refused = Caller(case.deal.parties.pl).act(f"claims/{case.pk}/submit/", {"version": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "CLAIM_INCOMPLETE")
    assert refused.json()["details"]["missing"] == [item]


def test_a_returned_claim_shows_until_when_it_is_to_be_put_right():
    case = make_claim("submitted")
    assert get(case.deal.parties.po, f"claims/{case.pk}/").json()["correction_due"] is None
    case.returned()
    body = get(case.deal.parties.po, f"claims/{case.pk}/").json()
    assert (body["state"], body["due"], body["correction_due"]) == ("returned", "2026-04-01", "2026-03-16")
    assert get(case.deal.parties.po, "claims/").json()["results"][0]["correction_due"] == "2026-03-16"


def test_explanations_quote_the_notice():
    batch = make_batch("approved")
    [case] = batch.cases
    articles = case.at.notice.parsed.article
    claim = get(batch.desk.co, f"claims/{case.pk}/explain/").json()
    assert claim["article"] == articles("subsidy") + articles("deposit")
    total = get(batch.desk.co, f"batches/{batch.pk}/explain/").json()
    assert total["article"] == articles("funding") + articles("settlement")


@pytest.fixture
def cast():
    """Two providers' claims in one batch that is being paid, the first with an order."""
    desk = Desk()
    batch = make_batch("paying", cases=[make_claim("passed", desk=desk) for _ in range(2)])
    pay = batch.cases[0].ordered()
    return batch, pay


def test_officers_see_all(cast):
    batch, pay = cast
    for role in OFFICERS:
        user = make_user(role)
        assert ids(get(user, "claims/")) == {str(case.pk) for case in batch.cases}
        assert ids(get(user, "batches/")) == {str(batch.pk)}
        assert ids(get(user, "payouts/")) == {str(pay.pk)}


def test_a_provider_sees_its_own(cast):
    batch, pay = cast
    first, second = batch.cases
    for user in (first.deal.parties.po, first.deal.parties.pl):
        assert ids(get(user, "claims/")) == {str(first.pk)}
        assert ids(get(user, "batches/")) == {str(batch.pk)}
        assert ids(get(user, "payouts/")) == {str(pay.pk)}
    other = second.deal.parties.po
    assert ids(get(other, "claims/")) == {str(second.pk)}
    assert ids(get(other, "payouts/")) == set()
    stranger = make_user(Role.PROVIDER_AGENT)
    for path in ("claims/", "payouts/"):
        assert ids(get(stranger, path)) == set()


def test_every_provider_reads_the_notice_it_was_told_of_and_nothing_of_others_in_it(cast):
    """The link of the message 兑付通知 leads somewhere; what the round comes to and who did what stays inside."""
    batch, _ = cast
    stranger = make_user(Role.PROVIDER_AGENT)
    whole = get(batch.cases[0].deal.parties.po, f"batches/{batch.pk}/").json()
    assert (whole["claim_count"], whole["total"]) == (2, "20000.00")
    assert get(batch.desk.co, f"batches/{batch.pk}/").json() == whole
    [listed] = get(stranger, "batches/").json()["results"]
    assert listed == get(stranger, f"batches/{batch.pk}/").json()
    assert (listed["title"], listed["state"], listed["intake_from"], listed["intake_to"]) == (
        "2026年度第一批服务券兑付通知", "paying", "2026-03-02", "2026-03-02",
    )  # fmt: skip
    hidden = {name for name, value in listed.items() if value is None and whole[name] is not None}
    assert hidden == {name for name in INNER if whole[name] is not None}
    assert {name: value for name, value in listed.items() if name not in INNER} == {
        name: value for name, value in whole.items() if name not in INNER
    }
    for path in ("explain/", "trail/", "exports/", "export/xlsx/"):
        assert get(stranger, f"batches/{batch.pk}/{path}").status_code == 404
    assert Caller(stranger).act(f"batches/{batch.pk}/close/", {"version": listed["version"]}).status_code == 404


def test_a_notice_that_is_not_out_is_nobodys_but_the_offices():
    batch = make_batch("open", cases=[])
    stranger = make_user(Role.PROVIDER_AGENT)
    assert (ids(get(stranger, "batches/")), get(stranger, f"batches/{batch.pk}/").status_code) == (set(), 404)
    batch.issued()
    assert ids(get(stranger, "batches/")) == {str(batch.pk)}


def test_an_enterprise_sees_the_claims_of_its_contracts_without_the_account(cast):
    batch, pay = cast
    first, second = batch.cases
    eo = first.deal.parties.eo
    assert ids(get(eo, "claims/")) == {str(first.pk)}
    assert ids(get(eo, "batches/")) == ids(get(eo, "payouts/")) == set()
    claim = get(eo, f"claims/{first.pk}/").json()
    assert (claim["account"], claim["corrected_account"]) == (None, None)
    number = pay.at.account_number
    assert number not in get(eo, f"claims/{first.pk}/").content.decode()
    assert get(eo, f"claims/{second.pk}/").status_code == 404
    assert Caller(eo).act(f"claims/{first.pk}/submit/", {"version": claim["version"]}).status_code == 403


def test_a_city_sees_its_enterprises_claims_only(cast):
    batch, _ = cast
    own = make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city="450100"))
    other = make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city="450200"))
    assert ids(get(own, "claims/")) == {str(case.pk) for case in batch.cases}
    assert ids(get(other, "claims/")) == set()
    assert ids(get(own, "batches/")) == ids(get(own, "payouts/")) == set()


def test_administrators_see_nothing(cast):
    batch, pay = cast
    for role in ADMINISTRATORS:
        user = make_user(role)
        for path in ("claims/", "batches/", "payouts/"):
            assert ids(get(user, path)) == set()
        for path in (f"claims/{batch.cases[0].pk}/", f"batches/{batch.pk}/", f"payouts/{pay.pk}/"):
            assert get(user, path).status_code == 404


def test_nobody_sees_anything_without_signing_in(cast, anonymous):
    for path in ("claims/", "batches/", "payouts/"):
        assert anonymous.get(f"/api/v1/{path}").status_code == 401


def test_account_numbers_are_masked_but_in_the_order_itself(cast):
    _, pay = cast
    number, fn = pay.at.account_number, pay.case.desk.fn
    assert get(fn, f"claims/{pay.case.pk}/").json()["account"]["number"] == f"****{number[-4:]}"
    assert number not in get(fn, "payouts/").content.decode()
    assert number not in get(fn, f"payouts/{pay.pk}/trail/").content.decode()
    assert get(fn, f"payouts/{pay.pk}/").json()["account_number"] == number
    for onlooker in (pay.case.desk.ap, officer(Role.SUPERVISOR), officer(Role.DEPARTMENT)):
        assert get(onlooker, f"payouts/{pay.pk}/").json()["account_number"] == f"****{number[-4:]}"


@pytest.mark.parametrize("path", ["claims/", "batches/", "payouts/"])
def test_a_list_costs_the_same_for_one_and_for_three(path):
    def cost(user):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            rows = get(user, path).json()["results"]
        return len(rows), len(captured)

    def add():
        case = make_claim("passed", desk=desk)
        make_batch("paying", cases=[case], desk=desk).cases[0].ordered()

    desk = Desk()
    add()
    one = cost(make_user(Role.FINANCE))
    add()
    add()
    three = cost(make_user(Role.FINANCE))
    assert (one[0], three[0]) == (1, 3)
    assert one[1] == three[1]


def test_filters():
    desk = Desk()
    draft, passed = make_claim(desk=desk), make_claim("passed", desk=desk)
    assert ids(get(desk.co, "claims/?state=passed")) == {str(passed.pk)}
    assert ids(get(desk.co, f"claims/?contract={draft.deal.pk}")) == {str(draft.pk)}
    assert ids(get(desk.co, f"claims/?number={draft.at.number}")) == {str(draft.pk)}
    assert ids(get(desk.co, "claims/?created_at__gte=2026-03-03T00:00:00%2B08:00")) == set()


BAD = [
    ("claims/", {}),
    ("claims/", {"contract": "x"}),
    ("claims/", {"contract": None}),
    ("claims/", {"contract": ["a"]}),
    ("claims/{claim}/submit/", {}),
    ("claims/{claim}/submit/", {"version": "one"}),
    ("claims/{claim}/submit/", {"version": -1}),
    ("claims/{claim}/submit/", {"version": 2**31}),
    ("claims/{claim}/withdraw/", {"version": 1}),
    ("claims/{claim}/withdraw/", {"version": 1, "reason": "x" * 501}),
    ("claims/{claim}/extend/", {"version": 1, "reason": "x", "until": "2026-02-30"}),
    ("claims/{claim}/return/", {"version": 1, "items": []}),
    ("claims/{claim}/return/", {"version": 1, "items": "F16"}),
    ("claims/{claim}/return/", {"version": 1, "items": [{"code": "F99", "text": "x"}]}),
    ("claims/{claim}/return/", {"version": 1, "items": [{"code": "F16"}]}),
    ("claims/{claim}/return/", {"version": 1, "items": [{"code": "F16", "text": "x"}] * 26}),
    ("claims/{claim}/reduce/", {"version": 1, "code": "F09", "reason": "x", "reduction": "-1.00"}),
    ("claims/{claim}/reduce/", {"version": 1, "code": "F09", "reason": "x", "reduction": "0.00"}),
    ("claims/{claim}/reduce/", {"version": 1, "code": "F09", "reason": "x", "reduction": "1.001"}),
    ("claims/{claim}/reduce/", {"version": 1, "code": "F09", "reason": "x", "reduction": 1.5}),
    ("claims/{claim}/reduce/", {"version": 1, "code": "F09", "reason": "x", "reduction": "１００"}),
    ("claims/{claim}/reduce/", {"version": 1, "code": "F09", "reduction": "1.00"}),
    ("claims/{claim}/reduce/", {"version": 1, "reason": "x", "reduction": "1.00"}),
    ("claims/{claim}/reduce/", {"version": 1, "reason": "x", "reduction": "1.00", "code": "F99"}),
    ("claims/{claim}/refuse/", {"version": 1, "code": "F99", "text": "x"}),
    ("claims/{claim}/refuse/", {"version": 1, "code": "F20", "text": ""}),
    ("claims/{claim}/refuse/", {"version": 1, "code": "F20", "text": "a\u0000b"}),
    ("claims/{claim}/appeal/", {"version": 1}),
    ("claims/{claim}/appeal/", {"version": 1, "grounds": "x", "files": ["y"]}),
    ("batches/", {}),
    ("batches/", {"title": "x" * 121, "intake_from": "2026-03-02", "intake_to": "2026-03-02"}),
    ("batches/", {"title": "x", "intake_from": "2026-03-02"}),
    ("batches/", {"title": "x", "intake_from": "2026-03-03", "intake_to": "2026-03-02"}),
    ("batches/{batch}/mark/", {"version": 1}),
    ("batches/{batch}/fund/", {"version": 1, "funding_no": "x", "amount": "0.00"}),
    ("batches/{batch}/plan/", {"version": 1, "claims": ["x"]}),
    ("batches/{batch}/plan/", {"version": 1, "claims": {"a": 1}}),
    ("batches/{batch}/approve/", {"version": 1}),
    ("batches/{batch}/approve/", {"version": 1, "approval_no": "x" * 65}),
    ("batches/{batch}/publicise/", {"version": 1, "publicity_from": "x", "publicity_to": "y", "reference": "z"}),
    ("payouts/", {"claim": "7"}),
    ("payouts/{payout}/paid/", {"version": 1, "voucher_no": "x y", "paid_on": "2026-03-02"}),
    ("payouts/{payout}/paid/", {"version": 1, "voucher_no": "GK0001"}),
    ("payouts/{payout}/returned/", {"version": 1, "code": "not_sent", "text": "x"}),
    ("payouts/{payout}/returned/", {"version": 1, "code": "name"}),
    ("payouts/{payout}/reject/", {"version": 1}),
]


def test_bad_input_is_refused_and_changes_nothing():
    pay = make_payout()
    case, batch = pay.case, pay.case.batch
    both = Caller(make_user(Role.CENTRE_CHECKER))
    before = picture()
    for path, body in BAD:
        response = both.act(path.format(claim=case.pk, batch=batch.pk, payout=pay.pk), body)
        assert response.status_code == 400, (path, body, response.json())
        answer = response.json()
        assert re.fullmatch(r"[A-Z_]+", answer["code"]), answer
        assert answer["message"]
    assert picture() == before


def test_nonsense_in_a_filter_is_no_server_error():
    make_claim()
    caller = make_user(Role.FINANCE)
    for query in ("state=nonsense", "contract=x", "provider=%00", "number=%00", "batch=x", "cap_year=x", "cursor=x"):
        assert get(caller, f"claims/?{query}").status_code in (200, 400, 404), query


ACTS = [
    "claims/{}/submit/", "claims/{}/check/", "claims/{}/fix-account/", "batches/{}/plan/", "batches/{}/close/",
    "payouts/{}/check/", "payouts/{}/send/",
]  # fmt: skip


def test_unknown_and_other_tenants_rows_are_told_alike():
    pay = make_payout()
    known = {"claims": pay.case.pk, "batches": pay.case.batch.pk, "payouts": pay.pk}
    stranger = Caller(make_user(Role.PROVIDER_SIGNATORY))
    for path in ACTS:
        absent = stranger.act(path.format(uuid4()), {"version": 1})
        others = stranger.act(path.format(known[path.split("/")[0]]), {"version": 1})
        assert (absent.status_code, others.status_code) == (404, 404)
        assert absent.json() == others.json()


def test_another_tenants_contract_and_claim_are_not_there():
    pay = make_payout()
    stranger = Caller(make_user(Role.PROVIDER_AGENT))
    theirs = stranger.act("claims/", {"contract": str(pay.case.deal.pk)})
    absent = stranger.act("claims/", {"contract": str(uuid4())})
    assert (theirs.status_code, absent.status_code) == (404, 404)
    assert theirs.json() == absent.json()


def test_no_amount_is_taken_from_a_body():
    deal = make_contract("confirmed")
    body = {"contract": str(deal.pk), "requested": "99999.00", "approved": "99999.00", "state": "paid", "number": "X"}
    made = Caller(deal.parties.po).act("claims/", body).json()
    assert (made["requested"], made["approved"], made["state"], made["number"]) == (
        "10000.00",
        None,
        "draft",
        "DF-2026-000001",
    )


def test_the_same_key_makes_one_claim():
    deal = make_contract("confirmed")
    caller = Caller(deal.parties.po)
    first, again = (caller.act("claims/", {"contract": str(deal.pk)}, key="once") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Claim.objects.count() == 1
