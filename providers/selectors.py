"""Reads about providers, their standing, products, accounts and cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.states import OFFICERS, OrganisationKind, Role
from credit import selectors as credit
from engines.ledger import selectors as ledger
from engines.ledger.selectors import Balance
from foundation import clock
from foundation.errors import Forbidden
from foundation.money import ZERO
from foundation.statements import Given
from programmes import books
from programmes.models import Notice
from providers import precheck
from providers.models import Bar, Listing, Product, ProductVersion, Provider, SettlementAccount
from providers.states import VERSION_OPEN, AccountState, BarState, ListingState, ProductState, VersionState


@dataclass(frozen=True)
class CapFigures:
    """One provider's cap of one service year, in 元. `left` is what new contracts may still carry."""

    year: int
    cap: Decimal = ZERO
    reserved: Decimal = ZERO
    committed: Decimal = ZERO
    due: Decimal = ZERO
    consumed: Decimal = ZERO
    left: Decimal = ZERO

    @property
    def used(self) -> Decimal:
        """Settled, awaiting settlement, and bound by contracts (8-18)."""
        return self.cap - self.left

    @property
    def share(self) -> Decimal:
        """The used part, 0 to 1, cut to four places; 0 while no cap is open."""
        part = self.used / self.cap if self.cap else ZERO
        return part.quantize(Decimal("0.0001"), rounding=ROUND_DOWN)


def own(user: User) -> Provider:
    """The provider the caller acts for. Raises NOT_A_PROVIDER when he acts for none."""
    provider = Provider.objects.filter(organisation_id=user.organisation_id).first()
    if provider is None:
        raise Forbidden("NOT_A_PROVIDER", "您所在单位未登记为服务机构，不能办理此事项。")
    return provider


def listing(provider_id: UUID, day: date) -> Listing | None:
    """The listing in force on `day`: what lets the provider start a contract (第十五条)."""
    return listings(day).filter(provider_id=provider_id).select_related("notice", "provider").first()


def is_listed(provider_id: UUID, day: date) -> bool:
    """Whether the provider may start a contract on `day`."""
    return listings(day).filter(provider_id=provider_id).exists()


def listings(day: date | Given) -> models.QuerySet[Listing]:
    """Every listing in force on `day`."""
    return Listing.objects.filter(state=ListingState.LISTED, valid_from__lte=day, valid_to__gte=day)


def settlement_account(provider_id: UUID, day: date) -> SettlementAccount | None:
    """Where the provider is paid on `day`: the approved account that took effect last (8-48)."""
    return (
        SettlementAccount.objects.filter(provider_id=provider_id, state=AccountState.APPROVED, effective_on__lte=day)
        .order_by("-effective_on", "-pk")
        .first()
    )


def is_barred(uscc: str) -> bool:
    """The code may never apply again (第十六条)."""
    return Bar.objects.filter(uscc=uscc, state=BarState.DECIDED).exists()


def cap_figures(provider_id: UUID, year: int) -> CapFigures:
    """The year's cap as the ledger has it; zeros before the provider was listed."""
    account = ledger.account_id(books.CAP, str(provider_id), year)
    if account is None:
        return CapFigures(year)
    return _cap(year, ledger.balance(account))


def caps_of(provider_ids: Sequence[UUID], year: int) -> dict[UUID, CapFigures]:
    """The caps of all of them in a fixed number of queries; zeros for who was not listed yet."""
    held = ledger.balances_of(books.CAP, [str(pk) for pk in provider_ids], year)
    return {pk: _cap(year, held[str(pk)]) if str(pk) in held else CapFigures(year) for pk in provider_ids}


@dataclass(frozen=True)
class OverCap:
    """A provider that has used more of its year than another cap would give. In 元."""

    provider_id: UUID
    name: str
    used: Decimal


def near_cap(notice: Notice) -> list[UUID]:
    """Who has used as much of the notice's year as its warning says, those with nothing left among them."""
    found = {
        held.account
        for held in ledger.balances(books.CAP, notice.year)
        if held.issued and _cap(notice.year, held).share >= notice.parsed.cap_warning
    }
    return [UUID(owner) for owner in ledger.owners(found).values()]


def over_cap(cap: Decimal, year: int) -> list[OverCap]:
    """Who has used more than `cap` of the year already: what is used stays, and nothing more may be signed."""
    used = {
        account: held.issued - held.available
        for account, held in ((one.account, one) for one in ledger.balances(books.CAP, year))
        if held.issued - held.available > cap
    }
    owners = {UUID(owner): used[pk] for pk, owner in ledger.owners(used).items()}
    rows = Provider.objects.filter(pk__in=owners).order_by("name")
    return [OverCap(row.pk, row.name, owners[row.pk]) for row in rows]


def _cap(year: int, balance: Balance) -> CapFigures:
    return CapFigures(
        year=year,
        cap=balance.issued,
        reserved=balance.reserved,
        committed=balance.committed,
        due=balance.due,
        consumed=balance.consumed,
        left=balance.available,
    )


def visible_providers(user: User | AnonymousUser) -> models.QuerySet[Provider]:
    """Everybody sees who is listed today and not kept out by its credit file; a provider itself, a city its own,
    officers all."""
    rows = Provider.objects.all()
    if _sees_all(user):
        return rows
    today = clock.today()
    is_listed = Exists(listings(today).filter(provider=OuterRef("pk")))
    return rows.filter(models.Q(is_listed) & ~credit.is_blocked("uscc", today) | _own(user, ""))


def with_listing(rows: models.QuerySet[Provider]) -> models.QuerySet[Provider]:
    """Each with `listed_until`, null when not listed today."""
    today = listings(clock.today()).filter(provider=OuterRef("pk"))
    return rows.annotate(listed_until=models.Subquery(today.values("valid_to")[:1]))


def visible_profiles(user: User) -> models.QuerySet[Provider]:
    """Whose whole record the caller may read: his own; officers all; a city its own."""
    rows = Provider.objects.all()
    return rows if _sees_all(user) else rows.filter(_own(user, ""))


def visible_listings(user: User) -> models.QuerySet[Listing]:
    """A provider its own, a city its own, officers all."""
    rows = Listing.objects.select_related("provider", "notice").defer("notice__rules")
    return rows if _sees_all(user) else rows.filter(_own(user, "provider__"))


def visible_products(user: User | AnonymousUser) -> models.QuerySet[Product]:
    """The catalogue (on shelf, of the providers everybody sees) for everybody; a provider its own, officers all.

    Each with `change_pending`: whether a version is in review, told to those who may read its dossier.
    """
    rows = Product.objects.select_related("provider", "notice", "current").defer("notice__rules")
    in_review = Exists(ProductVersion.objects.filter(product=OuterRef("pk"), state=VersionState.IN_REVIEW))
    if _sees_all(user):
        return rows.annotate(change_pending=in_review)
    today = clock.today()
    is_listed = Exists(listings(today).filter(provider=OuterRef("provider")))
    on_shelf = models.Q(state=ProductState.ON_SHELF, shelf_from__lte=today, shelf_to__gte=today)
    own = _own(user, "provider__")
    pending = models.Case(models.When(own & models.Q(in_review), then=True), default=False)
    shown = on_shelf & models.Q(is_listed) & ~credit.is_blocked("provider__uscc", today)
    return rows.filter(shown | own).annotate(change_pending=pending)


def visible_dossiers(user: User) -> models.QuerySet[Product]:
    """Products whose trail the caller may read: a provider its own, officers all; the catalogue does not count."""
    rows = Product.objects.all()
    return rows if _sees_all(user) else rows.filter(_own(user, "provider__"))


def visible_versions(user: User) -> models.QuerySet[ProductVersion]:
    """Every version, drafts and proofs included: a provider its own, a city its own, officers all."""
    rows = ProductVersion.objects.select_related("product__provider", "notice").defer("notice__rules")
    return rows if _sees_all(user) else rows.filter(_own(user, "product__provider__"))


def prices(product: Product) -> models.QuerySet[ProductVersion]:
    """The versions that were on the shelf, oldest first: what the product cost from when to when."""
    return ProductVersion.objects.filter(product=product, shelved_at__isnull=False).order_by("shelved_at", "number")


def version_on_shelf(product_id: UUID) -> ProductVersion | None:
    """The product's current version: the terms that a contract made now copies."""
    return ProductVersion.objects.filter(product_id=product_id, state=VersionState.CURRENT).first()


def open_version(product: Product) -> ProductVersion | None:
    """The version under way (draft, returned or in review), of which a product has one at most."""
    return ProductVersion.objects.filter(product=product, state__in=sorted(VERSION_OPEN)).first()


def figures(version: ProductVersion) -> precheck.Figures:
    """What the shelf tells a pre-check of `version`: prices of its category and the provider's other products."""
    others = Product.objects.exclude(pk=version.product_id)
    on_shelf = others.filter(state=ProductState.ON_SHELF, category=version.category)
    own = ProductVersion.objects.filter(
        product__in=others.filter(provider_id=version.product.provider_id).exclude(state=ProductState.OFF_SHELF)
    ).exclude(state__in=(VersionState.WITHDRAWN, VersionState.REJECTED, VersionState.SUPERSEDED))
    return precheck.Figures(
        prices=tuple(on_shelf.order_by("pk").values_list("current__price", flat=True)),
        own=tuple(
            precheck.Own(row.name, precheck.text_of(row.aim, row.functions, row.deliverables))
            for row in own.only("name", "aim", "functions", "deliverables").order_by("pk")
        ),
    )


def visible_accounts(user: User) -> models.QuerySet[SettlementAccount]:
    """A provider its own, officers all; nobody else."""
    rows = SettlementAccount.objects.select_related("provider")
    if user.has(*OFFICERS):
        return rows
    return rows.filter(provider__organisation_id=user.organisation_id)


def visible_bars(user: User) -> models.QuerySet[Bar]:
    """Officers only."""
    rows = Bar.objects.select_related("provider")
    return rows if user.has(*OFFICERS) else rows.none()


def _sees_all(user: User | AnonymousUser) -> bool:
    return isinstance(user, User) and user.has(*OFFICERS)


def _own(user: User | AnonymousUser, prefix: str) -> models.Q:
    """What belongs to the caller's own house; nothing for the public."""
    if not isinstance(user, User):
        return models.Q(pk__in=[])
    if user.has(Role.CITY):
        return models.Q(**{f"{prefix}region_code__startswith": user.organisation.city[:4]})
    if user.organisation.kind != OrganisationKind.PROVIDER:
        return models.Q(pk__in=[])
    return models.Q(**{f"{prefix}organisation_id": user.organisation_id})
