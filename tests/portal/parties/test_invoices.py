"""发票 on the contract's page and under 支付与票据; and who is to be paid, said where a payment is reported."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.states import OrganisationKind, Role
from contracts.models import Invoice
from contracts.selectors import payee_agrees
from contracts.states import PaymentKind
from foundation import clock
from foundation.names import last_four
from tests.factories.accounts import make_organisation, make_user, officer
from tests.factories.contracts import make_contract, upload
from tests.portal.parties.support import act, page, said, signed_in

pytestmark = pytest.mark.django_db
NUMBER = "26452000000000000001"


def file_of(invoice):
    return reverse("file", kwargs={"pk": invoice.file_id})


def status_of(answer):
    """Of a file, read to its end: what is left open is told on another test."""
    if answer.streaming:
        assert b"".join(answer.streaming_content)
    return answer.status_code


def typed(deal, **fields):
    given = {"number": NUMBER, "issued_on": clock.today().isoformat(), "amount": "12,500.00"}
    return {**given, "file": str(upload(deal.parties.po, "invoice").pk), **fields}


def test_the_provider_registers_on_the_contracts_page_and_both_sides_download():
    deal = make_contract("effective", amount="12500.00")
    address = reverse("contract-act", kwargs={"pk": deal.pk, "act": "invoice"})
    assert address in said(signed_in(deal.parties.po).get(page(deal)))
    assert address not in said(signed_in(deal.parties.eo).get(page(deal)))
    assert 'accept=".ofd,.pdf,.xml"' in said(signed_in(deal.parties.po).get(address))
    answer = act(deal.parties.po, deal.at, "invoice", **typed(deal))
    assert (answer.status_code, answer.url) == (302, page(deal))
    invoice = Invoice.objects.get()
    withdrawing = reverse("contract-invoice-act", kwargs={"pk": invoice.pk, "act": "withdraw"})
    for person, may in ((deal.parties.po, True), (deal.parties.eo, False), (officer(Role.DEPARTMENT), False)):
        text = said(signed_in(person).get(page(deal)))
        assert "有效发票合计 12,500.00 元" in text
        assert address not in text  # nothing is left to invoice
        assert file_of(invoice) in text
        assert (withdrawing in text) is may
        assert status_of(signed_in(person).get(file_of(invoice))) == 200
    assert status_of(signed_in(make_contract().parties.eo).get(file_of(invoice))) == 404


def test_too_much_is_said_at_the_amount_and_nothing_is_kept():
    deal = make_contract("effective", amount="12500.00")
    answer = act(deal.parties.po, deal.at, "invoice", **typed(deal, amount="12500.01"))
    assert answer.status_code == 409
    assert "最多还可登记12,500.00元" in said(answer)
    assert not Invoice.objects.exists()


def test_a_withdrawn_invoice_stays_in_the_table_with_its_reason():
    deal = make_contract("effective")
    invoice = deal.invoiced()
    answer = act(deal.parties.pl, invoice, "withdraw", deck="contract-invoice", how="reversed", reason="购买方名称有误")
    assert (answer.status_code, answer.url) == (302, page(deal))
    text = said(signed_in(deal.parties.eo).get(page(deal)))
    assert all(one in text for one in (invoice.number, "已红冲", "购买方名称有误", "有效发票合计 0.00 元"))


def test_the_list_filters_sorts_and_exports_and_is_the_readers_own():
    deal = make_contract("effective", amount="12500.00")
    small, large = deal.invoiced(Decimal("500.00")), deal.invoiced(Decimal("2500.00"))
    client, address = signed_in(deal.parties.eo), reverse("contract-invoices")
    found = re.compile(rf"{small.number}|{large.number}")
    assert found.findall(said(client.get(address, {"sort": "amount"})))[0] == small.number
    assert set(found.findall(said(client.get(address, {"number": large.number})))) == {large.number}
    assert client.get(address, {"state": "voided"}).context["list"].rows == []
    sheet = client.get(address, {"export": "xlsx"})
    assert (status_of(sheet), "spreadsheet" in sheet["Content-Type"]) == (200, True)
    assert signed_in(make_contract().parties.eo).get(address).context["list"].rows == []


@pytest.mark.parametrize("name", ["contract-payments", "contract-invoices"])
def test_the_city_reads_the_rows_and_is_offered_no_file(name):
    deal = make_contract("effective")
    invoice = deal.invoiced()
    city = make_organisation(OrganisationKind.CITY, city=deal.at.enterprise.organisation.city)
    text = said(signed_in(make_user(Role.CITY, organisation=city)).get(reverse(name)))
    assert deal.at.number in text or deal.order(PaymentKind.DEPOSIT).number in text
    assert file_of(invoice) not in text
    assert reverse("file", kwargs={"pk": deal.order(PaymentKind.DEPOSIT).receipt_id}) not in text


def test_reporting_a_payment_says_who_is_paid_and_from_which_account():
    deal = make_contract("signed")
    address = reverse("contract-payment-act", kwargs={"pk": deal.order(PaymentKind.DEPOSIT).pk, "act": "report"})
    enterprise, provider = deal.parties.enterprise, deal.parties.provider
    text = said(signed_in(deal.parties.eo).get(address))
    assert "与合同乙方一致" in text
    assert f"户名须为服务商本单位名称“{provider.organisation.name}”" in text
    assert all(one in text for one in (enterprise.bank_name, last_four(enterprise.bank_account), provider.uscc))
    assert enterprise.bank_account not in text
    assert last_four(enterprise.bank_account) not in said(signed_in(deal.parties.po).get(address))


def test_a_payee_of_another_name_than_the_contracts_does_not_agree():
    order = make_contract("signed").order(PaymentKind.DEPOSIT)
    assert payee_agrees(order)
    order.payee.name = "另一家服务有限公司"
    assert not payee_agrees(order)
