"""Pages that everybody may open."""

from __future__ import annotations

from django.urls import path

from portal.public import (
    board,
    budget,
    calculator,
    calls,
    care,
    catalogue,
    complaints,
    directory,
    guides,
    home,
    notices,
    objections,
    pages,
    publicities,
    sign_in,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("notices/", notices.notices, name="notices"),
    path("notices/current/", guides.current_notice, name="current-notice"),
    path("notices/<uuid:pk>/", notices.notice, name="notice"),
    path("notices/<uuid:pk>/changes/", notices.changes, name="notice-changes"),
    path("calls/", calls.calls, name="calls"),
    path("calls/<uuid:pk>/", calls.call, name="call"),
    path("publicities/", publicities.publicities, name="publicities"),
    path("publicities/<uuid:pk>/", publicities.publicity, name="publicity"),
    path("publicities/<uuid:pk>/items/<uuid:item>/objection/", objections.objection, name="objection"),
    path("objections/", objections.follow, name="objections"),
    path("budget/", budget.budget, name="budget-now"),
    path("budget/<int:year>/", budget.budget, name="budget-year"),
    path("board/", board.board, name="board"),
    path("board/<uuid:pk>/", board.demand, name="demand"),
    path("products/", catalogue.products, name="products"),
    path("products/compare/", catalogue.compare, name="products-compare"),
    path("products/<uuid:pk>/", catalogue.product, name="product"),
    path("providers/", directory.providers, name="providers"),
    path("providers/<uuid:pk>/", directory.provider, name="provider"),
    path("calculator/", calculator.calculator, name="calculator"),
    path("complaints/", complaints.complaint, name="complain"),
    path("complaints/status/", complaints.follow, name="complaint-follow"),
    path("guides/", guides.guides, name="guides"),
    path("guides/<slug:code>/", guides.guide, name="guide"),
    path("measures/", guides.measures, name="measures"),
    path("register/", pages.register, name="register"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("privacy/", pages.privacy, name="privacy"),
    path("site-map/", pages.site_map, name="site-map"),
    path("care/", care.switch, name="care"),
    path("sign-in/", sign_in.enter, name="sign-in"),
    path("sign-out/", sign_in.leave, name="sign-out"),
]
