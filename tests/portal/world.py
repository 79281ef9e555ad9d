"""Who opens which page, on which row: the world of tests/house with a person of every role, and a row for each address.

The row of a deck's page and of its acts is found by the deck. Any other address with something in it gets a line
in ROWS; a page without one fails the tests of every page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import User
from accounts.selectors import announcements, visible_files
from accounts.states import ROLES_OF, OrganisationKind, Role
from accreditation.selectors import open_rounds
from contracts import selectors as contracts
from credit.services import public as strangers
from engines.files import parts
from engines.files.models import PartialUpload
from engines.publicity.models import PublicityItem
from engines.strangers import Filer
from enterprises import selectors as enterprises
from enterprises.selectors import visible_declarations
from foundation import clock
from portal.officer import tasks
from programmes.selectors import visible_objections
from providers import selectors as providers
from settlement.selectors import visible_claims
from tests.factories.accounts import make_identity, make_user
from tests.factories.accreditation import Desk, make_call
from tests.factories.contracts import PDF, Parties
from tests.factories.credit import make_complaint, make_record
from tests.house.world import World, make_world
from tests.portal.pages import Page, pages

PARTY_ROLES = ROLES_OF[OrganisationKind.ENTERPRISE] | ROLES_OF[OrganisationKind.PROVIDER]


@dataclass
class Stage:
    """The world of the house with a person of each role: the parties' are those whose rows it has."""

    world: World
    people: dict[Role, User]
    more: dict[str, models.Model] = field(default_factory=dict)

    def pk(self, collection: str) -> Any:
        return self.world.rows[collection].pk


Given = dict[str, Any]
# what goes into an address, by its name; gets the stage and who opens it
ROWS: dict[str, Callable[[Stage, User | None], Given | None]] = {
    "notice": lambda stage, by: {"pk": stage.world.parties.product.notice_id},
    "notice-changes": lambda stage, by: {"pk": stage.world.parties.product.notice_id},
    "publicity": lambda stage, by: {"pk": _objected(stage).publicity_id},
    "objection": lambda stage, by: {"pk": _objected(stage).publicity_id, "item": _objected(stage).pk},
    "budget-year": lambda stage, by: {"year": stage.world.parties.product.notice.year},
    "demand": lambda stage, by: {"pk": stage.pk("demand-board")},
    "product": lambda stage, by: {"pk": stage.world.parties.product.pk},
    "provider": lambda stage, by: {"pk": stage.world.parties.provider.pk},
    "call": lambda stage, by: _pk(open_rounds(AnonymousUser(), clock.today())),
    "call-file": lambda stage, by: _pk(open_rounds(AnonymousUser(), clock.today()).exclude(notice_file=None)),
    "live-poll": lambda stage, by: {"topic": "budget"},
    "guide": lambda stage, by: {"code": "provider"},
    "file": lambda stage, by: _pk(visible_files(by)),
    "upload-part": lambda stage, by: _pk(PartialUpload.objects.filter(uploaded_by=by.actor_id)),
    "enterprise:check": lambda stage, by: {"what": "uscc"},
    "enterprise:register-step": lambda stage, by: {"code": "unit"},
    "enterprise:register-keep": lambda stage, by: {"code": "unit"},
    "officer:declaration": lambda stage, by: _pk(visible_declarations(by)),
    "officer:objection-identity": lambda stage, by: _pk(visible_objections(by)),
    "officer:objection-letter": lambda stage, by: _pk(visible_objections(by)),
    "officer:complaint-identity": lambda stage, by: {"pk": stage.more["strangers_complaint"].pk},
    "contract-text": lambda stage, by: _pk(contracts.visible_to(by)),
    "archive": lambda stage, by: {"pk": stage.pk("contracts")},
    "archive-download": lambda stage, by: {"pk": stage.pk("contracts")},
    "message-seen": lambda stage, by: {"pk": stage.pk("messages")},
    "response-say": lambda stage, by: {"pk": stage.pk("demand-responses")},
    "response-seen": lambda stage, by: {"pk": stage.pk("demand-responses")},
    "webhook-secret": lambda stage, by: {"pk": stage.pk("webhooks")},
    "delivery-again": lambda stage, by: {"pk": stage.pk("deliveries")},
    "officer:bulk": lambda stage, by: _bulk(by),
    "officer:claim-pack": lambda stage, by: {"pk": stage.pk("claims")},
    "officer:batch-export": lambda stage, by: {"pk": stage.pk("batches"), "kind": "xlsx"},
    "officer:budget-year": lambda stage, by: {"year": stage.world.parties.product.notice.year},
    "officer:statistics-year": lambda stage, by: {"year": stage.world.parties.product.notice.year},
    "officer:notice-compare": lambda stage, by: {"pk": stage.world.parties.product.notice_id},
    "officer:notice-effect": lambda stage, by: {"pk": stage.world.parties.product.notice_id},
    "officer:notice-file": lambda stage, by: {"pk": stage.world.parties.product.notice_id},
    "officer:enterprise-file": lambda stage, by: _pk(enterprises.visible_to(by)),
    "officer:provider-file": lambda stage, by: _pk(providers.visible_profiles(by)),
    "officer:trail": lambda stage, by: _trail(stage, by),  # noqa: PLW0108 - it stands below
    "officer:announcement": lambda stage, by: _pk(announcements(by)),
    "provider:register-step": lambda stage, by: {"number": 1},
    "provider:register-keep": lambda stage, by: {"number": 1},
    "provider:claim-pack": lambda stage, by: {"pk": stage.pk("claims")},
    "provider:account": lambda stage, by: {"pk": stage.pk("providers/accounts")},
}


def _objected(stage: Stage) -> PublicityItem:
    """What the world's objection is about: it stands on a list that everybody sees."""
    item: PublicityItem = stage.world.rows["objections"].item
    return item


def _bulk(by: User | None) -> Given | None:
    """A kind of work that the person may do several of at once."""
    kinds = [one for one in tasks.kinds_of(by) if one.bulk is not None] if by is not None else []
    return {"code": kinds[0].code} if kinds else None


def _trail(stage: Stage, by: User | None) -> Given | None:
    """The chain of a claim, for who may see the claim or audits."""
    claim = stage.world.rows["claims"]
    seen = by is not None and (by.has(Role.AUDITOR) or visible_claims(by).filter(pk=claim.pk).exists())
    return {"table": claim._meta.db_table, "pk": claim.pk} if seen else None


def _pk(rows: Any) -> Given | None:
    """The first of the rows, as an address names it."""
    row = rows.first()
    return {"pk": row.pk} if row is not None else None


def make_stage() -> Stage:
    """Everybody, and a row of every kind."""
    world = make_world()
    parties = world.parties
    people = {
        Role.ENTERPRISE_AGENT: parties.eo,
        Role.ENTERPRISE_SIGNATORY: parties.el,
        Role.PROVIDER_AGENT: parties.po,
        Role.PROVIDER_SIGNATORY: parties.pl,
        Role.EXPERT: world.rows["accreditation/experts"].user,
    }
    for role in Role:
        if role not in people:
            people[role] = make_user(role)
    for user in people.values():
        _upload(user)
    make_record(uscc=parties.enterprise.uscc, blocks=False)
    return Stage(world, people, of_the_provider(parties))


def of_the_provider(parties: Parties) -> dict[str, models.Model]:
    """What only a provider's pages show: a round that is open, a complaint it was told of."""
    desk = Desk()
    make_call(desk=desk, notice_file=_upload(desk.co))
    return {
        "complaint": make_complaint("accepted", against=parties.provider.organisation),
        "strangers_complaint": of_a_stranger(parties.provider.organisation.uscc or ""),
    }


def of_a_stranger(uscc: str) -> models.Model:
    """A complaint by somebody without an account: who it was lies sealed."""
    who = Filer(kind="person", name="李实名", identity=make_identity(), phone="10012345678", email="", address="")
    return strangers.file(filer=who, uscc=uscc, facts="2026年2月8日约定的讲师未到场。")


def _upload(by: User) -> UUID | None:
    """A file that came whole in one part; its key."""
    upload = parts.begin(name="a.pdf", size=len(PDF), by=by, organisation_id=by.organisation_id, purpose="evidence")
    parts.append(upload_id=upload.pk, by=by, offset=0, read=BytesIO(PDF).read)
    return PartialUpload.objects.get(pk=upload.pk).file_id


def given(page: Page, stage: Stage, by: User | None) -> Given | None:
    """What the page's address needs, for that person; None where the person has no row to open it on."""
    needs = [one for one in page.needs if one != "act" or page.act is None]
    if not needs:
        return {}
    if page.name in ROWS:
        return ROWS[page.name](stage, by)
    deck = page.deck or _decks().get(page.name)
    if deck is None or deck.rows is None or by is None:
        raise LookupError(f"{page}: give its address something in tests/portal/world.py: {', '.join(needs)}")
    row = deck.rows(by).first()
    return {"pk": row.pk} if row is not None else None


def _decks() -> dict[str, Any]:
    return {page.deck.name: page.deck for page in pages() if page.deck is not None}


def openings(page: Page, stage: Stage) -> list[tuple[Role | None, Given]]:
    """Who may open the page, each with an address that exists for that person. Raises LookupError where nobody can."""
    if page.roles is None:
        return [(None, given(page, stage, None) or {})]
    found = [(role, kwargs) for role in page.roles if (kwargs := given(page, stage, stage.people[role])) is not None]
    if not found:
        raise LookupError(f"{page}: nobody of {page.roles} has a row; make one in tests/portal/world.py")
    return found


AREAS = (
    frozenset(ROLES_OF[OrganisationKind.ENTERPRISE]),
    frozenset(ROLES_OF[OrganisationKind.PROVIDER]),
    frozenset(Role) - PARTY_ROLES,
)


def one_of_each_area(found: list[tuple[Role | None, Given]]) -> list[tuple[Role | None, Given]]:
    """The first who may open it of the enterprises, of the providers and of the offices: each has a frame of its own."""
    if found[0][0] is None:
        return found[:1]
    firsts = [next((one for one in found if one[0] in area), None) for area in AREAS]
    return [one for one in firsts if one is not None]
