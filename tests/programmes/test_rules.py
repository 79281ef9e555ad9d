from datetime import date
from decimal import Decimal

import pytest

from foundation.errors import Invalid
from programmes import notice_file

RULES = notice_file.shipped("general-2026").rules


@pytest.mark.parametrize(
    ("titles", "quota"),
    [
        ([], "50000.00"),
        (["newly_listed"], "100000.00"),
        (["digital_maturity_3"], "100000.00"),
        (["region_specialised_sme"], "200000.00"),
        (["national_quality_benchmark"], "200000.00"),
        (["little_giant"], "300000.00"),
        (["innovative_sme", "little_giant", "region_champion"], "300000.00"),  # 8-04: the highest, never the sum
        (["unheard_of"], "50000.00"),
    ],
)
def test_the_highest_title_decides_the_tier(titles, quota):
    assert RULES.tier_for(titles).quota == Decimal(quota)


def test_the_figures_of_article_11():
    shown = {code: (c.rate, c.cap, c.is_diagnosis) for code, c in RULES.categories.items()}
    other = (Decimal("0.50"), Decimal("30000.00"), False)
    assert shown == {
        "diagnosis": (Decimal("0.80"), Decimal("10000.00"), True),
        "digitalisation": other,
        "innovation": other,
        "financing": other,
        "testing": other,
        "market": other,
        "other": other,
    }
    assert (RULES.provider_cap, RULES.cap_warning) == (Decimal("5000000.00"), Decimal("0.80"))


def test_the_other_figures():
    assert (RULES.deposit_rate, RULES.smallest_voucher) == (Decimal("0.20"), Decimal("1000.00"))
    assert (RULES.publicity_days, RULES.publicity_counts_first_day) == (5, True)
    assert (RULES.max_rectifications, RULES.max_returns, RULES.newly_listed_years) == (3, 2, 2)
    assert (RULES.batch_rounds, RULES.call_rounds) == (2, 2)
    assert (RULES.ratings.lowest, RULES.ratings.highest, len(RULES.ratings.aspects)) == (1, 5, 5)
    assert (RULES.reporting.day, RULES.reporting.months) == (15, (1, 4, 7, 10))


def test_the_conditions_of_article_13():
    asked = RULES.admission
    assert (asked.years, asked.core_staff, asked.insured_months, asked.clients) == (3, 8, 12, 10)
    assert (asked.revenue, asked.new_body_years) == (Decimal("2000000.00"), 1)


@pytest.mark.parametrize(
    ("votes_for", "votes", "passes"),
    [(4, 5, True), (3, 5, False), (2, 3, True), (5, 5, True), (0, 5, False), (0, 0, False)],
)
def test_two_thirds_of_the_experts_must_be_for_it(votes_for, votes, passes):
    assert RULES.review.passes(votes_for, votes) is passes


def test_every_category_of_article_7_names_its_sub_types():
    counted = {code: len(category.sub_types) for code, category in RULES.categories.items()}
    assert counted == {
        "diagnosis": 11, "digitalisation": 7, "innovation": 10, "financing": 5, "testing": 2, "market": 4, "other": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("enterprise_check", "5个工作日"),
        ("correction", "10个工作日"),
        ("signing_hold", "7天"),
        ("deposit", "10天"),
        ("acceptance_reminder_1", "5天"),
        ("acceptance_reminder_2", "10天"),
        ("acceptance_reminder_3", "15天"),
        ("claim", "30天"),
        ("formal_check", "10个工作日"),
        ("substantive_check", "15个工作日"),
        ("payment_fix", "5个工作日"),
        ("complaint_transfer", "10个工作日"),
        ("complaint_longest", "90天"),
        ("defence", "5个工作日"),
        ("reconsideration", "60天"),
        ("litigation", "6个月"),
        ("log_keeping", "6个月"),
        ("record_keeping", "10年"),
        ("account_keeping", "30年"),
    ],
)
def test_the_time_limits(code, text):
    assert str(RULES.limit(code)) == text
    assert RULES.limit(code).basis


def test_an_old_contract_claims_until_the_end_of_june():
    assert RULES.year_end.claim_end(2026) == date(2027, 6, 30)


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (RULES.limit, "UNKNOWN_LIMIT"),
        (RULES.category, "UNKNOWN_CATEGORY"),
        (RULES.tier, "UNKNOWN_TIER"),
        (RULES.article, "UNKNOWN_ARTICLE"),
    ],
)
def test_what_is_not_there_is_refused_with_the_known_ones(ask, code):
    with pytest.raises(Invalid) as caught:
        ask("nonsense")
    assert (caught.value.code, bool(caught.value.details["known"])) == (code, True)


def test_known_codes_are_found():
    assert RULES.tier("national").name == "30万元档"
    assert RULES.category("diagnosis").article == "第七条（一）1、第十一条"
    assert RULES.article("subsidy").startswith("第十一条：每个诊断服务项目")


def test_next_year_has_the_same_figures():
    following = notice_file.shipped("general-2027")
    assert (following.year, following.rules) == (2027, RULES)


def test_the_notice_of_2027_ends_with_the_measures():
    assert notice_file.shipped("general-2027").valid_to == date(2027, 9, 3)


def test_the_rules_cannot_be_changed():
    with pytest.raises(TypeError):
        RULES.categories["x"] = None  # type: ignore[index]
    with pytest.raises(AttributeError):
        RULES.provider_cap = Decimal(1)
