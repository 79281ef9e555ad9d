"""The lists of contracts and payments: whose rows, on which desk, at what cost; and the officers' inspection."""

import io
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.states import OrganisationKind, Role
from contracts.jobs import mark_overdue
from contracts.services import endings
from contracts.states import PaymentKind, State
from foundation import clock
from portal.officer import tasks
from tests.factories.accounts import make_organisation, make_user
from tests.factories.contracts import make_contract, make_parties
from tests.portal.parties.support import page, said, signed_in

pytestmark = pytest.mark.django_db


def shown(user, name, **query):
    answer = signed_in(user).get(reverse(name), query)
    assert answer.status_code == 200
    return {row.pk for row in answer.context["list"].rows}


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_each_sees_the_contracts_of_its_own_house():
    ours, theirs = make_contract(), make_contract()
    for user in (ours.parties.eo, ours.parties.pl):
        assert shown(user, "contracts") == {ours.pk}
    assert shown(theirs.parties.po, "contracts") == {theirs.pk}


def test_the_desks_divide_them_by_whose_turn_it_is_and_count_them():
    parties = make_parties()
    draft, delivered = (
        make_contract(parties=parties, amount="3000.00"),
        make_contract("delivered", parties=parties, amount="3000.00"),
    )
    assert shown(parties.eo, "contracts-mine") == {draft.pk, delivered.pk}
    assert shown(parties.po, "contracts-mine") == {draft.pk}
    assert shown(parties.po, "contracts-running") == {draft.pk, delivered.pk}
    assert shown(parties.po, "contracts-over") == set()
    tabs = signed_in(parties.po).get(reverse("contracts")).context["tabs"]
    assert [(tab["label"], tab["count"]) for tab in tabs] == [
        ("全部", 2),
        ("待我办理", 1),
        ("进行中", 2),
        ("已办结", 0),
    ]


def test_filters_narrow_and_what_cannot_be_read_is_said():
    parties = make_parties()
    draft, signed = (
        make_contract(parties=parties, amount="3000.00"),
        make_contract("signed", parties=parties, amount="3000.00"),
    )
    assert shown(parties.eo, "contracts", state="draft") == {draft.pk}
    assert shown(parties.eo, "contracts", number=signed.at.number) == {signed.pk}
    assert shown(parties.eo, "contracts", party="没有这家") == set()
    answer = signed_in(parties.eo).get(reverse("contracts"), {"state": "x"})
    assert (answer.status_code, "请从列表中选择" in said(answer)) == (400, True)


@pytest.mark.parametrize("name", ["contracts", "contracts-mine", "contract-payments", "contract-new"])
def test_a_list_costs_the_same_for_one_row_and_for_many(name):
    parties = make_parties()
    make_contract("signed", parties=parties, amount="3000.00")
    client, address = signed_in(parties.eo), reverse(name)
    few = queries_of(client, address)
    for _ in range(4):
        make_contract("signed", parties=parties, amount="3000.00")
    assert queries_of(client, address) == few


def test_the_spreadsheet_has_the_rows_as_text():
    deal = make_contract("signed")
    answer = signed_in(deal.parties.eo).get(reverse("contracts"), {"export": "xlsx"})
    path = answer.getvalue()

    book = openpyxl.load_workbook(io.BytesIO(path))
    line = [cell.value for cell in book.active[2]]
    book.close()
    assert deal.at.number in line
    assert "12500.00" in line


def test_an_empty_list_says_what_to_do_next():
    text = said(signed_in(make_user(Role.ENTERPRISE_AGENT)).get(reverse("contracts")))
    assert "选好产品后即可起草" in text
    assert reverse("contract-new") in text


def test_payments_stand_with_their_receipts():
    deal = make_contract("effective")
    order = deal.order(PaymentKind.DEPOSIT)
    text = said(signed_in(deal.parties.po).get(reverse("contract-payments")))
    assert order.number in text
    assert reverse("file", kwargs={"pk": order.receipt_id}) in text
    assert shown(make_contract().parties.eo, "contract-payments") == set()


def test_inspection_is_for_the_offices_and_a_city_sees_its_own():
    deal = make_contract("performing")
    own = make_user(
        Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city=deal.at.enterprise.organisation.city)
    )
    far = make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city="451000"))
    for role in (Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.FINANCE, Role.SUPERVISOR):
        assert shown(make_user(role), "officer:contracts") == {deal.pk}
    assert (shown(own, "officer:contracts"), shown(far, "officer:contracts")) == ({deal.pk}, set())
    for user in (deal.parties.eo, make_user(Role.EXPERT), make_user(Role.SYSTEM_ADMIN)):
        assert signed_in(user).get(reverse("officer:contracts")).status_code == 403


def test_what_stands_still_is_told_with_the_reason_the_days_and_the_money():
    deal, officer = make_contract("delivered", amount="10000.00", voucher="5000.00"), make_user(Role.DEPARTMENT)
    assert shown(officer, "officer:contracts-still") == set()
    with time_machine.travel(clock.now() + timedelta(days=30), tick=False):
        answer = signed_in(officer).get(reverse("officer:contracts-still"))
        assert {row.pk for row in answer.context["list"].rows} == {deal.pk}
        assert [(one["label"], one["held"], one["longest_days"]) for one in answer.context["sums"]] == [
            ("企业验收", 5000, 30)
        ]
        assert shown(officer, "officer:contracts-still", days="60") == set()
        assert shown(officer, "officer:contracts-still", reason="acceptance", days="15") == {deal.pk}


@pytest.mark.parametrize("name", ["officer:contracts", "officer:contracts-still", "officer:contracts-mine"])
def test_inspection_costs_the_same_for_one_row_and_for_many(name):
    parties, officer = make_parties(), make_user(Role.CENTRE_CHECKER)
    make_contract("delivered", parties=parties, amount="3000.00")
    with time_machine.travel(clock.now() + timedelta(days=30), tick=False):
        client, address = signed_in(officer), reverse(name)
        few = queries_of(client, address)
    for _ in range(3):
        make_contract("delivered", parties=parties, amount="3000.00")
    with time_machine.travel(clock.now() + timedelta(days=30), tick=False):
        assert queries_of(signed_in(officer), address) == few


def test_overdue_contracts_have_a_list_of_their_own():
    deal, officer = make_contract("performing"), make_user(Role.DEPARTMENT)
    assert shown(officer, "officer:contracts-overdue") == set()
    with time_machine.travel(clock.start_of(deal.at.end_date + timedelta(days=2)), tick=False):
        mark_overdue(clock.today())
        assert deal.at.state == State.OVERDUE
        assert shown(officer, "officer:contracts-overdue") == {deal.pk}


def test_what_waits_for_an_officer_is_in_his_list_of_tasks():
    deal, checker = make_contract("performing"), make_user(Role.CENTRE_CHECKER)
    deal.do(endings.request_termination, deal.parties.el, fault="none", reason="停产")
    disputed = make_contract("performing")
    disputed.do(endings.open_dispute, disputed.parties.eo, reason="分歧")
    found = {(one.kind.code, one.url) for one in tasks.inbox(checker).tasks}
    assert found == {("termination-check", page(deal)), ("contract-dispute", page(disputed))}
