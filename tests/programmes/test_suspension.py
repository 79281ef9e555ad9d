from datetime import date
from decimal import Decimal
from threading import Barrier, Event, Thread

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from accounts.states import OrganisationKind, Role
from engines.evidence import services as evidence
from engines.evidence.selectors import of_subject
from engines.ledger import services as ledger
from engines.ledger.states import Bucket
from engines.notifications.models import OutboxEvent
from foundation import clock, jobs
from foundation.errors import DomainError
from foundation.ids import new_id
from foundation.locking import unit_of_work
from programmes import books, selectors, services
from programmes.models import BudgetWarning, Suspension
from programmes.states import AppropriationKind, AppropriationState, SuspensionKind
from tests.factories.accounts import TESTER, make_organisation, make_user, officer
from tests.factories.programmes import appropriate, open_year

pytestmark = pytest.mark.django_db
Y = 2026
DAY = date(2026, 6, 1)
SMALLEST = Decimal("1000.00")


def refused(code, function, *args, **kwargs):
    before = (list(Suspension.objects.values_list("pk", "version")), OutboxEvent.objects.count())
    with pytest.raises(DomainError) as caught, transaction.atomic():
        function(*args, **kwargs)
    assert caught.value.code == code
    assert (list(Suspension.objects.values_list("pk", "version")), OutboxEvent.objects.count()) == before
    return caught.value


def take(amount, low=SMALLEST):
    """What a signing does to the budget: a hold, the check after it, and the pause when too little is left."""
    with unit_of_work():
        [taken] = ledger.hold(hold=new_id(), accounts=[books.budget(Y)], amount=Decimal(amount), by=TESTER, low=low)
        services.require_open(year=Y)
        services.suspend_if_short(year=Y, by=TESTER, stripe_after=taken.after)


def suspend(**fields):
    values = {"by": None, "year": Y, "reason": "年中预算调整", **fields}
    values["by"] = values["by"] or officer(Role.DEPARTMENT)
    return services.suspend_manually(**values)


def resume(row, by=None):
    return services.resume_manually(
        by=by or officer(Role.DEPARTMENT), suspension_id=row.pk, version=row.version, reason="调整完成"
    )


# For shortage.


@pytest.mark.parametrize(("left", "paused"), [("1000.00", False), ("999.99", True), ("0.00", True)])
def test_signing_pauses_when_what_is_left_carries_no_voucher(left, paused):
    open_year(Y, budget="10000")
    take(Decimal(10000) - Decimal(left))
    assert selectors.is_suspended(Y) is paused


def test_the_pause_is_told_to_all_parties_with_the_numbers():
    enterprise, provider = make_organisation(OrganisationKind.ENTERPRISE), make_organisation(OrganisationKind.PROVIDER)
    platform = make_organisation(OrganisationKind.PLATFORM)
    open_year(Y, budget="10000")
    take("9500")
    suspension = selectors.open_suspension(Y)
    assert (suspension.kind, suspension.reason, suspension.started_by) == (
        SuspensionKind.SHORTAGE,
        "预算剩余500.00元，不足以支付一张1,000.00元的服务券",
        TESTER.actor_id,
    )
    event = OutboxEvent.objects.get(topic="signing_suspended")
    told = {str(pk) for pk in event.organisation_ids}
    assert {str(enterprise.pk), str(provider.pk)} <= told
    assert str(platform.pk) not in told
    assert "500.00元" in event.body
    assert of_subject(suspension).get().facts == {"year": Y, "kind": "shortage", "left": "500.00"}


def test_a_second_call_makes_no_second_pause():
    open_year(Y, budget="500")
    first = services.suspend_if_short(year=Y, by=TESTER)
    assert first is not None
    assert (services.suspend_if_short(year=Y, by=TESTER), Suspension.objects.count()) == (None, 1)


def test_a_hold_that_leaves_enough_reads_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        services.suspend_if_short(year=Y, by=TESTER, stripe_after=SMALLEST, smallest=SMALLEST)


def test_without_a_published_notice_nothing_pauses():
    appropriate(Y, "500")
    assert services.suspend_if_short(year=Y, by=TESTER) is None


def test_while_paused_no_hold_gets_through():
    open_year(Y, budget="10000")
    take("9500")
    before = selectors.figures(Y)
    error = refused("SIGNING_SUSPENDED", take, "100")
    assert ("500.00元" in error.message, selectors.figures(Y)) == (True, before)


def test_an_appropriation_resumes_and_tells():
    open_year(Y, budget="10000")
    take("9500")
    appropriate(Y, "499.99")
    assert selectors.is_suspended(Y)
    appropriate(Y, "0.01")
    assert not selectors.is_suspended(Y)
    suspension = Suspension.objects.get()
    assert (suspension.ended_at is not None, suspension.ended_by.startswith("user:")) == (True, True)
    assert [r.act for r in of_subject(suspension)] == ["suspend_signing", "resume_signing"]
    assert "1,000.00元" in OutboxEvent.objects.get(topic="signing_resumed").body


def test_a_reduction_may_pause():
    open_year(Y, budget="10000")
    appropriate(Y, "9500", kind=AppropriationKind.REDUCTION)
    assert selectors.is_suspended(Y)


def test_years_pause_apart():
    open_year(Y, budget="500")
    services.suspend_if_short(year=Y, by=TESTER)
    assert (selectors.is_suspended(Y), selectors.is_suspended(2027)) == (True, False)


# By hand.


def test_the_department_pauses_and_resumes():
    open_year(Y, budget="10000")
    row = suspend()
    assert (row.kind, selectors.is_suspended(Y)) == (SuspensionKind.MANUAL, True)
    row = resume(row)
    assert (row.ended_at is not None, selectors.is_suspended(Y)) == (True, False)
    assert list(OutboxEvent.objects.order_by("pk").values_list("topic", flat=True)) == [
        "notice_published",
        "signing_suspended",
        "signing_resumed",
    ]


def test_money_does_not_end_a_pause_by_hand():
    open_year(Y, budget="10000")
    suspend()
    appropriate(Y, "10000")
    assert (selectors.is_suspended(Y), services.resume_if_funded(year=Y, by=TESTER)) == (True, None)


def test_one_pause_at_a_time():
    open_year(Y, budget="10000")
    suspend()
    refused("ALREADY_SUSPENDED", suspend)


def test_no_resuming_while_still_short():
    open_year(Y, budget="10000")
    row = suspend()
    appropriate(Y, "9000.01", kind=AppropriationKind.REDUCTION)
    error = refused("STILL_SHORT", resume, row)
    assert (error.details["left"], error.details["smallest"]) == (Decimal("999.99"), SMALLEST)


def test_a_pause_ends_once():
    open_year(Y, budget="10000")
    row = resume(suspend())
    refused("ALREADY_RESUMED", resume, row)
    row.version = 1
    refused("VERSION_CONFLICT", resume, row)


@pytest.mark.parametrize(
    "role", [Role.CENTRE_CHECKER, Role.APPROVER, Role.FINANCE, Role.ENTERPRISE_AGENT, Role.SYSTEM_ADMIN]
)
def test_only_the_department_decides(role):
    open_year(Y, budget="10000")
    refused("NOT_ALLOWED", suspend, by=make_user(role))
    refused("NOT_ALLOWED", resume, suspend(), make_user(role))


def test_an_unknown_pause_is_not_found():
    by = officer(Role.DEPARTMENT)
    refused("NOT_FOUND", services.resume_manually, by=by, suspension_id=new_id(), version=1, reason="x")


# What the database holds by itself.


def raw(**fields):
    row = Suspension(
        **{"year": Y, "kind": "manual", "reason": "x", "started_at": clock.now(), "started_by": "user:x", **fields}
    )
    evidence.record(row, act="suspend_signing", by=TESTER)
    return row


def test_one_open_pause_a_year():
    raw()
    raw(year=2027)
    with pytest.raises(IntegrityError, match="suspension_one_open"), transaction.atomic():
        raw()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"ended_at": clock.now()}, "suspension_ended_by_and_at"),
        ({"ended_by": "user:x"}, "suspension_ended_by_and_at"),
        ({"ended_by": "user:x", "ended_at": clock.start_of(date(2020, 1, 1))}, "suspension_ends_after_start"),
    ],
)
def test_suspension_constraints(fields, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        raw(**fields)


def test_an_ended_pause_does_not_change():
    row = raw()
    row.end(TESTER, clock.now())
    evidence.record(row, act="resume_signing", by=TESTER)
    row.ended_at, row.ended_by = None, ""
    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
        evidence.record(row, act="reopen", by=TESTER)


def test_a_warning_is_kept_once():
    values = {"year": Y, "threshold": Decimal("0.1"), "total": 1, "left": 0, "warned_at": clock.now()}
    BudgetWarning.objects.create(**values)
    with pytest.raises(IntegrityError, match="budget_warning_once"), transaction.atomic():
        BudgetWarning.objects.create(**values)


# The job.


def run():
    return jobs.run("watch_budget", DAY)


NOTHING = {"suspended": 0, "resumed": 0, "warned": 0}


def test_the_watch_does_nothing_while_all_is_well():
    open_year(Y, budget="10000")
    assert (run(), run()) == (NOTHING, NOTHING)


def test_the_watch_does_nothing_before_a_notice():
    assert run() == NOTHING


def test_the_watch_pauses_and_resumes_by_the_figures():
    open_year(Y, budget="10000")
    number = new_id()
    ledger.hold(hold=number, accounts=[books.budget(Y)], amount=Decimal(9500), by=TESTER)
    assert [run(), run()] == [{"suspended": 1, "resumed": 0, "warned": 3}, NOTHING]
    ledger.move(holds=[number], to=Bucket.AVAILABLE, by=TESTER, reason="取消")
    assert [run(), run()] == [{**NOTHING, "resumed": 1}, NOTHING]
    assert Suspension.objects.get().started_by == "system:watch_budget"


def test_the_watch_leaves_a_pause_by_hand_alone():
    open_year(Y, budget="10000")
    suspend()
    assert (run(), selectors.is_suspended(Y)) == (NOTHING, True)


def test_thresholds_are_told_to_the_offices_once_for_each_total():
    office = make_organisation(OrganisationKind.FINANCE)
    open_year(Y, budget="100000")
    take("80000")
    assert [run()["warned"], run()["warned"]] == [1, 0]
    take("15000")
    assert run()["warned"] == 2  # 10 % and 5 % at once: one message
    event = OutboxEvent.objects.filter(topic="budget_warning").latest("pk")
    assert (event.title, str(office.pk) in {str(pk) for pk in event.organisation_ids}) == (
        "2026年度服务券预算剩余不足5%",
        True,
    )
    appropriate(Y, "1000")
    assert run()["warned"] == 2  # another total: 6,000 of 101,000 is below 20 % and 10 %


# Storms.


def storm(count, act):
    """`count` threads do `act` at once; what each was answered."""
    barrier, answers = Barrier(count), []

    def work(number):
        barrier.wait()
        try:
            answers.append(act(number) or "done")
        except DomainError as error:
            answers.append(error.code)
        except Exception as error:  # noqa: BLE001  a deadlock or worse must show in the answers
            answers.append(repr(error))
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_see_the_money_gone_one_pauses():
    open_year(Y, budget="500")
    answers = storm(20, lambda _: services.suspend_if_short(year=Y, by=TESTER) and "paused")
    assert answers == ["done"] * 19 + ["paused"]
    assert (Suspension.objects.count(), OutboxEvent.objects.filter(topic="signing_suspended").count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("budget", ["10000", "9400"])
def test_twenty_sign_at_the_last_money_and_signing_pauses_once(budget):
    open_year(Y, budget=budget)
    answers = storm(20, lambda _: take("900"))
    signed = answers.count("done")
    assert set(answers) <= {"done", "SIGNING_SUSPENDED", "LEDGER_SHORT"}
    left = Decimal(budget) - 900 * signed
    assert (selectors.figures(Y).left, 0 <= left < SMALLEST) == (left, True)
    assert (Suspension.objects.count(), selectors.is_suspended(Y)) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_a_pause_by_hand_waits_for_the_signing_in_flight_and_lets_none_after_it_through():
    open_year(Y, budget="10000000")
    by, holding, paused = officer(Role.DEPARTMENT), Event(), Event()

    def work(number):
        if number == 0:
            with unit_of_work():
                take("900")
                holding.set()
                assert not paused.wait(0.5)  # the pause is not decided while this hold is in flight
        else:
            holding.wait()
            suspend(by=by)
            paused.set()

    assert storm(2, work) == ["done", "done"]
    assert storm(5, lambda _: take("900")) == ["SIGNING_SUSPENDED"] * 5
    assert selectors.figures(Y).committed == Decimal("900.00")


@pytest.mark.django_db(transaction=True)
def test_pausing_and_resuming_at_once_end_in_agreement_with_the_figures():
    open_year(Y, budget="500")
    services.suspend_if_short(year=Y, by=TESTER)
    amounts = [appropriate(Y, "600", state="recorded") for _ in range(3)]
    officers = [officer(Role.FINANCE) for _ in amounts]

    def work(number):
        if number < len(amounts):
            services.confirm_appropriation(by=officers[number], appropriation_id=amounts[number].pk, version=1)
        else:
            services.suspend_if_short(year=Y, by=TESTER)

    assert storm(12, work) == ["done"] * 12
    assert (selectors.figures(Y).left, selectors.is_suspended(Y)) == (Decimal("2300.00"), False)
    assert Suspension.objects.count() == 1


# By year.


@pytest.mark.parametrize("year", [2024, 2025, 2027, 2090])
def test_a_year_without_notice_and_money_cannot_be_paused(year):
    open_year(Y)
    refusal = refused("YEAR_UNKNOWN", suspend, year=year)
    assert refusal.message == (
        f"{year}年度既没有已发布的年度通知，也没有已入账的预算，无可暂停的签约；现有年度：2026。请核对年度。"
    )
    assert refusal.details == {"year": year, "known": [2026]}


def test_without_any_year_nothing_can_be_paused():
    refusal = refused("YEAR_UNKNOWN", suspend)
    assert "目前没有任何年度。请核对年度。" in refusal.message


def test_a_year_with_money_and_no_notice_yet_can_be_paused():
    appropriate(Y + 1, "1000.00")
    assert suspend(year=Y + 1).year == Y + 1


def test_money_that_nobody_confirmed_makes_no_year():
    appropriate(Y + 1, "1000.00", state=AppropriationState.RECORDED)
    refused("YEAR_UNKNOWN", suspend, year=Y + 1)


def test_the_reason_stands_as_a_sentence_before_our_words():
    open_year(Y, budget="10000")
    for reason in ("年中预算调整", "年中预算调整。"):
        row = suspend(reason=reason)
        event = OutboxEvent.objects.filter(topic="signing_suspended").latest("pk")
        assert event.body.startswith("年中预算调整。按办法第二十一条暂停签订电子合同")
        with pytest.raises(DomainError, match="（办法第二十一条）：年中预算调整。恢复后将通知您。"):
            services.require_open(year=Y)
        resume(row)
