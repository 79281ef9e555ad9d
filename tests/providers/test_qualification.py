"""A provider's year: registration, application, listing with its cap, suspension, expiry, the bar for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from accounts.models import User
from accounts.services import Person
from accounts.states import Role
from engines.evidence import selectors as evidence
from engines.ledger import selectors as ledger
from engines.ledger import services as ledger_services
from foundation import clock
from programmes import books
from programmes import selectors as programmes
from providers import explains, policies, selectors
from providers.jobs import expire_listings
from providers.models import Application, Bar, Provider
from providers.services import applications, registration, standing
from providers.services.registration import Profile
from providers.states import ApplicationState
from tests.enterprises.support import fresh, picture, refused, yuan
from tests.factories.accounts import TESTER, make_identity, make_uscc, make_user, officer
from tests.factories.calendar import know, publicity_end
from tests.factories.programmes import open_year
from tests.factories.providers import (
    ApplicationFactory,
    ProductFactory,
    ProviderFactory,
    notice_of,
    passed,
    signatory_of,
)

pytestmark = pytest.mark.django_db

Y = 2026
PASSWORD = "Guangxi-voucher-2026"
PROFILE = Profile(
    region_code="450103",
    address="南宁市青秀区测试路8号",
    founded_on=date(2015, 3, 12),
    legal_representative="王五",
    contact_name="赵六",
    contact_phone="10087654321",
    core_staff=26,
    clients_last_year=48,
    revenue_last_year=yuan(9600000),
)


def register(**changes: Any) -> Provider:
    values: dict[str, Any] = {
        "name": "广西测试服务有限公司",
        "uscc": make_uscc(),
        "profile": PROFILE,
        "people": [Person("wangwu", PASSWORD, "王五", ("PL",), make_identity())],
        **changes,
    }
    return registration.register(**values)


def act(service: Callable[..., Application], row: Application, by: User, **fields: Any) -> Application:
    return service(by=by, application_id=row.pk, version=fresh(row).version, **fields)


def drafted(provider: Provider | None = None) -> Application:
    provider = provider or ProviderFactory()
    return applications.apply(by=signatory_of(provider), provider_id=provider.pk, year=clock.today().year)


def driven(until: str) -> Application:
    """An application taken through the services by different people, up to and with the act `until`."""
    open_year(clock.today().year)
    row = drafted()
    department = officer(Role.DEPARTMENT)
    today = clock.today()
    last = publicity_end(programmes.current_notice(today).parsed, today)
    period = {"first": today, "last": last, "reference": "公示〔2026〕1号"}
    steps: dict[str, tuple[Callable[..., Application], User, dict[str, Any]]] = {
        "submit": (applications.submit, signatory_of(row.provider), {}),
        "check": (applications.check, officer(Role.CENTRE_CHECKER), {}),
        "accept": (applications.accept, department, {}),
        "recommend": (applications.recommend, department, {"expert_opinion": "评审意见1号"}),
        "approve": (applications.approve, officer(Role.APPROVER), {"approval_no": "纪要1号"}),
        "publicise": (applications.publicise, department, period),
    }
    for name, (service, by, fields) in steps.items():
        row = act(service, row, by, **fields)
        if name == until:
            return row
    raise ValueError(until)


def test_registration_makes_organisation_account_and_record() -> None:
    provider = register()
    assert provider.organisation.kind == "provider"
    assert [record.act for record in evidence.of_subject(provider)] == ["register"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"uscc": "91450199MA6K00014D"}, "USCC_INVALID"),
        ({"people": [Person("zhaoliu", PASSWORD, "赵六", ("PO",), make_identity())]}, "SIGNATORY_MISSING"),
        ({"profile": Profile(**{**PROFILE.__dict__, "parent_name": "母公司"})}, "PARENT_INCOMPLETE"),
    ],
)
def test_registration_refused(changes: dict[str, Any], code: str) -> None:
    with refused(code):
        register(**changes)


def test_own_registration_happens_once() -> None:
    user = make_user(Role.PROVIDER_AGENT)
    registration.register_own(by=user, profile=PROFILE)
    with refused("PROVIDER_EXISTS"):
        registration.register_own(by=user, profile=PROFILE)


def test_only_a_providers_people_register_it() -> None:
    user = make_user(Role.ENTERPRISE_SIGNATORY)
    with refused("NOT_ALLOWED"):
        registration.register_own(by=user, profile=PROFILE)


def test_edit_and_who_may_not() -> None:
    provider = ProviderFactory()
    user, stranger = signatory_of(provider), make_user(Role.PROVIDER_SIGNATORY)
    with refused("NOT_ALLOWED"):
        registration.edit(by=stranger, provider_id=provider.pk, version=1, changes={"core_staff": 99})
    assert registration.edit(by=user, provider_id=provider.pk, version=1, changes={"core_staff": 99}).core_staff == 99
    with refused("NOTHING_TO_CHANGE"):
        registration.edit(by=user, provider_id=provider.pk, version=2, changes={"core_staff": 99})


def test_the_submitted_application_keeps_the_conditions_of_that_day() -> None:
    row = driven("submit")
    user = signatory_of(row.provider)
    provider = fresh(row.provider)
    registration.edit(by=user, provider_id=provider.pk, version=provider.version, changes={"core_staff": 3})
    assert fresh(row).profile["core_staff"] == "26"


def test_one_application_a_year() -> None:
    provider = ProviderFactory()
    drafted(provider)
    with refused("APPLICATION_EXISTS"):
        drafted(provider)


@pytest.mark.parametrize("offset", [-1, 2])
def test_only_this_year_and_the_next(offset: int) -> None:
    provider = ProviderFactory()
    user = signatory_of(provider)
    with refused("YEAR_OUT_OF_RANGE"):
        applications.apply(by=user, provider_id=provider.pk, year=clock.today().year + offset)


def test_the_agent_drafts_but_does_not_submit() -> None:
    provider = ProviderFactory()
    agent = make_user(Role.PROVIDER_AGENT, organisation=provider.organisation)
    row = applications.apply(by=agent, provider_id=provider.pk, year=clock.today().year)
    with refused("NOT_ALLOWED"):
        act(applications.submit, row, agent)


def test_listed_only_after_the_publicity_with_the_notices_cap() -> None:
    with time_machine.travel(clock.start_of(date(Y, 3, 2)), tick=True) as moved:
        row, by = driven("publicise"), officer(Role.DEPARTMENT)
        with refused("PUBLICITY_NOT_OVER"):
            act(applications.enlist, row, by)
        over = clock.end_of(row.publicity_to)
        moved.move_to(over - timedelta(seconds=1))  # 23:59:59 of the last day
        with refused("PUBLICITY_NOT_OVER"):
            act(applications.enlist, row, by)
        moved.move_to(over)
        listed = act(applications.enlist, row, by)
        notice = programmes.current_notice(clock.today())
        assert (listed.state, listed.valid_from, listed.valid_to) == ("listed", date(Y, 3, 7), date(Y, 12, 31))
        assert listed.notice == notice
        balance = ledger.balance(books.cap(listed.provider_id, Y))
        assert balance.issued == balance.available == notice.parsed.provider_cap
        assert selectors.listing(listed.provider_id, date(Y, 3, 6)) is None
        assert selectors.listing(listed.provider_id, date(Y, 12, 31)) == listed
        assert selectors.listing(listed.provider_id, date(Y + 1, 1, 1)) is None


def test_not_listed_without_the_years_notice() -> None:
    with time_machine.travel(clock.start_of(date(Y, 12, 1)), tick=True) as moved:
        open_year(Y)
        provider = ProviderFactory()
        row = ApplicationFactory(provider=provider, year=Y + 1, state=ApplicationState.PUBLICITY)
        moved.move_to(clock.start_of(date(Y, 12, 30)))
        by = officer(Role.DEPARTMENT)
        with refused("NOTICE_NOT_PUBLISHED"):
            act(applications.enlist, row, by)


def test_not_listed_once_the_year_is_over() -> None:
    with time_machine.travel(clock.start_of(date(Y, 12, 1)), tick=True) as moved:
        open_year(Y)
        row = ApplicationFactory(year=Y, state=ApplicationState.PUBLICITY)
        moved.move_to(clock.start_of(date(Y + 1, 1, 1)))
        by = officer(Role.DEPARTMENT)
        with refused("YEAR_OVER"):
            act(applications.enlist, row, by)


def test_a_short_publicity_is_refused() -> None:
    row, by, today = driven("approve"), officer(Role.DEPARTMENT), clock.today()
    know(today.year, today.year + 1)
    with refused("PUBLICITY_TOO_SHORT"):
        act(applications.publicise, row, by, first=today, last=today + timedelta(days=3), reference="公示1号")


@pytest.mark.parametrize(
    ("until", "service", "fields", "roles"),
    [
        ("submit", applications.check, {}, (Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.PROVIDER_SIGNATORY)),
        ("check", applications.accept, {}, (Role.CENTRE_CHECKER, Role.APPROVER)),
        ("check", applications.send_back, {"reason": "x"}, (Role.CENTRE_REVIEWER, Role.APPROVER)),
        ("check", applications.reject, {"reason": "x"}, (Role.CENTRE_REVIEWER, Role.APPROVER)),
        ("accept", applications.recommend, {"expert_opinion": "x"}, (Role.CENTRE_CHECKER, Role.APPROVER)),
        ("recommend", applications.approve, {"approval_no": "x"}, (Role.DEPARTMENT, Role.CENTRE_CHECKER)),
        (
            "approve",
            applications.publicise,
            {"first": date(Y, 1, 1), "last": date(Y, 1, 9), "reference": "x"},
            (Role.APPROVER, Role.CENTRE_CHECKER),
        ),
        ("publicise", applications.enlist, {}, (Role.APPROVER, Role.CENTRE_CHECKER)),
    ],
)
def test_each_act_has_its_role(
    until: str, service: Callable[..., Application], fields: dict[str, Any], roles: tuple[str, ...]
) -> None:
    row = driven(until)
    for by in [make_user(role) for role in roles]:
        with refused("NOT_ALLOWED"):
            act(service, row, by, **fields)


def test_who_checked_neither_accepts_nor_approves() -> None:
    person = make_user(Role.DEPARTMENT, Role.APPROVER)
    row = driven("check")
    evidence_of_check = fresh(row).checked_by
    assert not policies.may_review(_with_roles(evidence_of_check, "DP"), row)
    row = act(applications.accept, row, person)
    row = act(applications.recommend, row, officer(Role.DEPARTMENT), expert_opinion="评审意见1号")
    with refused("NOT_ALLOWED"):
        act(applications.approve, row, person, approval_no="纪要1号")


def _with_roles(user: User | None, *roles: str) -> User:
    assert user is not None
    user.__dict__["roles"] = frozenset(roles)
    return user


@pytest.mark.parametrize("by", [Role.CENTRE_CHECKER, Role.DEPARTMENT])
def test_returned_and_submitted_again(by: str) -> None:
    row = act(applications.send_back, driven("check"), officer(by), reason="请补充合同")
    assert (row.state, row.reason) == ("returned", "请补充合同")
    row = act(applications.submit, row, signatory_of(row.provider))
    assert (row.state, row.reason, row.checked_by) == ("submitted", "", None)


def test_rejected_is_final_for_the_year() -> None:
    row = act(applications.reject, driven("check"), officer(Role.DEPARTMENT), reason="不在区内")
    by = signatory_of(row.provider)
    with refused("WRONG_STATE"):
        act(applications.submit, row, by)


def listed() -> Application:
    provider = ProviderFactory(listed=True)
    return Application.objects.select_related("provider").get(provider=provider)


def test_suspended_does_not_start_contracts_until_resumed() -> None:
    row = listed()
    product = ProductFactory(on_shelf=True, provider=row.provider)
    assert policies.may_start_contract(selectors.listing(row.provider_id, clock.today()), product)
    row = act(standing.suspend, row, officer(Role.DEPARTMENT), reason="投诉核查")
    assert selectors.listing(row.provider_id, clock.today()) is None
    assert not policies.may_start_contract(None, product)
    row = act(standing.resume, row, officer(Role.DEPARTMENT), reason="不成立")
    assert (row.state, row.reason) == ("listed", "")


@pytest.mark.parametrize("service", [standing.suspend, standing.resume])
def test_only_the_department_suspends_and_resumes(service: Callable[..., Application]) -> None:
    row, by = listed(), officer(Role.APPROVER)
    with refused("NOT_ALLOWED"):
        act(service, row, by, reason="x")


def test_terminated_by_the_approvers_decision() -> None:
    row, department = listed(), officer(Role.DEPARTMENT)
    with refused("NOT_ALLOWED"):
        act(standing.terminate, row, department, decision_no="x", reason="转包")
    row = act(standing.terminate, row, officer(Role.APPROVER), decision_no="罚1号", reason="转包")
    assert (row.state, row.decision_no) == ("terminated", "罚1号")
    assert selectors.listing(row.provider_id, clock.today()) is None


def test_the_job_expires_what_is_over_and_only_once() -> None:
    row = listed()
    product = ProductFactory(on_shelf=True, provider=row.provider)
    last = date(clock.today().year, 12, 31)
    assert expire_listings(last) == {"listings": 0, "products": 0}
    with time_machine.travel(clock.end_of(last), tick=True):
        assert expire_listings(last) == {"listings": 0, "products": 0}  # a run for a day gone by does no more
        assert expire_listings(last + timedelta(days=1)) == {"listings": 1, "products": 1}
        assert (fresh(row).state, fresh(product).state) == ("expired", "expired")
        before = picture()
        assert expire_listings(last + timedelta(days=1)) == {"listings": 0, "products": 0}
    assert picture() == before


def test_nothing_expires_before_its_day_has_come() -> None:
    row = listed()
    product = ProductFactory(on_shelf=True, provider=row.provider)
    before = picture()
    assert expire_listings(clock.today() + timedelta(days=800)) == {"listings": 0, "products": 0}
    assert picture() == before
    assert (fresh(row).state, fresh(product).state) == ("listed", "on_shelf")


def test_a_suspended_one_expires_too() -> None:
    row = act(standing.suspend, listed(), officer(Role.DEPARTMENT), reason="投诉核查")
    next_year = date(clock.today().year + 1, 1, 1)
    with time_machine.travel(clock.start_of(next_year), tick=True):
        expire_listings(next_year)
    assert fresh(row).state == "expired"


def barred() -> tuple[Provider, Bar]:
    row = listed()
    bar = standing.propose_bar(by=officer(Role.DEPARTMENT), provider_id=row.provider_id, grounds="虚报服务企业数")
    bar = standing.decide_bar(by=officer(Role.APPROVER), bar_id=bar.pk, version=1, decision_no="罚2号")
    return row.provider, bar


def test_the_bar_ends_every_application_and_the_code_for_good() -> None:
    with time_machine.travel(clock.start_of(date(Y, 6, 1)), tick=True):
        open_year(Y)
        provider = ProviderFactory(listed=True)
        draft = applications.apply(by=signatory_of(provider), provider_id=provider.pk, year=Y + 1)
        bar = standing.propose_bar(by=officer(Role.DEPARTMENT), provider_id=provider.pk, grounds="虚报服务企业数")
        standing.decide_bar(by=officer(Role.APPROVER), bar_id=bar.pk, version=1, decision_no="罚2号")
        states = set(Application.objects.filter(provider=provider).values_list("state", "decision_no"))
        assert states == {("terminated_ban", "罚2号")}
        assert fresh(draft).reason == "虚报服务企业数"
        assert selectors.is_barred(provider.uscc)
        assert selectors.listing(provider.pk, clock.today()) is None


def test_a_barred_provider_does_not_apply_again() -> None:
    provider, _ = barred()
    user = signatory_of(provider)
    with refused("USCC_BARRED"):
        applications.apply(by=user, provider_id=provider.pk, year=clock.today().year + 1)


def test_a_barred_code_does_not_register_again() -> None:
    _, bar = barred()
    with refused("USCC_BARRED"):
        register(uscc=bar.uscc)


def test_only_the_department_proposes_and_another_decides() -> None:
    provider, both, approver = ProviderFactory(), make_user(Role.DEPARTMENT, Role.APPROVER), officer(Role.APPROVER)
    with refused("NOT_ALLOWED"):
        standing.propose_bar(by=approver, provider_id=provider.pk, grounds="x")
    bar = standing.propose_bar(by=both, provider_id=provider.pk, grounds="x")
    with refused("NOT_ALLOWED"):
        standing.decide_bar(by=both, bar_id=bar.pk, version=1, decision_no="x")
    with refused("BAR_EXISTS"):
        standing.propose_bar(by=both, provider_id=provider.pk, grounds="x")
    standing.decline_bar(by=approver, bar_id=bar.pk, version=1, reason="事实不清")
    assert not selectors.is_barred(provider.uscc)


def test_the_cap_explains_itself_and_warns_from_the_notices_share_on() -> None:
    row = listed()
    year, notice = clock.today().year, notice_of(clock.today().year)
    account = books.cap(row.provider_id, year)
    ledger_services.hold(hold=uuid4(), accounts=[account], amount=yuan(3999999), by=TESTER)
    told = explains.cap(selectors.cap_figures(row.provider_id, year), notice).as_dict()
    assert (told["result"], told["inputs"]["warning"]) == ("1000001.00", "")
    ledger_services.hold(hold=uuid4(), accounts=[account], amount=yuan(1), by=TESTER)
    told = explains.cap(selectors.cap_figures(row.provider_id, year), notice).as_dict()
    assert told["inputs"]["warning"] == "已用80.00%，达到预警线80%；用满后不能签订新合同。"
    assert told["notice"] == notice.label
    assert told["article"].startswith("第十一条")


def test_figures_before_the_first_listing_are_zero() -> None:
    figures = selectors.cap_figures(ProviderFactory().pk, Y)
    assert {figures.cap, figures.used, figures.left, figures.share} == {yuan(0)}


def test_the_trail_names_each_act_once() -> None:
    row = driven("publicise")
    assert [record.act for record in evidence.of_subject(row)] == [
        *("apply", "submit", "check", "accept", "recommend", "approve", "publicise")
    ]
    assert passed(row.provider, Y)["checked_by"] != fresh(row).checked_by
