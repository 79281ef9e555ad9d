"""Two at once over one line, one dispute, one declaration, one returned registration: one wins, the others are told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.states import Role
from engines.ledger.selectors import recompute
from enterprises import services
from enterprises.jobs import close_returned_registrations
from enterprises.models import PassportDispute, QuotaGrant, RelationDeclaration
from enterprises.services import lapsing
from foundation import clock
from tests.enterprises.support import agent, fresh, quota_balance, signatory, yuan
from tests.factories.accounts import TESTER, make_uscc, officer
from tests.factories.enterprises import EnterpriseFactory, declare, make_dispute, tie
from tests.factories.programmes import open_year
from tests.threads import answers_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_a_line_disputed_many_times_at_once_is_disputed_once() -> None:
    row = EnterpriseFactory(active=True)
    people = [agent(row), signatory(row)] * 3
    answers = answers_of(
        *[
            lambda by=by: (
                services.file_dispute(
                    by=by, enterprise_id=row.pk, line="little_giant", kind="missing", claim="已获评"
                ).state
            )
            for by in people
        ]
    )
    assert sorted(answers) == ["DISPUTE_OPEN"] * 5 + ["open"]
    assert PassportDispute.objects.count() == 1


def test_upheld_and_rejected_at_once_is_decided_once() -> None:
    row = EnterpriseFactory(active=True)
    dispute = make_dispute(row, state="accepted")
    one, other = officer(Role.CENTRE_REVIEWER), officer(Role.DEPARTMENT)
    given: dict[str, Any] = {"dispute_id": dispute.pk, "version": dispute.version, "decision": "经核实"}
    answers = answers_of(
        lambda: services.uphold_dispute(by=one, **given).state,
        lambda: services.reject_dispute(by=other, **given).state,
    )
    assert sorted(answers) in (["VERSION_CONFLICT", "upheld"], ["VERSION_CONFLICT", "rejected"])
    upheld = fresh(dispute).state == "upheld"
    assert quota_balance(row).issued == yuan(300000 if upheld else 50000)
    assert recompute() == []


def test_upheld_while_the_title_is_verified_elsewhere_grants_once() -> None:
    """Uphold locks dispute, title, enterprise; the verification title, enterprise: nobody waits in a circle."""
    row = EnterpriseFactory(active=True)
    dispute = make_dispute(row, state="accepted")
    title = dispute.title_id
    assert title is not None
    one, other = officer(Role.CENTRE_REVIEWER), officer(Role.DEPARTMENT)
    answers = answers_of(
        lambda: (
            services.uphold_dispute(by=one, dispute_id=dispute.pk, version=dispute.version, decision="经核实").state
        ),
        lambda: services.verify_title(by=other, title_id=title, version=1).state,
    )
    assert (answers[0], answers[1]) in (
        ("upheld", "VERSION_CONFLICT"),  # the dispute's own verification came first
        ("VERSION_CONFLICT", "verified"),  # read before, verified elsewhere meanwhile: to be decided again
        ("upheld", "verified"),  # verified elsewhere before it was read
    )
    assert QuotaGrant.objects.filter(enterprise=row, kind="upgrade").count() == 1
    assert quota_balance(row).issued == yuan(300000)


def test_two_signatories_who_saw_the_same_replace_it_once() -> None:
    row = EnterpriseFactory()
    first = declare(row)
    people = [signatory(row) for _ in range(4)]
    answers = answers_of(
        *[
            lambda by=by: (
                services.declare_relations(
                    by=by, enterprise_id=row.pk, ties=[tie(make_uscc())], replaces=first.pk
                ).state
            )
            for by in people
        ]
    )
    assert sorted(answers) == ["DECLARATION_CHANGED"] * 3 + ["in_force"]
    assert RelationDeclaration.objects.filter(state="in_force").count() == 1


def returned() -> Any:
    row = EnterpriseFactory()
    row = services.submit(by=signatory(row), enterprise_id=row.pk, version=1)
    by = officer(Role.CENTRE_CHECKER)
    return services.send_back(by=by, enterprise_id=row.pk, version=row.version, reason="补正")


def test_the_job_run_from_many_sides_closes_each_once() -> None:
    with time_machine.travel(clock.start_of(date(2026, 3, 2)), tick=True):
        open_year(2026)
        row = returned()
        day = row.due_on + timedelta(1)
    with time_machine.travel(clock.start_of(day), tick=True):
        answers = answers_of(
            *[lambda: lapsing.watch_returned(by=TESTER, enterprise_id=row.pk, day=day)] * 3,
            lambda: close_returned_registrations(day)["closed"] or "",
        )
    assert sorted(map(str, answers)) in (["", "", "", "1"], ["", "", "", "closed"])
    assert fresh(row).version == row.version + 1


def test_submitted_at_the_last_moment_or_closed_but_not_both() -> None:
    with time_machine.travel(clock.start_of(date(2026, 3, 2)), tick=True):
        open_year(2026)
        row = returned()
        by, day = signatory(row), row.due_on + timedelta(1)
    with time_machine.travel(clock.start_of(day), tick=True):
        answers = answers_of(
            lambda: services.submit(by=by, enterprise_id=row.pk, version=row.version).state,
            lambda: lapsing.watch_returned(by=TESTER, enterprise_id=row.pk, day=day),
        )
    assert answers in (["auto_ok", ""], ["VERSION_CONFLICT", "closed"])
