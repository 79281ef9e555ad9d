"""Invoices are registered by the provider, never come to more than was agreed, and stay on record when withdrawn."""

import io
import zipfile
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accounts.selectors import visible_files
from accounts.states import OrganisationKind, Role
from contracts import policies, selectors
from contracts.models import Invoice
from contracts.services import endings, invoices
from engines.evidence.selectors import of_subject
from engines.files import services as files
from engines.notifications.models import OutboxEvent
from foundation import clock
from tests.contracts.support import refused
from tests.factories.accounts import Caller, make_organisation, make_user, officer
from tests.factories.contracts import make_contract, picture, upload
from tests.factories.settlement import make_claim
from tests.records.test_archive import index, take, titles

pytestmark = pytest.mark.django_db
NUMBER = "26452000000000000001"
HALF = Decimal("6250.00")


@pytest.fixture
def deal():
    return make_contract("effective", amount="12500.00")


def withdraw(deal, invoice, how="voided", by=None):
    return invoices.withdraw(
        by=by or deal.parties.po, invoice_id=invoice.pk, version=invoice.version, how=how, reason="购买方名称有误"
    )


def test_an_invoice_stands_and_both_sides_are_told(deal):
    version = deal.at.version
    invoice = deal.invoiced(number=NUMBER)
    assert (invoice.number, invoice.amount, invoice.state) == (NUMBER, Decimal("12500.00"), "standing")
    assert [(one.act, one.facts["amount"]) for one in of_subject(invoice)] == [("register", "12500.00")]
    assert deal.at.version == version  # forms that others have open on the contract stay good
    event = OutboxEvent.objects.filter(topic="invoice.registered").get()
    assert (event.subject_id, NUMBER in event.body) == (deal.pk, True)
    readers = set(invoice.file.readers.values_list("organisation_id", flat=True))
    assert deal.parties.enterprise.organisation_id in readers


@pytest.mark.parametrize("number", ["045002000111" + "12345678", "4500201110" + "12345678"])
def test_older_invoices_have_a_code_before_the_number(deal, number):
    assert deal.invoiced(number=number).number == number


@pytest.mark.parametrize(
    "number", ["12345678", "2645200000000000000", "２６４５２００００００００００００００１", "2645200000000000000A"]
)
def test_any_other_number_is_no_invoices(deal, number):
    answer = Caller(deal.parties.po).act(f"contracts/{deal.pk}/invoices/", body(deal, number=number))
    assert (answer.status_code, "发票号码须为20位半角数字" in str(answer.json())) == (400, True)
    with pytest.raises(IntegrityError, match="invoice_number_shape"), transaction.atomic():
        deal.invoiced(number=number)


def body(deal, **fields):
    file = upload(deal.parties.po, "invoice")
    given = {"version": deal.at.version, "number": NUMBER, "issued_on": clock.today().isoformat()}
    return {**given, "amount": "12500.00", "file": str(file.pk), **fields}


@pytest.mark.parametrize("who", ["eo", "el"])
def test_the_enterprise_registers_and_withdraws_none(deal, who):
    person, file = getattr(deal.parties, who), upload(deal.parties.po)
    with refused("NOT_ALLOWED"):
        deal.invoiced(by=person, file_id=file.pk)
    invoice = deal.invoiced()
    with refused("NOT_ALLOWED"):
        withdraw(deal, invoice, by=person)


def test_the_policy_is_the_providers_people_alone(deal):
    stranger = make_contract("effective").parties.po
    people = [deal.parties.po, deal.parties.pl, deal.parties.eo, deal.parties.el, stranger, officer(Role.DEPARTMENT)]
    assert [policies.may_invoice(one, deal.at) for one in people] == [True, True, False, False, False, False]


@pytest.mark.parametrize("until", ["draft", "signing", "signed"])
def test_nothing_is_invoiced_before_the_contract_takes_effect(until):
    deal = make_contract(until)
    file = upload(deal.parties.po)
    with refused("WRONG_STATE"):
        deal.invoiced(file_id=file.pk)


def test_nothing_is_invoiced_while_the_contract_is_in_dispute(deal):
    deal.do(endings.open_dispute, deal.parties.el, reason="对指标有异议")
    file = upload(deal.parties.po)
    with refused("WRONG_STATE"):
        deal.invoiced(file_id=file.pk)


def test_once_the_claim_is_filed_nothing_is_added_but_a_withdrawal_is_still_told():
    deal = make_contract("confirmed")
    invoice = deal.invoiced(HALF)
    case = make_claim("submitted", deal=deal)
    file = upload(deal.parties.po)
    with refused("INVOICE_CLAIMED") as caught:
        deal.invoiced(HALF, file_id=file.pk)
    assert "退回补正" in caught.value.message
    assert [one["number"] for one in case.at.materials["invoices"]] == [invoice.number]
    assert withdraw(deal, invoice, "reversed").state == "reversed"


@pytest.mark.parametrize("shift", [timedelta(days=-1), timedelta(days=1)])
def test_issued_before_signing_or_in_the_future_is_refused(deal, shift):
    file = upload(deal.parties.po)
    with refused("INVOICE_DATE_INVALID") as caught:
        deal.invoiced(issued_on=clock.today() + shift, file_id=file.pk)
    assert caught.value.details["field"] == "issued_on"


def test_a_number_stands_once_and_its_contract_is_named_to_its_own_house_alone(deal):
    deal.invoiced(HALF, number=NUMBER)
    parties = deal.parties
    sister, stranger = make_contract("effective", parties=parties), make_contract("effective")
    for other, named in ((deal, True), (sister, True), (stranger, False)):
        file = upload(other.parties.po)
        with refused("INVOICE_USED") as caught:
            other.invoiced(HALF, number=NUMBER, file_id=file.pk)
        assert (deal.at.number in caught.value.message) is named


def test_together_they_never_come_to_more_than_was_agreed(deal):
    deal.invoiced(HALF)
    file = upload(deal.parties.po)
    with refused("INVOICES_EXCEED") as caught:
        deal.invoiced(HALF + Decimal("0.01"), file_id=file.pk)
    assert caught.value.details["left"] == "6250.00"
    assert all(one in caught.value.message for one in ("合同金额12,500.00元", "已登记6,250.00元", "本张6,250.01元"))
    deal.invoiced(HALF)
    assert selectors.invoiced(deal.at) == Decimal("12500.00")


def test_after_acceptance_what_was_accepted_is_the_most():
    deal = make_contract("delivered", amount="12500.00")
    deal.accepted(Decimal("12000.00"))
    file = upload(deal.parties.po)
    with refused("INVOICES_EXCEED") as caught:
        deal.invoiced(Decimal("12500.00"), file_id=file.pk)
    assert "验收金额12,000.00元" in caught.value.message
    assert deal.invoiced().amount == Decimal("12000.00")


@pytest.mark.parametrize("how", ["voided", "reversed"])
def test_a_withdrawn_invoice_stays_on_record_and_its_number_is_free(deal, how):
    invoice = withdraw(deal, deal.invoiced(number=NUMBER), how)
    assert (invoice.state, invoice.withdrawn_by, invoice.withdrawn_reason) == (how, deal.parties.po, "购买方名称有误")
    assert [one.act for one in of_subject(invoice)] == ["register", {"voided": "void", "reversed": "reverse"}[how]]
    assert OutboxEvent.objects.filter(topic="invoice.withdrawn", subject_id=deal.pk).exists()
    with refused("WRONG_STATE"):
        withdraw(deal, invoice)
    assert deal.invoiced(number=NUMBER).state == "standing"
    assert Invoice.objects.count() == 2


def test_a_closed_file_takes_no_withdrawal(deal, monkeypatch):
    invoice = deal.invoiced()
    archived = SimpleNamespace(**{name: getattr(deal.at, name) for name in ("enterprise", "provider", "pk", "number")})
    archived.state, archived.get_state_display = "archived", lambda: "已归档"
    monkeypatch.setattr(invoices.common, "lock_contract", lambda *args: archived)
    with refused("WRONG_STATE"):
        withdraw(deal, invoice)


def test_what_an_invoice_says_never_changes(deal):
    invoice = deal.invoiced()
    for changes in ({"number": NUMBER}, {"amount": HALF}, {"issued_on": clock.today() - timedelta(days=1)}):
        with pytest.raises(Exception, match="Cannot update rows"), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(**changes, version=2)


@pytest.mark.parametrize(("name", "content"), [("发票.ofd", None), ("发票.xml", b"<?xml version='1.0'?><EInvoice/>")])
def test_electronic_originals_are_taken_and_pictures_are_not(deal, name, content):
    by = deal.parties.po
    photo = picture(by)
    with refused("INVOICE_FILE_MISFIT"):
        deal.invoiced(file_id=photo.pk)
    sent = SimpleUploadedFile(name, content or _ofd())
    file = files.store(upload=sent, by=by, organisation_id=by.organisation_id, purpose="invoice")
    assert deal.invoiced(file_id=file.pk).file == file


def _ofd():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("OFD.xml", "<ofd/>")
    return held.getvalue()


def test_someone_elses_file_is_not_found(deal):
    foreign = upload(deal.parties.eo)
    with refused("NOT_FOUND"):
        deal.invoiced(file_id=foreign.pk)


def test_both_sides_and_the_offices_have_the_file_and_nobody_else(deal):
    invoice = deal.invoiced()
    city = make_organisation(OrganisationKind.CITY, city=deal.at.enterprise.organisation.city)
    stranger = make_contract("effective").parties
    readers = [deal.parties.eo, deal.parties.pl, officer(Role.CENTRE_CHECKER)]
    others = [stranger.eo, stranger.po, make_user(Role.CITY, organisation=city), officer(Role.SYSTEM_ADMIN)]
    has = [visible_files(one).filter(pk=invoice.file_id).exists() for one in (*readers, *others)]
    assert has == [True] * len(readers) + [False] * len(others)


def test_over_http_it_is_registered_listed_and_withdrawn(deal):
    agent, path = Caller(deal.parties.po), f"contracts/{deal.pk}/invoices/"
    assert Caller(deal.parties.eo).act(path, body(deal)).status_code == 403
    made = agent.act(path, body(deal))
    assert (made.status_code, made.json()["amount"], made.json()["state_label"]) == (201, "12500.00", "有效")
    assert Caller(make_contract("effective").parties.eo).get("/api/v1/invoices/").json()["results"] == []
    [row] = Caller(deal.parties.eo).get(f"/api/v1/invoices/?number={NUMBER}&state=standing").json()["results"]
    answer = agent.act(
        f"invoices/{row['id']}/withdraw/", {"version": row["version"], "how": "voided", "reason": "金额有误"}
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "voided")


def test_the_archive_has_invoices_with_their_files():
    deal = make_contract("confirmed")
    invoice = deal.invoiced()
    _, archive = take(deal, deal.parties.eo)
    assert {"发票", f"发票：{invoice.file.name}", "存证链：发票"} <= set(titles(archive))
    [part] = [one for one in index(archive)["parts"] if one.get("file") == str(invoice.file_id)]
    assert archive.read(part["path"]) == invoice.file.path.read_bytes()


def test_a_difference_is_pointed_out_to_the_offices_and_stops_nothing():
    deal = make_contract("confirmed")
    deal.invoiced(HALF)
    case = make_claim("submitted", deal=deal)
    [item] = [one for one in case.at.checklist if one["code"] == "invoices_agree"]
    assert (item["ok"], item["severity"], item["fault"]) == (False, "risk", "F10")
    assert item["found"].startswith("发票：1张，合计6,250.00元")
