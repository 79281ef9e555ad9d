"""Two at once: one grant, one cap, one winner; and a loss never takes what a contract is just holding."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.states import Role
from engines.ledger import services as ledger
from engines.ledger.selectors import balance, recompute
from enterprises import services
from enterprises.models import QuotaGrant
from foundation import clock
from programmes import books
from providers.services import open_cap
from tests.enterprises.support import quota_balance, signatory, yuan
from tests.factories.accounts import TESTER, officer
from tests.factories.enterprises import EnterpriseFactory, give_title
from tests.factories.programmes import open_year
from tests.factories.providers import ProviderFactory, notice_of
from tests.threads import answers_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_many_regrades_at_once_make_one_grant() -> None:
    row = EnterpriseFactory(active=True, tier="5")
    give_title(row, "little_giant")
    answers = answers_of(*[lambda: services.regrade(by=TESTER, enterprise_id=row.pk)] * 6)
    assert [answer.kind for answer in answers if answer is not None] == ["upgrade"]
    assert quota_balance(row).issued == yuan(300000)


def test_two_reviewers_confirm_and_one_wins() -> None:
    open_year(clock.today().year)
    draft = EnterpriseFactory()
    row = services.submit(by=signatory(draft), enterprise_id=draft.pk, version=1)
    row = services.check(by=officer(Role.CENTRE_CHECKER), enterprise_id=row.pk, version=row.version)
    reviewers = [officer(Role.CENTRE_REVIEWER) for _ in range(2)]
    answers = answers_of(
        *[lambda by=by: services.confirm(by=by, enterprise_id=row.pk, version=row.version).state for by in reviewers]
    )
    assert sorted(answers) == ["VERSION_CONFLICT", "active"]
    assert QuotaGrant.objects.count() == 1


@pytest.mark.parametrize("_round", range(4))
def test_a_loss_and_a_hold_at_once_leave_nothing_uncovered(_round: int) -> None:
    row = EnterpriseFactory(active=True, tier="5")
    holding = give_title(row, "little_giant")
    services.regrade(by=TESTER, enterprise_id=row.pk)
    account = books.quota(row.pk, clock.today().year)
    department = officer(Role.DEPARTMENT)
    answers = answers_of(
        lambda: (
            services.revoke_title(
                by=department, title_id=holding.pk, version=1, revoked_on=clock.today(), reason="公告撤销"
            ).state
        ),
        lambda: len(ledger.hold(hold=uuid4(), accounts=[account], amount=yuan(200000), by=TESTER)),
    )
    balance = quota_balance(row)
    assert answers[0] == "revoked"
    assert (answers[1], balance.reserved, balance.issued) in (
        (1, yuan(200000), yuan(200000)),  # the hold came first: it keeps what it took, nothing else is left
        ("LEDGER_SHORT", yuan(0), yuan(50000)),  # the loss came first
    )
    assert recompute() == []


def test_a_cap_opened_from_many_sides_is_issued_once() -> None:
    provider, year = ProviderFactory(), clock.today().year
    notice = notice_of(year)
    answers = answers_of(*[lambda: open_cap(provider_id=provider.pk, year=year, by=TESTER)] * 6)
    assert len(set(answers)) == 1
    assert balance(answers[0]).issued == notice.parsed.provider_cap


def test_submitted_three_times_at_once_is_submitted_once() -> None:
    row = EnterpriseFactory()
    by = signatory(row)
    answers = answers_of(*[lambda: services.submit(by=by, enterprise_id=row.pk, version=1).state for _ in range(3)])
    assert sorted(answers) == ["VERSION_CONFLICT", "VERSION_CONFLICT", "auto_ok"]
