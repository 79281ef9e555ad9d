"""Grants, upgrades at once, losses that stop new use only (8-04 to 8-08), and figures that explain themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.states import Role
from engines.evidence import selectors as evidence
from engines.ledger import services as ledger
from engines.ledger.states import Bucket
from enterprises import explains, selectors, services
from enterprises.models import Enterprise, QuotaGrant
from foundation import clock
from programmes import books
from programmes import selectors as programmes
from programmes.models import Notice
from registry import services as registry
from registry.models import TitleHolding
from tests.enterprises.support import fresh, quota_balance, refused, yuan
from tests.factories.accounts import TESTER, officer
from tests.factories.enterprises import EnterpriseFactory, give_title, put_on_roster
from tests.factories.programmes import make_content, publish_revision
from tests.factories.providers import notice_of
from tests.factories.registry import make_title

pytestmark = pytest.mark.django_db


def use(enterprise: Enterprise, amount: int) -> UUID:
    """A contract holds so much."""
    hold = uuid4()
    account = books.quota(enterprise.pk, clock.today().year)
    ledger.hold(hold=hold, accounts=[account], amount=yuan(amount), by=TESTER)
    return hold


def give_back(hold: UUID) -> None:
    ledger.move(holds=[hold], to=Bucket.AVAILABLE, by=TESTER, reason="撤销")


def lose(holding: TitleHolding) -> TitleHolding:
    return services.revoke_title(
        by=officer(Role.DEPARTMENT),
        title_id=holding.pk,
        version=holding.version,
        revoked_on=clock.today(),
        reason="认定机关公告撤销",
    )


def win(enterprise: Enterprise, code: str) -> TitleHolding:
    """Recorded by one officer, verified by another: the enterprise is re-graded at once."""
    row = make_title(enterprise.uscc, code, state="recorded")
    return services.verify_title(by=officer(Role.CENTRE_REVIEWER), title_id=row.pk, version=row.version)


def standing(enterprise: Enterprise) -> tuple[Decimal, Decimal, Decimal]:
    """Entitled, issued, free."""
    figures = selectors.figures(enterprise.pk, clock.today().year)
    return figures.quota, figures.issued, figures.available


@pytest.mark.parametrize(
    ("tier", "quota", "code", "title"),
    [
        ("5", 50000, "ordinary", ""),
        ("10", 100000, "growing", "innovative_sme"),
        ("20", 200000, "leading", "region_champion"),
        ("30", 300000, "national", "little_giant"),
    ],
)
def test_each_tier_is_granted_its_quota(tier: str, quota: int, code: str, title: str) -> None:
    enterprise = EnterpriseFactory(active=True, tier=tier)
    grant = QuotaGrant.objects.get(enterprise=enterprise)
    assert (grant.tier_code, grant.winning_title, grant.quota, grant.amount) == (code, title, yuan(quota), yuan(quota))
    assert standing(enterprise) == (yuan(quota), yuan(quota), yuan(quota))


def test_a_grant_pins_the_notice_and_hangs_on_its_evidence() -> None:
    enterprise = EnterpriseFactory(active=True, tier="10")
    grant = QuotaGrant.objects.get(enterprise=enterprise)
    record = evidence.of_subject(enterprise).last()
    assert grant.notice == programmes.current_notice(clock.today())
    assert grant.record == record
    assert grant.record.facts == {
        "state": "active",
        "year": clock.today().year,
        "notice": grant.notice.label,
        "tier": "growing",
        "winning_title": "innovative_sme",
        "quota": "100000.00",
        "amount": "100000.00",
    }


def test_newly_listed_in_the_year_before_earns_the_second_tier() -> None:
    enterprise = EnterpriseFactory(listed=False)
    year = clock.today().year

    put_on_roster(enterprise, date(year - 1, 7, 1))
    grade = selectors.grade(enterprise, _notice(), clock.today())
    assert (grade.tier.code, grade.winning_title) == ("growing", "newly_listed")


def test_what_the_enterprise_claims_of_its_listing_does_not_count() -> None:
    enterprise = EnterpriseFactory(listed=False, listed_since=date(clock.today().year - 1, 7, 1))
    assert selectors.grade(enterprise, _notice(), clock.today()).tier.code == "ordinary"


def _notice() -> Notice:

    return notice_of(clock.today().year)


def test_a_title_won_in_mid_year_grants_the_difference_at_once() -> None:
    enterprise = EnterpriseFactory(active=True, tier="10")
    use(enterprise, 80000)
    win(enterprise, "little_giant")
    last = QuotaGrant.objects.latest("pk")
    assert (last.kind, last.amount, last.winning_title) == ("upgrade", yuan(200000), "little_giant")
    assert standing(enterprise) == (yuan(300000), yuan(300000), yuan(220000))


def test_a_recorded_title_counts_for_nothing_before_it_is_verified() -> None:
    enterprise = EnterpriseFactory(active=True, tier="5")
    make_title(enterprise.uscc, "little_giant", state="recorded")
    assert services.regrade(by=TESTER, enterprise_id=enterprise.pk) is None
    assert standing(enterprise) == (yuan(50000), yuan(50000), yuan(50000))


def test_a_lower_title_beside_a_higher_one_changes_nothing() -> None:
    enterprise = EnterpriseFactory(active=True, tier="30")
    win(enterprise, "innovative_sme")
    assert QuotaGrant.objects.count() == 1


@pytest.mark.parametrize(
    ("used", "issued", "free"),
    [(0, 50000, 50000), (20000, 50000, 30000), (50000, 50000, 0), (120000, 120000, 0), (300000, 300000, 0)],
)
def test_a_lost_title_stops_new_use_only(used: int, issued: int, free: int) -> None:
    enterprise = EnterpriseFactory(active=True, tier="5")
    holding = win(enterprise, "little_giant")
    if used:
        use(enterprise, used)
    lose(holding)
    last = QuotaGrant.objects.latest("pk")
    assert (last.kind, last.amount) == ("loss", yuan(issued - 300000))
    assert standing(enterprise) == (yuan(50000), yuan(issued), yuan(free))
    assert quota_balance(enterprise).reserved == yuan(used)


def test_what_comes_free_after_a_loss_is_not_left_to_use() -> None:
    enterprise = EnterpriseFactory(active=True, tier="5")
    holding = win(enterprise, "little_giant")
    hold = use(enterprise, 120000)
    lose(holding)
    give_back(hold)
    figures = selectors.figures(enterprise.pk, clock.today().year)
    assert (figures.available, figures.left, figures.excess) == (yuan(120000), yuan(50000), yuan(70000))
    year = clock.today().year
    assert services.take_back_excess(by=TESTER, enterprise_id=enterprise.pk, year=year) == yuan(70000)
    assert standing(enterprise) == (yuan(50000), yuan(50000), yuan(50000))
    assert services.take_back_excess(by=TESTER, enterprise_id=enterprise.pk, year=year) == yuan(0)


def test_a_title_won_back_never_issues_past_the_entitlement() -> None:
    enterprise = EnterpriseFactory(active=True, tier="5")
    for _ in range(3):
        holding = win(enterprise, "little_giant")
        assert standing(enterprise)[1] == yuan(300000)
        lose(holding)
        holding = fresh(holding)
    assert standing(enterprise) == (yuan(50000), yuan(50000), yuan(50000))


def test_the_sum_of_grants_is_what_the_ledger_issued() -> None:
    enterprise = EnterpriseFactory(active=True, tier="10")
    use(enterprise, 60000)
    holding = win(enterprise, "little_giant")
    use(enterprise, 100000)
    lose(holding)
    total = sum((grant.amount for grant in QuotaGrant.objects.filter(enterprise=enterprise)), Decimal(0))
    assert total == quota_balance(enterprise).issued == yuan(160000)


def test_a_title_that_ran_out_is_seen_by_the_next_regrade() -> None:
    enterprise = EnterpriseFactory(active=True, tier="5")
    give_title(enterprise, "little_giant", valid_to=clock.today())
    services.regrade(by=TESTER, enterprise_id=enterprise.pk)
    services.regrade(by=TESTER, enterprise_id=enterprise.pk, day=clock.today() + timedelta(days=1))
    assert [grant.kind for grant in QuotaGrant.objects.order_by("pk")] == ["grant", "upgrade", "loss"]


def test_a_revised_notice_regrades_under_its_own_version() -> None:
    enterprise = EnterpriseFactory(active=True, tier="5")
    year = clock.today().year
    content = make_content(year)
    tiers = [{**tier, "quota": "60000.00"} if not tier["titles"] else tier for tier in content.data["tiers"]]
    revised = publish_revision(year, content=replace(content, data={**content.data, "tiers": tiers}))
    services.regrade(by=TESTER, enterprise_id=enterprise.pk)
    first, second = QuotaGrant.objects.order_by("pk")
    assert (second.kind, second.amount, second.notice) == ("upgrade", yuan(10000), revised)
    assert first.notice.revision == 1


def test_regrading_again_writes_nothing() -> None:
    enterprise = EnterpriseFactory(active=True, tier="20")
    version = fresh(enterprise).version
    assert services.regrade(by=TESTER, enterprise_id=enterprise.pk) is None
    assert (fresh(enterprise).version, QuotaGrant.objects.count()) == (version, 1)


def test_a_draft_and_a_frozen_enterprise_get_nothing() -> None:
    draft = EnterpriseFactory()
    win(draft, "little_giant")
    frozen = EnterpriseFactory(active=True)
    services.freeze(by=officer(Role.DEPARTMENT), enterprise_id=frozen.pk, version=frozen.version, reason="核查")
    win(frozen, "little_giant")
    assert [grant.kind for grant in QuotaGrant.objects.all()] == ["grant"]


def test_a_title_of_somebody_who_never_registered_is_verified_all_the_same() -> None:
    enterprise = EnterpriseFactory()
    row = make_title("91450199MA6K00014C", "little_giant", state="recorded")
    verified = services.verify_title(by=officer(Role.CENTRE_REVIEWER), title_id=row.pk, version=row.version)
    assert (verified.state, enterprise.version) == ("verified", 1)


def test_a_refused_verification_changes_neither_title_nor_quota() -> None:
    enterprise = EnterpriseFactory(active=True)
    recorder = officer(Role.CENTRE_CHECKER)
    row = make_title(enterprise.uscc, "little_giant", state="recorded", by=recorder)
    with refused("NOT_ALLOWED"):
        services.verify_title(by=recorder, title_id=row.pk, version=row.version)


def test_grants_are_append_only() -> None:
    grant = QuotaGrant.objects.get(enterprise=EnterpriseFactory(active=True))
    for sql in ("UPDATE enterprises_quotagrant SET quota = 1", "DELETE FROM enterprises_quotagrant"):
        with pytest.raises(Exception, match="append_only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert fresh(grant).quota == yuan(50000)


def test_a_year_opens_once() -> None:
    enterprise = EnterpriseFactory(active=True)
    grant = QuotaGrant.objects.get(enterprise=enterprise)
    with pytest.raises(IntegrityError, match="quota_grant_opens_year_once"), transaction.atomic():
        QuotaGrant(
            enterprise=enterprise,
            year=grant.year,
            notice=grant.notice,
            kind="renewal",
            tier_code="ordinary",
            quota=yuan(50000),
            amount=yuan(50000),
            explanation={},
            record=evidence.of_subject(enterprise).earliest("seq"),
            created_at=clock.now(),
        ).save(force_insert=True)


def test_the_tier_explains_itself() -> None:
    enterprise = EnterpriseFactory(active=True, tier="30")
    give_title(enterprise, "innovative_sme")
    notice = programmes.current_notice(clock.today())
    told = explains.tier(selectors.grade(enterprise, notice, clock.today()), notice).as_dict()
    assert told["result"] == "30万元档（300,000.00元）"
    assert told["inputs"]["winning_title"] == "little_giant"
    assert [(row["code"], row["tier"], row["quota"]) for row in told["inputs"]["titles"]] == [
        ("little_giant", "national", "300000.00"),
        ("innovative_sme", "growing", "100000.00"),
    ]
    assert told["notice"] == notice.label
    assert told["article"].startswith("第十条")


def test_the_quota_explains_itself_and_names_the_smallest_bound() -> None:
    enterprise = EnterpriseFactory(active=True, tier="5")
    holding = win(enterprise, "little_giant")
    hold = use(enterprise, 120000)
    lose(holding)
    give_back(hold)
    year = clock.today().year
    told = explains.quota(
        selectors.figures(enterprise.pk, year), programmes.current_notice(clock.today()), []
    ).as_dict()
    assert told["result"] == "50000.00"
    assert told["smallest_bound"] == {"code": "entitled", "label": "现额度减不再可用", "amount": "50000.00"}


def test_figures_of_a_year_without_a_grant_are_zero() -> None:
    figures = selectors.figures(EnterpriseFactory().pk, 2025)
    assert (figures.quota, figures.issued, figures.left) == (yuan(0), yuan(0), yuan(0))


def test_a_title_that_comes_by_roster_upgrades_at_once():
    enterprise = EnterpriseFactory(active=True, tier="5")
    lines = (
        f"uscc,title_code,certificate_no,issued_by,valid_from\n{enterprise.uscc},little_giant,C-1,认定机关,2025-01-01\n"
    )
    roster = registry.upload_roster(
        by=officer(Role.CENTRE_CHECKER),
        kind="titles",
        raw=lines.encode(),
        file_name="小巨人.csv",
        source_document="公告",
        as_of=clock.today(),
    )
    services.confirm_roster(by=officer(Role.CENTRE_REVIEWER), roster_id=roster.pk, version=roster.version)
    assert quota_balance(enterprise).issued == yuan(300_000)
