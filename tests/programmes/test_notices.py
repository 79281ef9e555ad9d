from dataclasses import replace
from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from accounts.states import OrganisationKind, Role
from engines.evidence import services as evidence
from engines.evidence.selectors import of_subject
from engines.notifications.models import OutboxEvent
from foundation import clock
from foundation.errors import DomainError
from programmes import notice_file, selectors, services
from programmes.models import Notice
from programmes.states import NoticeState
from tests.factories.accounts import make_organisation, make_user, officer
from tests.factories.programmes import make_content, make_notice, publish_revision

pytestmark = pytest.mark.django_db


def refused(code, function, *args, **kwargs):
    before = list(Notice.objects.order_by("pk").values_list("pk", "version"))
    with pytest.raises(DomainError) as caught, transaction.atomic():
        function(*args, **kwargs)
    assert caught.value.code == code
    assert list(Notice.objects.order_by("pk").values_list("pk", "version")) == before


def with_cap(cap):
    """The notice with another provider cap."""
    data = {**notice_file.shipped("general-2026").data, "provider_cap": cap}
    return make_content(2026, data=data, rules=notice_file.rules_from(data))


def approve(notice, by=None):
    return services.approve_notice(
        by=by or officer(Role.APPROVER), notice_id=notice.pk, version=notice.version, reason="厅务会纪要"
    )


def publish(notice, by=None):
    return services.publish_notice(by=by or officer(Role.DEPARTMENT), notice_id=notice.pk, version=notice.version)


def test_a_notice_goes_from_draft_to_publication_by_two_people():
    drafter, approver = officer(Role.DEPARTMENT), officer(Role.APPROVER)
    notice = services.draft_notice(by=drafter, content=make_content(2026))
    assert (notice.state, notice.revision, notice.label) == (
        NoticeState.DRAFT,
        1,
        "桂工信规范〔2024〕9号·2026年度·第1版",
    )
    notice = publish(approve(notice, approver), drafter)
    assert (notice.state, notice.drafted_by, notice.approved_by) == (NoticeState.PUBLISHED, drafter, approver)
    assert [r.act for r in of_subject(notice)] == ["draft_notice", "approve_notice", "publish_notice"]


def test_the_kept_rules_are_those_of_the_file():
    assert Notice.objects.get(pk=make_notice().pk).parsed == notice_file.shipped("general-2026").rules


def test_the_rules_are_read_once_per_version():
    notice = make_notice()
    again = selectors.current_notice(date(2026, 5, 1))
    assert (again == notice, again.parsed is Notice.objects.get(pk=notice.pk).parsed) == (True, True)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31)])
def test_the_published_notice_is_current_within_its_dates(day):
    notice = make_notice()
    assert selectors.current_notice(day) == notice


@pytest.mark.parametrize(
    ("state", "day"),
    [
        (NoticeState.PUBLISHED, date(2025, 12, 31)),
        (NoticeState.PUBLISHED, date(2027, 1, 1)),
        (NoticeState.DRAFT, date(2026, 5, 1)),
        (NoticeState.APPROVED, date(2026, 5, 1)),
    ],
)
def test_before_publication_and_outside_its_dates_there_is_none(state, day):
    make_notice(state=state)
    with pytest.raises(DomainError) as caught:
        selectors.current_notice(day)
    assert caught.value.code == "NOTICE_NOT_PUBLISHED"


def test_a_late_notice_opens_on_its_date():
    make_notice(content=make_content(2026, valid_from=date(2026, 3, 10)))
    with pytest.raises(DomainError, match="NOTICE_NOT_PUBLISHED"):
        selectors.current_notice(date(2026, 3, 9))
    assert selectors.current_notice(date(2026, 3, 10)).valid_from == date(2026, 3, 10)


def test_a_published_revision_takes_the_place_of_the_earlier():
    first = make_notice()
    second = publish_revision(2026, content=with_cap("4000000"))
    first.refresh_from_db()
    assert (first.state, second.state, second.revision) == (NoticeState.SUPERSEDED, NoticeState.PUBLISHED, 2)
    assert selectors.current_notice(date(2026, 5, 1)) == second
    assert (first.parsed.provider_cap, second.parsed.provider_cap) == (Decimal("5000000.00"), Decimal("4000000.00"))
    assert of_subject(first).last().act == "supersede_notice"


def test_parties_and_offices_are_told_of_a_published_notice():
    party = make_organisation(OrganisationKind.ENTERPRISE)
    city = make_organisation(OrganisationKind.CITY)
    notice = make_notice(state=NoticeState.APPROVED)
    assert not OutboxEvent.objects.filter(topic="notice_published").exists()
    publish(notice)
    told = OutboxEvent.objects.get(topic="notice_published")
    assert told.title == "2026年度服务券通知已发布"
    assert party.pk in told.organisation_ids
    assert city.pk not in told.organisation_ids


def test_an_earlier_revision_cannot_come_after_a_later_one():
    make_notice()
    second, third = (publish_revision(2026, state=NoticeState.APPROVED) for _ in range(2))
    publish(third)
    refused("NOTICE_OUTDATED", publish, second)


def test_the_year_is_drafted_once_and_then_revised():
    notice = make_notice(state=NoticeState.DRAFT)
    refused("NOTICE_EXISTS", services.draft_notice, by=officer(Role.DEPARTMENT), content=make_content(2026))
    next_revision = services.revise_notice(
        by=officer(Role.DEPARTMENT), notice_id=notice.pk, version=1, content=make_content(2026)
    )
    assert next_revision.revision == 2  # the refused draft took no number


def test_a_revision_is_of_the_same_year():
    notice = make_notice()
    by = officer(Role.DEPARTMENT)
    refused(
        "NOTICE_OTHER_YEAR",
        services.revise_notice,
        by=by,
        notice_id=notice.pk,
        version=notice.version,
        content=make_content(2027),
    )


def test_a_draft_may_be_changed_and_whoever_did_is_its_drafter():
    notice = make_notice(state=NoticeState.DRAFT)
    second = make_user(Role.DEPARTMENT, Role.APPROVER)
    notice = services.redraft_notice(by=second, notice_id=notice.pk, version=1, content=with_cap("3000000"))
    assert (notice.parsed.provider_cap, notice.drafted_by) == (Decimal("3000000.00"), second)
    refused("NOT_ALLOWED", approve, notice, second)


@pytest.mark.parametrize("state", [NoticeState.APPROVED, NoticeState.PUBLISHED])
def test_later_it_may_not(state):
    notice = make_notice(state=state)
    refused(
        "WRONG_STATE",
        services.redraft_notice,
        by=officer(Role.DEPARTMENT),
        notice_id=notice.pk,
        version=notice.version,
        content=with_cap("1"),
    )


def test_the_drafter_cannot_approve():
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    notice = services.draft_notice(by=both, content=make_content(2026))
    refused("NOT_ALLOWED", approve, notice, both)


@pytest.mark.parametrize(
    "role", [Role.APPROVER, Role.CENTRE_CHECKER, Role.FINANCE, Role.ENTERPRISE_AGENT, Role.SYSTEM_ADMIN]
)
def test_only_the_department_drafts_and_publishes(role):
    refused("NOT_ALLOWED", services.draft_notice, by=make_user(role), content=make_content(2026))
    refused("NOT_ALLOWED", publish, make_notice(state=NoticeState.APPROVED), make_user(role))


@pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.CENTRE_REVIEWER, Role.FINANCE])
def test_only_the_approver_approves(role):
    refused("NOT_ALLOWED", approve, make_notice(state=NoticeState.DRAFT), make_user(role))


@pytest.mark.parametrize(("state", "act"), [("draft", publish), ("approved", approve), ("published", publish)])
def test_states_come_in_their_order(state, act):
    notice = make_notice(state=NoticeState(state))
    refused("WRONG_STATE" if act is approve or state == "draft" else "NOTICE_OUTDATED", act, notice)


def test_an_unknown_notice_is_not_found():
    by = officer(Role.DEPARTMENT)
    refused("NOT_FOUND", services.publish_notice, by=by, notice_id=by.pk, version=1)


# What the database holds by itself.


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rules", {}),
        ("doc_no", "桂工信规范〔2024〕10号"),
        ("year", 2027),
        ("revision", 7),
        ("title", "另一标题"),
        ("valid_from", date(2026, 2, 1)),
        ("valid_to", date(2026, 11, 30)),
        ("issued_on", date(2025, 1, 1)),
        ("kind", "other"),
    ],
)
@pytest.mark.parametrize("state", [NoticeState.APPROVED, NoticeState.PUBLISHED])
def test_nothing_of_an_approved_notice_changes_any_more(state, field, value):
    notice = make_notice(state=state)
    setattr(notice, field, value)
    with pytest.raises(DatabaseError, match="Cannot update rows from programmes_notice"), transaction.atomic():
        evidence.record(notice, act="edit", by=notice.drafted_by)
    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(**{field: value})


def test_a_superseded_notice_does_not_change_either():
    first = make_notice()
    publish_revision(2026)
    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
        Notice.objects.filter(pk=first.pk).update(rules={})


def test_a_notice_is_never_deleted():
    notice = make_notice(state=NoticeState.DRAFT)
    with pytest.raises(DatabaseError, match="Cannot delete rows"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk)._raw_delete("default")


def raw_notice(**fields):
    """A notice that no service would make."""
    content = make_content(2026)
    values = {
        "year": 2026,
        "revision": 1,
        "doc_no": content.doc_no,
        "title": content.title,
        "issued_on": content.issued_on,
        "valid_from": content.valid_from,
        "valid_to": content.valid_to,
        "rules": content.data,
        "drafted_by": officer(Role.DEPARTMENT),
        **fields,
    }
    notice = Notice(**values)
    evidence.record(notice, act="draft_notice", by=values["drafted_by"])
    return notice


def who():
    return {"approved_by": officer(Role.APPROVER), "approved_at": clock.now()}


def published():
    return {**who(), "published_by": officer(Role.DEPARTMENT), "published_at": clock.now(), "state": "published"}


def test_one_revision_number_once():
    raw_notice()
    with pytest.raises(IntegrityError, match="notice_revision_once"), transaction.atomic():
        raw_notice()


def test_one_published_notice_a_year():
    raw_notice(**published())
    with pytest.raises(IntegrityError, match="notice_one_published"), transaction.atomic():
        raw_notice(revision=2, **published())


def test_two_people():
    same = officer(Role.DEPARTMENT)
    with pytest.raises(IntegrityError, match="notice_two_people"), transaction.atomic():
        raw_notice(drafted_by=same, approved_by=same, approved_at=clock.now(), state="approved")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"valid_from": date(2025, 12, 31)}, "notice_within_its_year"),
        ({"valid_to": date(2027, 1, 1)}, "notice_within_its_year"),
        ({"valid_from": date(2026, 6, 2), "valid_to": date(2026, 6, 1)}, "notice_within_its_year"),
        ({"revision": 0}, "notice_revision_from_one"),
        ({"state": "approved"}, "notice_approved_by_and_at"),
        ({"approved_at": clock.now()}, "notice_approved_by_and_at"),
        ({"published_at": clock.now()}, "notice_published_by_and_at"),
    ],
)
def test_notice_constraints(fields, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        raw_notice(**fields)


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_leave_one_published():
    make_notice()
    revisions = [publish_revision(2026, state=NoticeState.APPROVED) for _ in range(2)]
    barrier, answers = Barrier(2), []

    def run(notice, by):
        barrier.wait()
        try:
            publish(notice, by)
            answers.append("published")
        except DomainError as error:
            answers.append(error.code)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(notice, officer(Role.DEPARTMENT))) for notice in revisions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) in (["published", "published"], ["NOTICE_OUTDATED", "published"])
    assert Notice.objects.get(state=NoticeState.PUBLISHED).revision == 3


def test_replacing_the_content_keeps_the_file_apart():
    content = make_content(2028)
    assert (content.year, replace(content, year=2026).data) == (2028, notice_file.shipped("general-2026").data)
