from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.states import Role
from engines.evidence import services as evidence
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.errors import DomainError
from registry import selectors, services
from registry.models import DishonestParty, ListedEnterprise, RosterImport, TitleHolding
from registry.states import RosterKind, RosterState, TitleState
from tests.factories.accounts import make_uscc, make_user, officer
from tests.factories.registry import dishonest, listed, make_roster, make_title, roster_csv

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)


def counts():
    return tuple(model.objects.count() for model in (RosterImport, ListedEnterprise, DishonestParty, TitleHolding))


def refused(code, function, *args, **kwargs):
    before = counts()
    with pytest.raises(DomainError) as caught, transaction.atomic():
        function(*args, **kwargs)
    assert (caught.value.code, counts()) == (code, before)
    return caught.value


def upload(*lines, by=None, kind=RosterKind.LISTED, as_of=DAY, raw=None):
    return services.upload_roster(
        by=by or officer(Role.CENTRE_CHECKER),
        kind=kind,
        raw=raw or roster_csv(kind, *lines),
        file_name="名册.csv",
        source_document="统计函〔2026〕1号",
        as_of=as_of,
    )


# Files and their confirmation.


def test_an_uploaded_roster_is_not_in_force_until_confirmed():
    code = make_uscc()
    roster = upload(f"{code},甲,2024-01-01,")
    assert (roster.state, selectors.listed(code, DAY)) == (RosterState.UPLOADED, None)
    second = officer(Role.CENTRE_REVIEWER)
    roster = services.confirm_roster(by=second, roster_id=roster.pk, version=1)
    row = selectors.listed(code, DAY)
    assert row is not None
    assert (roster.state, roster.confirmed_by, row.name, row.listed_since) == (
        RosterState.CONFIRMED,
        second,
        "甲",
        date(2024, 1, 1),
    )
    assert [record.act for record in of_subject(roster)] == ["upload_roster", "confirm_roster"]


def test_the_same_file_comes_in_once():
    raw = roster_csv("listed", f"{make_uscc()},甲,2024-01-01,")
    upload(raw=raw)
    refused("ROSTER_ALREADY_IMPORTED", upload, raw=raw)


def test_a_rejected_file_may_come_again():
    raw = roster_csv("listed", f"{make_uscc()},甲,2024-01-01,")
    roster = upload(raw=raw)
    roster = services.reject_roster(
        by=officer(Role.CENTRE_REVIEWER), roster_id=roster.pk, version=1, reason="截止日期有误"
    )
    assert (roster.state, upload(raw=raw).state) == (RosterState.REJECTED, RosterState.UPLOADED)


def test_the_constraint_refuses_the_same_file_too():
    roster = upload(f"{make_uscc()},甲,2024-01-01,")
    twin = RosterImport(
        kind=roster.kind, source_document="x", file_name="x", file_sm3=roster.file_sm3, as_of=DAY, row_count=0, rows=[],
        imported_by=roster.imported_by,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="roster_file_once"), transaction.atomic():
        evidence.record(twin, act="upload_roster", by=roster.imported_by)


def test_one_person_cannot_do_both():
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    roster = upload(f"{make_uscc()},甲,2024-01-01,", by=both)
    refused("NOT_ALLOWED", services.confirm_roster, by=both, roster_id=roster.pk, version=1)
    with pytest.raises(IntegrityError, match="roster_two_people"), transaction.atomic():
        roster.confirm(both, clock.now())
        evidence.record(roster, act="confirm_roster", by=both)


def test_confirmed_names_who_and_when():
    roster = upload(f"{make_uscc()},甲,2024-01-01,")
    roster.confirmed_by = officer(Role.CENTRE_REVIEWER)
    with pytest.raises(IntegrityError, match="roster_confirmed_by_and_at"), transaction.atomic():
        evidence.record(roster, act="touch", by=roster.confirmed_by)


@pytest.mark.parametrize("role", [Role.CENTRE_REVIEWER, Role.ENTERPRISE_AGENT, Role.SYSTEM_ADMIN, Role.SUPERVISOR])
def test_only_the_centre_uploads(role):
    refused("NOT_ALLOWED", upload, f"{make_uscc()},甲,2024-01-01,", by=make_user(role))


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.APPROVER, Role.ENTERPRISE_SIGNATORY])
def test_only_a_second_officer_confirms(role):
    roster = upload(f"{make_uscc()},甲,2024-01-01,")
    refused("NOT_ALLOWED", services.confirm_roster, by=make_user(role), roster_id=roster.pk, version=1)


def test_a_roster_is_confirmed_once():
    roster = make_roster(RosterKind.LISTED, f"{make_uscc()},甲,2024-01-01,")
    second = officer(Role.CENTRE_REVIEWER)
    refused("WRONG_STATE", services.confirm_roster, by=second, roster_id=roster.pk, version=2)
    refused("VERSION_CONFLICT", services.confirm_roster, by=second, roster_id=roster.pk, version=1)


def test_a_date_in_the_future_is_refused():
    refused("ROSTER_DATE_FUTURE", upload, f"{make_uscc()},甲,2024-01-01,", as_of=clock.today() + timedelta(days=1))


def test_an_older_roster_cannot_undo_a_later_one():
    waiting = upload(f"{make_uscc()},甲,2024-01-01,", as_of=date(2026, 1, 1))
    make_roster(RosterKind.LISTED, f"{make_uscc()},乙,2024-01-01,", as_of=date(2026, 2, 1))
    refused("ROSTER_OUTDATED", upload, f"{make_uscc()},丙,2024-01-01,", as_of=date(2026, 1, 31))
    refused(
        "ROSTER_OUTDATED", services.confirm_roster, by=officer(Role.CENTRE_REVIEWER), roster_id=waiting.pk, version=1
    )


def test_a_second_open_listing_is_told_by_line():
    kept = listed(make_uscc(), since="2020-01-01")
    error = refused(
        "ROSTER_INVALID", upload, f"{make_uscc()},甲,2024-01-01,", f"{kept.uscc},乙,2025-01-01,", as_of=clock.today()
    )
    assert [(p["line"], p["message"]) for p in error.details["problems"]] == [(3, "该企业已于2020-01-01在册且未退规")]


def test_leaving_and_returning_in_one_file():
    kept = listed(make_uscc(), since="2020-01-01")
    make_roster(RosterKind.LISTED, f"{kept.uscc},甲,2025-06-01,", f"{kept.uscc},甲,2020-01-01,2023-01-01")
    covered = {on: selectors.listed(kept.uscc, on) for on in (date(2022, 12, 31), date(2023, 1, 1), date(2025, 6, 1))}
    assert [row and row.listed_since for row in covered.values()] == [date(2020, 1, 1), None, date(2025, 6, 1)]


def test_two_waiting_rosters_that_conflict_are_refused_at_confirmation():
    code = make_uscc()
    first, second = (upload(f"{code},甲,{since},") for since in ("2020-01-01", "2021-01-01"))
    reviewer = officer(Role.CENTRE_REVIEWER)
    services.confirm_roster(by=reviewer, roster_id=first.pk, version=1)
    refused("ROSTER_CONFLICT", services.confirm_roster, by=reviewer, roster_id=second.pk, version=1)


def test_warnings_are_kept_for_the_one_who_confirms():
    roster = upload("91350100M000100Y43,甲,2024-01-01,")
    assert [(w["line"], "45开头" in w["message"]) for w in roster.warnings] == [(2, True)]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"listed_since": date(2020, 1, 1)}, "listed_period_once"),
        ({"listed_since": date(2021, 1, 1)}, "listed_one_open"),
        ({"listed_since": date(2021, 1, 1), "removed_on": date(2021, 1, 1)}, "listed_removed_after_listing"),
        ({"uscc": "x" * 18, "listed_since": date(2021, 1, 1)}, "listed_uscc_shape"),
    ],
)
def test_listing_constraints(fields, name):
    kept = listed(make_uscc(), since="2020-01-01")
    values = {"uscc": kept.uscc, "name": "甲", "roster": kept.roster, **fields}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ListedEnterprise.objects.create(**values)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"since": date(2025, 1, 1)}, "dishonest_period_once"),
        ({"since": date(2026, 1, 2), "until": date(2026, 1, 1)}, "dishonest_until_after_since"),
        ({"uscc": "0" * 17, "since": date(2026, 1, 2)}, "dishonest_uscc_shape"),
    ],
)
def test_dishonest_constraints(fields, name):
    kept = dishonest(make_uscc(), since="2025-01-01")
    values = {"uscc": kept.uscc, "source": "某法院", "roster": kept.roster, **fields}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        DishonestParty.objects.create(**values)


# --- look-ups


@pytest.mark.parametrize(
    ("day", "found"),
    [(date(2023, 12, 31), False), (date(2024, 1, 1), True), (date(2025, 12, 30), True), (date(2025, 12, 31), False)],
)
def test_a_listing_covers_its_days(day, found):
    row = listed(make_uscc(), since="2024-01-01", removed_on="2025-12-31")
    assert (selectors.listed(row.uscc, day) is not None) is found


@pytest.mark.parametrize(
    ("day", "found"),
    [(date(2024, 12, 31), False), (date(2025, 1, 1), True), (date(2025, 6, 30), True), (date(2025, 7, 1), False)],
)
def test_dishonesty_covers_both_its_days(day, found):
    row = dishonest(make_uscc(), since="2025-01-01", until="2025-06-30")
    assert (selectors.dishonest(row.uscc, day) is not None) is found


def test_dishonesty_without_an_end_goes_on():
    assert selectors.dishonest(dishonest(make_uscc()).uscc, date(2050, 1, 1)) is not None


def test_a_titles_roster_waits_and_counts_when_confirmed():
    code, by = make_uscc(), officer(Role.CENTRE_CHECKER)
    roster = upload(f"{code},little_giant,X1,工信部,,2025-01-01,", kind=RosterKind.TITLES, by=by)
    waiting = TitleHolding.objects.get(uscc=code)
    assert (waiting.state, waiting.recorded_by, selectors.titles(code, DAY)) == (TitleState.RECORDED, by, [])
    second = officer(Role.DEPARTMENT)
    services.confirm_roster(by=second, roster_id=roster.pk, version=1)
    assert [(t.title_code, t.verified_by) for t in selectors.titles(code, DAY)] == [("little_giant", second)]
    assert selectors.usccs_in(RosterImport.objects.get(pk=roster.pk)) == [code]


def test_a_rejected_titles_roster_rejects_its_waiting_titles():
    code = make_uscc()
    roster = upload(f"{code},little_giant,X1,工信部,,2025-01-01,", kind=RosterKind.TITLES)
    services.reject_roster(by=officer(Role.CENTRE_REVIEWER), roster_id=roster.pk, version=1, reason="名单有误")
    assert TitleHolding.objects.get(uscc=code).state == TitleState.REJECTED


def test_a_title_already_recorded_is_told_by_line():
    kept = make_title(make_uscc())
    line = f"{kept.uscc},little_giant,X9,工信部,,{kept.valid_from},"
    error = refused("ROSTER_INVALID", upload, line, kind=RosterKind.TITLES)
    assert error.details["problems"][0]["message"] == "该称号已登记"
