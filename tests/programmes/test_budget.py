from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.states import Role
from engines.evidence import services as evidence
from engines.evidence.selectors import of_subject
from engines.ledger import selectors as ledger_reads
from engines.ledger import services as ledger
from engines.ledger.states import Bucket
from foundation import clock
from foundation.errors import DomainError
from foundation.ids import new_id
from foundation.money import ZERO
from programmes import books, explanations, selectors, services
from programmes.models import Appropriation
from programmes.states import AppropriationKind, AppropriationState
from tests.factories.accounts import TESTER, make_user, officer
from tests.factories.programmes import appropriate, make_notice

pytestmark = pytest.mark.django_db
Y = 2026


def refused(code, function, *args, **kwargs):
    before = (list(Appropriation.objects.values_list("pk", "version")), selectors.figures(Y))
    with pytest.raises(DomainError) as caught, transaction.atomic():
        function(*args, **kwargs)
    assert caught.value.code == code
    assert (list(Appropriation.objects.values_list("pk", "version")), selectors.figures(Y)) == before
    return caught.value


def record(**fields):
    values = {"by": None, "year": Y, "source_doc_no": "桂财工交〔2026〕12号", "amount": Decimal("100000.00"), **fields}
    values["by"] = values["by"] or officer(Role.DEPARTMENT)
    return services.record_appropriation(**values)


def confirm(row, by=None):
    return services.confirm_appropriation(by=by or officer(Role.FINANCE), appropriation_id=row.pk, version=row.version)


def reject(row):
    return services.reject_appropriation(
        by=officer(Role.FINANCE), appropriation_id=row.pk, version=row.version, reason="金额与文件不符"
    )


def hold(amount):
    """An amount of the year's budget set aside, as a signing does it."""
    number = new_id()
    ledger.hold(hold=number, accounts=[books.budget(Y)], amount=Decimal(amount), by=TESTER)
    return number


def test_money_is_there_when_finance_has_confirmed_it():
    row = record()
    assert selectors.figures(Y).total == ZERO
    by = officer(Role.FINANCE)
    row = confirm(row, by)
    assert (row.state, row.confirmed_by) == (AppropriationState.CONFIRMED, by)
    assert (selectors.figures(Y).total, selectors.figures(Y).left) == (Decimal("100000.00"), Decimal("100000.00"))
    assert [r.act for r in of_subject(row)] == ["record_appropriation", "confirm_appropriation"]
    assert {e.reference for e in ledger_reads.issues(books.budget(Y))} == {"桂财工交〔2026〕12号"}


def test_a_reduction_takes_free_money_back():
    appropriate(Y, "100000")
    appropriate(Y, "30000.01", kind=AppropriationKind.REDUCTION)
    assert selectors.figures(Y).total == Decimal("69999.99")


def test_a_reduction_cannot_take_what_is_committed():
    appropriate(Y, "100000")
    hold("80000")
    row = record(kind=AppropriationKind.REDUCTION, amount=Decimal("20000.01"))
    error = refused("LEDGER_SHORT", confirm, row)
    assert error.details["left"] == "20000.00"


def test_a_document_comes_once_a_year():
    record()
    refused("APPROPRIATION_EXISTS", record)
    assert record(year=2027).year == 2027


def test_a_rejected_document_may_be_recorded_again():
    row = reject(record())
    assert (row.state, record().state) == (AppropriationState.REJECTED, AppropriationState.RECORDED)
    refused("WRONG_STATE", confirm, row)


def test_a_document_is_entered_once():
    row = confirm(record())
    refused("WRONG_STATE", confirm, row)
    row.version = 1
    refused("VERSION_CONFLICT", confirm, row)


def test_one_person_cannot_record_and_confirm():
    both = make_user(Role.DEPARTMENT, Role.FINANCE)
    refused("NOT_ALLOWED", confirm, record(by=both), both)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.APPROVER, Role.CENTRE_CHECKER, Role.ENTERPRISE_AGENT])
def test_only_the_department_records(role):
    refused("NOT_ALLOWED", record, by=make_user(role))


@pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.APPROVER, Role.CENTRE_REVIEWER, Role.SYSTEM_ADMIN])
def test_only_finance_confirms(role):
    refused("NOT_ALLOWED", confirm, record(), make_user(role))


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_amounts_are_positive(amount):
    refused("AMOUNT_NOT_POSITIVE", record, amount=Decimal(amount))


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "appropriation_document_once"),
        ({"source_doc_no": "另一文号", "amount": Decimal(0)}, "appropriation_amount_positive"),
        ({"source_doc_no": "另一文号", "state": "confirmed"}, "appropriation_confirmed_by_and_at"),
        ({"source_doc_no": "另一文号", "confirmed_at": clock.now()}, "appropriation_confirmed_by_and_at"),
    ],
)
def test_appropriation_constraints(fields, name):
    by = record().recorded_by
    values = {"year": Y, "source_doc_no": "桂财工交〔2026〕12号", "amount": Decimal(1), "recorded_by": by, **fields}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        evidence.record(Appropriation(**values), act="record_appropriation", by=by)


def test_the_constraint_wants_two_people():
    row = record()
    row.confirm(row.recorded_by, clock.now())
    with pytest.raises(IntegrityError, match="appropriation_two_people"), transaction.atomic():
        evidence.record(row, act="confirm_appropriation", by=row.recorded_by)


@pytest.mark.parametrize(("field", "value"), [("amount", Decimal(5)), ("source_doc_no", "x"), ("year", 2027)])
def test_a_recorded_document_is_not_edited(field, value):
    row = record()
    setattr(row, field, value)
    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
        evidence.record(row, act="edit", by=row.recorded_by)


# The figures.


def test_a_year_without_money_has_zeros_and_opens_no_account():
    assert selectors.figures(2031) == selectors.BudgetFigures(2031)
    assert ledger_reads.account_id(books.BUDGET, books.BUDGET_OWNER, 2031) is None


def test_each_figure_is_its_bucket():
    appropriate(Y, "100000")
    hold("1")
    committed, due, consumed = hold("20"), hold("300"), hold("4000")
    ledger.move(holds=[committed, due, consumed], to=Bucket.COMMITTED, by=TESTER, reason="")
    ledger.move(holds=[due, consumed], to=Bucket.DUE, by=TESTER, reason="")
    ledger.move(holds=[consumed], to=Bucket.CONSUMED, by=TESTER, reason="")
    assert selectors.figures(Y) == selectors.BudgetFigures(
        year=Y,
        total=Decimal("100000.00"),
        reserved=Decimal("1.00"),
        committed=Decimal("21.00"),
        approved=Decimal("300.00"),
        paid=Decimal("4000.00"),
        left=Decimal("95679.00"),
    )


def test_figures_cost_two_queries(django_assert_num_queries):
    appropriate(Y, "100000")
    with django_assert_num_queries(2):
        selectors.figures(Y)


def test_every_figure_explains_itself():
    notice = make_notice(Y)
    first, second = appropriate(Y, "100000"), appropriate(Y, "500", kind=AppropriationKind.REDUCTION)
    hold("20000")
    made = {
        one.figure: one
        for one in explanations.of_budget(selectors.figures(Y), notice, list(Appropriation.objects.order_by("pk")))
    }
    assert list(made) == ["total", "committed", "approved", "paid", "left"]
    assert {one.notice for one in made.values()} == {notice.label}
    assert made["total"].inputs == {
        first.source_doc_no: Decimal("100000.00"),
        second.source_doc_no: Decimal("-500.00"),
    }
    assert made["total"].article.startswith("第十二条")
    assert made["committed"].inputs == {"签约占用": Decimal("20000.00"), "已生效合同": ZERO}
    assert (made["left"].result, made["left"].article[:5]) == (Decimal("79500.00"), "第二十一条")


def test_money_that_travelled_in_is_named():
    ledger.issue(account=books.budget(Y), amount=Decimal(7), by=TESTER, reference="carry", reason="")
    [total, *_] = explanations.of_budget(selectors.figures(Y), None, [])
    assert (total.inputs, total.result, total.notice) == ({"上年度结转转入": Decimal("7.00")}, Decimal("7.00"), "")


def test_accounts_for_a_signing_are_opened_in_one_call(django_assert_num_queries):
    enterprise, provider = new_id(), new_id()
    with django_assert_num_queries(1):
        accounts = books.signing_accounts(enterprise, provider, Y)
    assert accounts == [books.quota(enterprise, Y), books.cap(provider, Y), books.budget(Y)]
