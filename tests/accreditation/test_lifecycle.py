"""From the round to the list, through the services: a provider's way and a product's."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.states import Role
from accreditation.services import checking, filing
from accreditation.states import ApplicationState, CaseKind, RoundState
from engines.ledger import selectors as ledger
from programmes import books
from providers.models import Listing
from providers.services import offers
from providers.states import ProductState, VersionState
from tests.accreditation.support import acts
from tests.factories.accounts import make_user
from tests.factories.accreditation import Case, make_call, make_case, make_experts, make_product_case, under_review
from tests.factories.providers import ProductFactory, ProviderFactory, signatory_of

pytestmark = pytest.mark.django_db


def test_a_provider_comes_onto_the_years_list():
    call, [case] = under_review()
    assert (case.at.state, call.at.state) == ("expert_review", "reviewing")
    case.scored()
    assert (case.at.state, case.at.mean, case.at.votes_for, case.at.votes) == ("scored", Decimal("86.50"), 5, 5)
    call.recommended()
    call.decided()
    assert (case.at.state, call.at.state) == (ApplicationState.APPROVED, RoundState.DECIDED)
    call.shown()
    assert (case.at.state, call.at.state) == (ApplicationState.PUBLICITY, RoundState.PUBLICITY)
    assert case.at.publicity.last == date(2026, 3, 6)
    call.listed()
    assert (case.at.state, call.at.state) == (ApplicationState.LISTED, RoundState.LISTED)
    listing = Listing.objects.get(provider=case.at.provider)
    assert case.at.listing == listing
    assert (listing.year, listing.approval_no, listing.reference) == (
        2026,
        "桂工信纪要〔2026〕3号",
        "厅网站公示2026-001",
    )
    assert (listing.valid_from, listing.valid_to) == (date(2026, 3, 7), date(2026, 12, 31))
    assert ledger.account_id(books.CAP, str(listing.provider_id), 2026) is not None
    assert acts(case.at) == [
        "apply", "edit", "attach", "attach", "attach", "attach", "list_clients", "submit", "check", "accept",
        "draw_experts", "begin_review", "score", "recommend", "approve", "publicise", "enlist",
    ]  # fmt: skip
    assert acts(call.at) == [
        "create", "review", "approve", "publish", "close", "draw", "begin_review", "recommend", "approve_list",
        "be_decided", "publicise", "be_shown", "be_listed",
    ]  # fmt: skip


def test_a_product_comes_onto_the_shelf():
    call = make_call()
    case = make_product_case("filled", call=call)
    version = case.at.product_version
    assert version.state == VersionState.DRAFT
    case.submitted()
    version.refresh_from_db()
    assert version.state == VersionState.IN_REVIEW
    case.checked()
    case.accepted()
    make_experts(5)
    call.closed()
    call.confirmed(CaseKind.PRODUCT)
    case.scored()
    call.recommended(CaseKind.PRODUCT)
    call.decided(CaseKind.PRODUCT)
    call.shown(CaseKind.PRODUCT)
    call.listed(CaseKind.PRODUCT)
    version.refresh_from_db()
    product = version.product
    assert (case.at.state, version.state, product.state) == ("listed", VersionState.CURRENT, ProductState.ON_SHELF)
    assert (version.approval_no, product.shelf_to) == ("桂工信纪要〔2026〕3号", date(2026, 12, 31))


def test_a_returned_products_version_may_be_edited_and_goes_into_review_again():
    case = make_product_case("submitted")
    case.returned(items=[{"kind": "field", "code": "price", "what": "标价过高", "why": "高于同类"}])
    version = case.at.product_version
    assert version.state == VersionState.RETURNED
    case.submitted(answers={1: "已下调标价"})
    version.refresh_from_db()
    assert (case.at.state, version.state) == ("submitted", VersionState.IN_REVIEW)


def test_a_rejected_products_version_is_refused():
    case = make_product_case("submitted")
    case.checked()
    case.do(checking.reject, case.desk.dp, reason="常规检验服务不在使用范围。")
    assert (case.at.state, case.at.product_version.state) == ("rejected", VersionState.REJECTED)


def test_drafts_nobody_submitted_are_over_when_the_round_closes():
    call = make_call()
    draft, submitted = make_case(call=call), make_case("submitted", call=call)
    call.closed()
    assert (call.at.state, draft.at.state, submitted.at.state) == ("closed", "withdrawn", "submitted")
    assert draft.at.reason == f"征集于{call.at.closes_on}截止，未提交。"


def test_an_empty_round_ends_when_it_closes():
    call = make_call()
    call.closed()
    assert call.at.state == RoundState.ENDED


def test_a_new_round_may_be_applied_to_after_a_failure():
    call = make_call()
    case = make_case("submitted", call=call)
    case.do(filing.withdraw, case.po, reason="改报")
    again = make_case(call=call, provider=case.at.provider)
    assert again.at.state == ApplicationState.DRAFT
    assert again.at.created_at - case.at.created_at < timedelta(hours=1)


def test_a_higher_price_goes_the_same_way_and_the_old_one_holds_until_then():
    call = make_call()
    product = ProductFactory(provider=ProviderFactory(listed=True), on_shelf=True)
    before = product.current
    by = signatory_of(product.provider)
    higher = {"price": before.price + 500}
    version = offers.draft_version(by=by, product_id=product.pk, version=product.version, changes=higher)
    row = filing.apply(by=signatory_of(product.provider), round_id=call.pk, kind="product", version_id=version.pk)
    po = make_user(Role.PROVIDER_AGENT, organisation=product.provider.organisation)
    case = Case(row.pk, call, po, signatory_of(product.provider))
    for step in ("filled", "submitted", "checked", "accepted"):
        getattr(case, step)()
    make_experts(5)
    call.closed()
    call.confirmed(CaseKind.PRODUCT)
    case.scored()
    call.recommended(CaseKind.PRODUCT)
    call.decided(CaseKind.PRODUCT)
    call.shown(CaseKind.PRODUCT)
    product.refresh_from_db()
    assert (product.state, product.current) == (ProductState.ON_SHELF, before)
    call.listed(CaseKind.PRODUCT)
    product.refresh_from_db()
    before.refresh_from_db()
    assert (product.current, product.current.price) == (version, before.price + 500)
    assert before.state == VersionState.SUPERSEDED
