"""What the database itself refuses, whoever writes. Each constraint by name."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.states import Role
from engines.evidence import selectors as evidence
from engines.evidence import services as record
from enterprises import services
from enterprises.models import Enterprise, QuotaAdjustment, QuotaGrant
from enterprises.states import State
from foundation import clock
from tests.enterprises.support import fresh, signatory, yuan
from tests.factories.accounts import TESTER, make_organisation, officer
from tests.factories.enterprises import EnterpriseFactory

pytestmark = pytest.mark.django_db


def in_state(state: State) -> Enterprise:
    if state == State.ACTIVE:
        return EnterpriseFactory(active=True)
    row = EnterpriseFactory(active=state == State.FROZEN)
    if state == State.FROZEN:
        return services.freeze(by=officer(Role.DEPARTMENT), enterprise_id=row.pk, version=row.version, reason="核查")
    if state == State.RETURNED:
        row = services.submit(by=signatory(row), enterprise_id=row.pk, version=1)
        by = officer(Role.CENTRE_CHECKER)
        return services.send_back(by=by, enterprise_id=row.pk, version=row.version, reason="补正")
    return row


NOW = clock.now()


@pytest.mark.parametrize(
    ("state", "change", "name"),
    [
        (State.ACTIVE, {"industry_code": "0600"}, "enterprise_is_manufacturer"),
        (State.DRAFT, {"committed_at": NOW}, "enterprise_commitment_both"),
        (State.ACTIVE, {"committed_by": None, "committed_at": None}, "enterprise_committed_when_submitted"),
        (State.ACTIVE, {"auto_checked_at": None}, "enterprise_auto_checked"),
        (State.DRAFT, {"checked_at": NOW}, "enterprise_check_both"),
        (State.ACTIVE, {"checked_by": None, "checked_at": None}, "enterprise_checked_state"),
        (State.DRAFT, {"confirmed_at": NOW}, "enterprise_confirm_both"),
        (State.ACTIVE, {"confirmed_by": None, "confirmed_at": None}, "enterprise_confirmed_state"),
        (State.ACTIVE, {"checked_by": F("confirmed_by")}, "enterprise_two_people"),
        (State.RETURNED, {"return_reason": ""}, "enterprise_returned_with_reason"),
        (State.FROZEN, {"frozen_reason": ""}, "enterprise_frozen_with_reason"),
        (State.ACTIVE, {"decision_no": "桂工信罚〔2026〕1号"}, "enterprise_disqualified_by_decision"),
    ],
)
def test_enterprise(state: State, change: dict[str, Any], name: str) -> None:
    row = in_state(state)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Enterprise.objects.filter(pk=row.pk).update(**change)


def test_a_code_stands_once() -> None:
    row = EnterpriseFactory()
    other = Enterprise.objects.get(pk=row.pk)
    other.pk, other.version, other.head = make_organisation().pk, 0, ""
    other._state.adding = True
    other.organisation = make_organisation()
    with pytest.raises(IntegrityError, match="enterprise_uscc_once"), transaction.atomic():
        record.record(other, act="register", by=TESTER)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"quota": yuan(-1)}, "quota_grant_not_negative"),
        ({"kind": "loss", "amount": yuan(1)}, "quota_grant_sign_of_kind"),
        ({"kind": "upgrade", "amount": yuan(-1)}, "quota_grant_sign_of_kind"),
        ({"kind": "grant"}, "quota_grant_opens_year_once"),
    ],
)
def test_grant(change: dict[str, Any], name: str) -> None:
    grant = QuotaGrant.objects.get(enterprise=EnterpriseFactory(active=True))
    first = evidence.of_subject(grant.enterprise).earliest("seq")
    values = {
        "enterprise": grant.enterprise,
        "year": grant.year,
        "notice": grant.notice,
        "kind": "upgrade",
        "tier_code": "ordinary",
        "quota": yuan(1),
        "amount": yuan(1),
        "explanation": {},
        "record": first,
        "created_at": NOW,
        **change,
    }
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        QuotaGrant(**values).save(force_insert=True)


def test_one_evidence_record_backs_one_grant() -> None:
    grant = QuotaGrant.objects.get(enterprise=EnterpriseFactory(active=True))
    again = QuotaGrant.objects.get(pk=grant.pk)
    again.pk, again.kind = make_organisation().pk, "upgrade"
    with pytest.raises(IntegrityError, match="record_id"), transaction.atomic():
        again.save(force_insert=True)


def adjustment() -> QuotaAdjustment:
    row = EnterpriseFactory(active=True)
    made = services.propose_adjustment(
        by=officer(Role.CENTRE_CHECKER), enterprise_id=row.pk, amount=yuan(1000), reason="数据有误"
    )
    made = services.review_adjustment(by=officer(Role.CENTRE_REVIEWER), adjustment_id=made.pk, version=1)
    return services.decide_adjustment(
        by=officer(Role.DEPARTMENT), adjustment_id=made.pk, version=2, decision_no="桂工信函〔2026〕1号"
    )


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"amount": yuan(0)}, "quota_adjustment_moves"),
        ({"proposed_by": F("reviewed_by")}, "quota_adjustment_three_people"),
        ({"proposed_by": F("decided_by")}, "quota_adjustment_three_people"),
        ({"reviewed_by": F("decided_by")}, "quota_adjustment_three_people"),
        ({"decision_no": ""}, "quota_adjustment_decided_fully"),
        ({"reviewed_by": None}, "quota_adjustment_decided_fully"),
    ],
)
def test_adjustment(change: dict[str, Any], name: str) -> None:
    row = adjustment()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        QuotaAdjustment.objects.filter(pk=row.pk).update(**change)


def test_one_open_adjustment_a_year() -> None:
    row = EnterpriseFactory(active=True)
    by = officer(Role.CENTRE_CHECKER)
    services.propose_adjustment(by=by, enterprise_id=row.pk, amount=yuan(1000), reason="数据有误")
    second = QuotaAdjustment(
        enterprise=fresh(row), year=clock.today().year, amount=yuan(1), reason="数据有误", proposed_by=by
    )
    with pytest.raises(IntegrityError, match="quota_adjustment_one_open"), transaction.atomic():
        record.record(second, act="propose", by=by)
