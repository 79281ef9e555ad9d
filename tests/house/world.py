"""One rich world: a row of every kind, in the hands of one enterprise and one provider, and strangers beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from accounts.models import User
from accounts.services import letters
from accounts.states import OFFICERS, Role
from contracts.models import Contract
from contracts.services import changes, endings
from contracts.states import Fault, PaymentKind
from credit.services import commit
from demands.states import DemandState
from engines.notifications import services as notifications
from engines.notifications.models import Message
from engines.publicity import kinds
from enterprises import services as enterprises
from foundation import clock
from programmes import services as programmes
from programmes.services import objections
from programmes.states import AppropriationState, NoticeState
from providers.services import standing
from registry.states import RosterKind, TitleState
from tests.factories.accounts import make_uscc, make_user, officer
from tests.factories.accreditation import a_row_of_each
from tests.factories.contracts import STEPS, Deal, Parties, make_contract, make_parties, make_permit, make_query, upload
from tests.factories.credit import make_complaint, make_record
from tests.factories.demands import DemandFactory, ResponseFactory, SynonymFactory
from tests.factories.enterprises import EnterpriseFactory, declare, make_dispute, tie
from tests.factories.notifications import make_delivery, make_endpoint, say
from tests.factories.programmes import appropriate, publish_revision
from tests.factories.providers import ListingFactory, ProductFactory, ProviderFactory, SettlementAccountFactory
from tests.factories.publicity import Notes, items, make_case, make_publicity
from tests.factories.publicity import upload as paper
from tests.factories.registry import make_roster, make_title
from tests.factories.settlement import make_batch, make_claim, make_payout


@dataclass
class World:
    """`rows` names a row of each collection; all of them are of `parties` or of the administration."""

    parties: Parties
    rows: dict[str, models.Model]

    def pk(self, collection: str) -> UUID:
        return self.rows[collection].pk

    def version(self, collection: str) -> int:
        row = self.rows[collection]
        row.refresh_from_db()
        return getattr(row, "version", 1)


def make_world() -> World:
    """One row of each collection of the API."""
    parties = make_parties()
    deal = make_contract("confirmed", parties=parties)
    make_contract("confirmed", parties=parties)  # nothing is claimed of it yet
    changing, ending = (make_contract("effective", parties=parties) for _ in range(2))
    supplement = changing.do(
        changes.propose, parties.el, amount=Decimal("12500.00"), voucher=Decimal("9000.00"),
        end_date=changing.at.end_date, reason="金额调整",
    )  # fmt: skip
    termination = ending.do(endings.request_termination, parties.el, fault=Fault.NONE, reason="需求取消")
    others = {"supplements": supplement, "terminations": termination, "appeals": _appeal(parties)}
    return World(parties, _own(deal) | _offices(parties) | _matching(parties) | others)


def _appeal(parties: Parties) -> models.Model:
    contested = make_claim("reviewed", deal=make_contract("confirmed", parties=parties))
    contested.refused()
    return contested.appealed()


def _own(deal: Deal) -> dict[str, models.Model]:
    parties = deal.parties
    query, invoice = make_query(deal), deal.invoiced()
    pay = make_payout(case=make_batch("paying", cases=[make_claim("passed", deal=deal)]).cases[0])
    return {
        "contracts": deal.at,
        "payments": deal.order(PaymentKind.DEPOSIT),
        "invoices": invoice,
        "evidence-queries": query,
        "claims": pay.case.at,
        "batches": pay.case.batch,
        "payouts": pay.at,
        "enterprises": parties.enterprise,
        "passport-disputes": make_dispute(parties.enterprise, by=parties.eo, file_ids=[upload(parties.eo).pk]),
        "relation-declarations": declare(parties.enterprise, tie(make_uscc())),
        "providers": ProviderFactory(),
        "products": (product := ProductFactory(provider=parties.provider)),
        "products/versions": product.versions.get(),
        "providers/listings": ListingFactory(provider=parties.provider, year=clock.today().year + 1),
        "providers/accounts": SettlementAccountFactory(provider=parties.provider, account_number="0000001111112222"),
        "files": upload(parties.po),
        "users": parties.eo,
        "letters": letters.record(
            by=parties.el,
            user_id=parties.el.pk,
            role=Role.ENTERPRISE_SIGNATORY,
            file_id=upload(parties.el, "letter").pk,
            valid_from=clock.today(),
        ),
        "organisations": parties.enterprise.organisation,
        "messages": _message(parties),
        **_notices(parties),
    }


def _matching(parties: Parties) -> dict[str, models.Model]:
    shown = DemandFactory(enterprise=parties.enterprise, state=DemandState.PUBLISHED)
    return {
        "demands": DemandFactory(enterprise=parties.enterprise),
        "demand-board": shown,
        "demand-responses": ResponseFactory(demand=shown, provider=parties.provider),
        "synonyms": SynonymFactory(),
    }


def _offices(parties: Parties) -> dict[str, models.Model]:
    year = clock.today().year
    return {
        "providers/bars": standing.propose_bar(
            by=officer(Role.DEPARTMENT), provider_id=parties.provider.pk, grounds="瞒报业绩"
        ),
        "quota-adjustments": enterprises.propose_adjustment(
            by=officer(Role.CENTRE_CHECKER),
            enterprise_id=parties.enterprise.pk,
            amount=Decimal("1000.00"),
            reason="有误",
        ),
        "registry/titles": make_title(parties.enterprise.uscc, "innovative_sme", state=TitleState.RECORDED),
        "registry/imports": make_roster(RosterKind.DISHONEST, f"{make_uscc()},2025-01-01,,某法院", confirmed=False),
        "appropriations": appropriate(year, "1000000.00", state=AppropriationState.RECORDED),
        "performance-targets": programmes.draft_targets(
            by=officer(Role.DEPARTMENT), year=year, doc_no="桂工信〔示例〕8号", targets={"contracts": Decimal(300)}
        ),
        "notices": publish_revision(year, state=NoticeState.DRAFT),
        "complaints": make_complaint(filer=parties.eo, against=parties.provider.organisation),
        "credit-records": make_record("proposed"),
        "commitments": commit(by=parties.el),
        "related-permits": make_permit("proposed", parties=parties),
        "suspensions": programmes.suspend_manually(by=officer(Role.DEPARTMENT), year=year, reason="年中调整"),
        **_publicities(),
        **a_row_of_each(parties.provider),
    }


def _publicities() -> dict[str, models.Model]:
    """A list that begins tomorrow, so that strangers do not see it, and an objection against one that is shown."""
    kinds.register(Notes().kind())
    coming = make_publicity(2, first=clock.today() + timedelta(days=1))
    case = make_case()
    objections.attach(receipt=case.at.number, secret=case.receipt.secret, upload=paper())
    return {
        "publicities": coming,
        "publicity-items": items(coming)[0],
        "objections": case.at,
        "objection-files": case.at.files.get(),
    }


def _notices(parties: Parties) -> dict[str, models.Model]:
    endpoint = make_endpoint(parties.enterprise.organisation)
    announced = say([parties.enterprise.organisation_id], topic="signing_resumed", must_read=True)
    notifications.relay()
    return {"webhooks": endpoint, "deliveries": make_delivery(endpoint), "announcements": announced}


def _message(parties: Parties) -> Message:
    organisation = parties.enterprise.organisation
    notifications.relay()
    message = Message.objects.filter(organisation_id=organisation.pk).first()
    assert message is not None
    return message


def contracts_in_every_state(parties: Parties) -> Iterator[Contract]:
    """One contract that stopped at each step of the thread."""
    for step in ("draft", *STEPS):
        yield make_contract(step, parties=parties, amount="1250.00").at


def whole_house(party: User) -> User:
    """A colleague of `party` with every officer's role beside both of the party's: no permission stops him early."""
    return make_user(
        Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY, Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY, *OFFICERS,
        organisation=party.organisation,
    )  # fmt: skip


def strangers() -> list[User]:
    """Agent and signatory of another enterprise, and of another listed provider."""
    enterprise, provider = EnterpriseFactory(active=True), ProviderFactory(listed=True)
    return [
        make_user(Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY, organisation=enterprise.organisation),
        make_user(Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY, organisation=provider.organisation),
    ]


def picture() -> dict[str, Any]:
    """How many rows each table has, and a digest of all they say."""
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
                for table in sorted(connection.introspection.django_table_names(only_existing=True))
            )
        )
        return {table: (rows, digest) for table, rows, digest in cursor.fetchall()}
