"""The tier passport: every list, what each line earns, the next tier and what is missing for it (第十条)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from enterprises import passport, selectors, services, tiering
from enterprises.models import Enterprise
from enterprises.passport import Known, Line, Paper
from enterprises.selectors import Shown
from enterprises.states import Standing
from foundation import clock
from programmes import notice_file
from registry.models import DishonestParty, ListedEnterprise
from registry.states import TitleState
from tests.enterprises.support import refused, yuan
from tests.factories.accounts import officer
from tests.factories.credit import make_record
from tests.factories.enterprises import (
    EnterpriseFactory,
    declare,
    give_title,
    make_dispute,
    put_on_roster,
    shared_roster,
)
from tests.factories.registry import make_title

DAY = date(2026, 3, 2)
RULES = notice_file.shipped("general-2026").rules


def paper(standing: Standing = Standing.COUNTS, **fields: Any) -> Paper:
    return Paper(
        **{"source": "桂工信函", "since": date(2025, 1, 1), "certificate_no": "证1", **fields}, standing=standing
    )


def read(known: Known, *held: tiering.Held, listed_since: date | None = None, adjusted: str = "0") -> passport.Passport:
    grade = tiering.grade(RULES, held, listed_since, 2026)
    return passport.read(RULES, grade, known, day=DAY, year=2026, adjusted=Decimal(adjusted))


def line(found: passport.Passport, code: str) -> Line:
    return next(one for one in found.lines if one.code == code)


# --- the lines


def test_every_title_of_the_notice_has_a_line_held_or_not() -> None:
    named = {code for tier in RULES.tiers for code in tier.titles}
    assert {one.code for one in read(Known()).lines} == {"listed", "dishonest", *named}


def test_the_lines_stand_by_tier_then_by_code_after_the_two_lists() -> None:
    codes = [one.code for one in read(Known()).lines]
    assert codes[:4] == ["listed", "dishonest", "little_giant", "national_champion"]
    assert codes[-1] == "specialised_board"


@pytest.mark.parametrize(
    ("state", "fields", "expected"),
    [
        (TitleState.VERIFIED, {}, Standing.COUNTS),
        (TitleState.VERIFIED, {"until": DAY}, Standing.COUNTS),
        (TitleState.VERIFIED, {"until": DAY - timedelta(1)}, Standing.ENDED),
        (TitleState.VERIFIED, {"since": DAY}, Standing.COUNTS),
        (TitleState.VERIFIED, {"since": DAY + timedelta(1)}, Standing.NOT_YET),
        (TitleState.RECORDED, {}, Standing.WAITING),
        (TitleState.REJECTED, {}, Standing.REJECTED),
        (TitleState.REVOKED, {"revoked_on": DAY}, Standing.REVOKED),
        (TitleState.REVOKED, {"revoked_on": DAY + timedelta(1)}, Standing.COUNTS),
        (TitleState.REVOKED, {"revoked_on": DAY + timedelta(1), "until": DAY - timedelta(1)}, Standing.ENDED),
    ],
)
def test_how_a_recorded_title_stands_on_the_day(state: str, fields: dict[str, date], expected: Standing) -> None:
    values: dict[str, Any] = {"since": date(2025, 1, 1), "until": None, "revoked_on": None, **fields}
    assert passport.standing(state, day=DAY, **values) == expected


@pytest.mark.parametrize(
    ("papers", "standing", "says"),
    [
        ([], "absent", "平台没有登记该称号；已取得的，可提出异议并附证书。"),
        ([paper()], "counts", "长期有效（证1）。"),
        ([paper(until=date(2028, 6, 30))], "counts", "有效至2028-06-30（证1）。"),
        ([paper(certificate_no="", doc_no="桂文1")], "counts", "长期有效（桂文1）。"),
        ([paper(Standing.WAITING)], "waiting", "已登记（证1），核验后生效。"),
        ([paper(Standing.NOT_YET, since=date(2026, 5, 1))], "not_yet", "有效期自2026-05-01起，届时生效。"),
        ([paper(Standing.ENDED, until=date(2025, 12, 31))], "ended", "已于2025-12-31到期；已续期的，可提出异议并附新证书。"),
        ([paper(Standing.REVOKED, revoked_on=date(2026, 1, 9))], "revoked", "已自2026-01-09起撤销。"),
        ([paper(Standing.REJECTED)], "rejected", "登记的证书（证1）核验未通过。"),
        # of several records the one that is worth most speaks
        ([paper(Standing.REJECTED), paper(Standing.ENDED, until=DAY), paper(certificate_no="证2")], "counts", "长期有效（证2）。"),
        ([paper(Standing.ENDED, until=date(2025, 1, 1)), paper(Standing.WAITING)], "waiting", "已登记（证1），核验后生效。"),
    ],
)  # fmt: skip
def test_a_line_says_what_is_missing(papers: list[Paper], standing: str, says: str) -> None:
    found = line(read(Known(titles={"little_giant": papers})), "little_giant")
    assert (found.standing, found.says, found.held) == (standing, says, standing == "counts")
    assert found.tier is not None
    assert found.tier.quota == yuan(300000)
    assert sorted(found.papers, key=str) == sorted(papers, key=str)


def test_a_title_that_the_notice_does_not_name_is_shown_and_earns_nothing() -> None:
    found = line(read(Known(titles={"old_title": [paper()]})), "old_title")
    assert (found.name, found.tier, found.held) == ("old_title", None, True)


@pytest.mark.parametrize(
    ("periods", "standing", "says"),
    [
        ([], "absent", "名录中没有该统一社会信用代码。"),
        ([paper(since=date(2019, 1, 1))], "counts", "在库，入库日期2019-01-01。"),
        ([paper(Standing.ENDED, until=date(2025, 6, 30))], "ended", "已退库，在库至2025-06-30。"),
        ([paper(Standing.NOT_YET, since=date(2026, 4, 1))], "not_yet", "自2026-04-01起入库。"),
    ],
)
def test_the_roster_line(periods: list[Paper], standing: str, says: str) -> None:
    found = line(read(Known(listings=periods)), "listed")
    assert (found.standing, found.says, found.tier) == (standing, says, None)


def test_the_line_of_the_dishonest() -> None:
    clear = line(read(Known()), "dishonest")
    assert (clear.held, clear.says) == (False, "未列入。")
    found = line(read(Known(dishonesty=[paper(since=date(2026, 1, 5), source="失信名单")])), "dishonest")
    assert (found.held, found.says) == (True, "自2026-01-05起列入（失信名单），不能签订新合同。")


@pytest.mark.parametrize(
    ("since", "standing", "says"),
    [
        (date(2023, 12, 31), "outside", "入库日期2023-12-31，不在2024至2025年之间。"),
        (date(2024, 1, 1), "counts", "入库日期2024-01-01，在2024至2025年之间。"),
        (date(2025, 12, 31), "counts", "入库日期2025-12-31，在2024至2025年之间。"),
        (date(2026, 1, 1), "outside", "入库日期2026-01-01，不在2024至2025年之间。"),
    ],
)
def test_newly_listed_goes_by_the_roster_and_calendar_years(since: date, standing: str, says: str) -> None:
    found = line(read(Known(listings=[paper(since=since)]), listed_since=since), "newly_listed")
    assert (found.standing, found.says) == (standing, says)


# --- the next tier up


@pytest.mark.parametrize(
    ("titles", "code", "adds"),
    [((), "growing", 50000), (("innovative_sme",), "leading", 100000), (("region_champion",), "national", 100000)],
)
def test_the_next_tier_up_and_what_it_adds(titles: tuple[str, ...], code: str, adds: int) -> None:
    above = read(Known(), *[tiering.Held(one, one, "") for one in titles]).next_tier
    assert above is not None
    assert (above.tier.code, above.adds) == (code, yuan(adds))
    assert {way.code for way in above.ways} == RULES.tier(code).titles


def test_above_the_highest_tier_there_is_none() -> None:
    assert read(Known(), tiering.Held("little_giant", "小巨人", "")).next_tier is None


@pytest.mark.parametrize(("adjusted", "adds"), [("20000", 100000), ("150000", 50000), ("-50000", 100000)])
def test_what_it_adds_counts_adjustments_within_the_highest_tier(adjusted: str, adds: int) -> None:
    above = read(Known(), tiering.Held("innovative_sme", "", ""), adjusted=adjusted).next_tier
    assert above is not None
    assert above.adds == yuan(adds)


# --- what ends soon


def ending(until: date, *others: tiering.Held) -> passport.Passport:
    papers = {"little_giant": [paper(until=until)], **{one.code: [paper(until=one.until)] for one in others}}
    return read(Known(titles=papers), tiering.Held("little_giant", "小巨人", "", until=until), *others)


@pytest.mark.parametrize(("days", "told"), [(0, True), (90, True), (91, False)])
def test_a_title_that_ends_within_ninety_days_is_told(days: int, told: bool) -> None:
    assert [one.days_left for one in ending(DAY + timedelta(days)).endings] == ([days] if told else [])


def test_it_is_told_what_tier_is_left_without_it() -> None:
    until = DAY + timedelta(30)
    (one,) = ending(until).endings
    assert (one.line.code, one.until, one.tier_after.code) == ("little_giant", until, "ordinary")
    (one,) = ending(until, tiering.Held("region_champion", "", "")).endings
    assert one.tier_after.code == "leading"


def test_a_title_renewed_by_a_second_record_does_not_end() -> None:
    until = DAY + timedelta(30)
    renewed = [paper(until=until), paper(until=until + timedelta(1000))]
    found = read(Known(titles={"little_giant": renewed}), tiering.Held("little_giant", "", "", until=until))
    assert found.endings == ()


# --- read from the registry


def shown(row: Enterprise) -> Shown:
    return selectors.show_passport(row, clock.today())


def line_of(row: Enterprise, code: str) -> Line:
    return line(shown(row).passport, code)


@pytest.mark.django_db
def test_a_line_names_its_source_its_certificate_and_who_verified_it() -> None:
    row = EnterpriseFactory(active=True)
    by = officer(Role.CENTRE_REVIEWER)
    title = make_title(row.uscc, "little_giant", certificate_no="XJR-1", issued_by="工业和信息化部", second=by)
    (one,) = line_of(row, "little_giant").papers
    assert (one.id, one.source, one.certificate_no, one.issued_by) == (
        str(title.pk),
        "单独登记",
        "XJR-1",
        "工业和信息化部",
    )
    assert (one.verified_by, one.verified_at) == (by.actor_label, title.verified_at)


@pytest.mark.django_db
def test_a_line_of_a_roster_names_the_roster_and_who_confirmed_it() -> None:
    row = EnterpriseFactory(active=True)
    roster = shared_roster("listed")
    (one,) = line_of(row, "listed").papers
    assert roster.confirmed_by is not None
    assert (one.source, one.verified_by) == ("测试名册", roster.confirmed_by.actor_label)


@pytest.mark.django_db
def test_the_day_of_leaving_the_roster_is_the_first_without_it() -> None:
    row = EnterpriseFactory(active=True)
    ListedEnterprise.objects.filter(uscc=row.uscc).update(removed_on=clock.today())
    found = line_of(row, "listed")
    assert (found.standing, found.says) == ("ended", f"已退库，在库至{clock.today() - timedelta(1)}。")


@pytest.mark.django_db
def test_the_dishonest_list_is_read() -> None:
    row = EnterpriseFactory(active=True)
    DishonestParty.objects.create(
        uscc=row.uscc, since=date(2026, 1, 5), source="（2026）桂01执1号", roster=shared_roster("dishonest")
    )
    assert (line_of(row, "dishonest").held, line_of(row, "dishonest").papers[0].doc_no) == (True, "（2026）桂01执1号")


@pytest.mark.django_db
def test_the_passports_winner_is_the_grants() -> None:
    row = EnterpriseFactory(active=True, tier="20")
    found, grant = shown(row), selectors.latest_grant(row.pk, clock.today().year)
    assert grant is not None
    assert (found.grade.winning_title, found.grade.tier.code) == (grant.winning_title, grant.tier_code)
    assert found.figures.quota == found.grade.tier.quota == yuan(200000)


@pytest.mark.django_db
def test_an_open_dispute_stands_at_its_line_and_a_decided_one_does_not() -> None:
    row = EnterpriseFactory(active=True)
    make_dispute(row, state="rejected")
    opened = make_dispute(row, line="innovative_sme")
    assert shown(row).disputes == {"innovative_sme": [opened]}


@pytest.mark.django_db
def test_the_enterprise_is_warned_until_it_has_declared_its_relations() -> None:
    row = EnterpriseFactory(active=True)
    assert [one.code for one in shown(row).warnings] == ["RELATIONS_UNDECLARED"]
    declare(row)
    assert shown(row).warnings == []


@pytest.mark.django_db
def test_a_frozen_enterprise_is_told_why() -> None:
    row = EnterpriseFactory(active=True)
    declare(row)
    by = officer(Role.DEPARTMENT)
    row = services.freeze(by=by, enterprise_id=row.pk, version=row.version, reason="投诉核查")
    assert [(one.code, one.message) for one in shown(row).warnings] == [
        ("FROZEN", "企业已冻结，暂不能签订新合同：投诉核查。")
    ]


@pytest.mark.django_db
def test_one_that_a_credit_record_keeps_out_is_told_so() -> None:
    row = EnterpriseFactory(active=True)
    declare(row)
    make_record(uscc=row.uscc, blocks=False)
    assert shown(row).warnings == []
    record = make_record(uscc=row.uscc, until=clock.today() + timedelta(30))
    why = "“转让、转包、分包合同（第二十七条第二项）”被限制参与（桂工信信用〔2026〕3号"
    assert [(one.code, one.message) for one in shown(row).warnings] == [
        (
            "RESTRICTED",
            f"{row.name}因{why}，至{record.until}），暂不能办理新的服务券业务。",
        )
    ]


@pytest.mark.django_db
def test_the_enterprise_is_warned_of_a_title_that_ends() -> None:
    row = EnterpriseFactory(active=True)
    declare(row)
    until = clock.today() + timedelta(10)
    give_title(row, "little_giant", valid_to=until)
    (one,) = shown(row).warnings
    assert one.code == "TITLE_ENDS"
    assert one.message == (
        f"“专精特新“小巨人”企业”将于{until}到期（还有10天）；未续期的，此后按“一般规模以上制造业企业”匹配。"
    )


@pytest.mark.django_db
def test_without_a_notice_in_force_there_is_no_passport() -> None:
    row = EnterpriseFactory()
    with refused("NOTICE_NOT_PUBLISHED"):
        shown(row)


@pytest.mark.django_db
def test_a_fuller_passport_costs_no_more_queries() -> None:
    row = EnterpriseFactory(active=True)
    give_title(row, "innovative_sme")

    def cost() -> int:
        fresh = Enterprise.objects.get(pk=row.pk)
        with CaptureQueriesContext(connection) as captured:
            shown(fresh)
        return len(captured)

    few = cost()
    for code in ("little_giant", "region_champion", "smart_factory"):
        give_title(row, code)
        make_dispute(row, line=code, kind="other")
    put_on_roster(EnterpriseFactory(listed=False), since=date(2020, 1, 1))
    services.regrade(by=officer(Role.DEPARTMENT), enterprise_id=row.pk)
    assert cost() == few <= 13
