"""Addresses of money, rules, files and accounts."""

from __future__ import annotations

from django.urls import path

from portal.officer import (
    accounts,
    appeals,
    audit,
    budget,
    channels,
    files_of_parties,
    notices,
    payouts,
    quotas,
    statistics,
    targets,
    tasks,
)
from portal.officer.batches import acts as batch_acts
from portal.officer.batches import pages as batches
from portal.officer.batches import waiting as batches_waiting
from portal.officer.claims import acts as claim_acts
from portal.officer.claims import pages as claims
from portal.officer.claims import waiting as claims_waiting

tasks.register(*batches_waiting.KINDS, *claims_waiting.KINDS)

MONEY = [
    path("claims/", claims.claims, name="claims"),
    path("claims/<uuid:pk>/", claims.claim, name="claim"),
    path("claims/<uuid:pk>/pack.pdf", claims.pack, name="claim-pack"),
    *claim_acts.DECK.urls("claims/"),
    path("appeals/", appeals.appeals, name="appeals"),
    path("appeals/<uuid:pk>/", appeals.appeal, name="appeal"),
    *appeals.DECK.urls("appeals/"),
    path("batches/", batches.batches, name="batches"),
    path("batches/queue/", batches.queue, name="queue"),
    *batch_acts.BEGIN.urls("batches/"),
    path("batches/<uuid:pk>/", batches.batch, name="batch"),
    path("batches/<uuid:pk>/list.<slug:kind>", batches.export, name="batch-export"),
    *batch_acts.DECK.urls("batches/"),
    path("payouts/", payouts.payouts, name="payouts"),
    path("payouts/to-make/", payouts.to_make, name="payouts-to-make"),
    path("payouts/<uuid:pk>/", payouts.payout, name="payout"),
    *payouts.DECK.urls("payouts/"),
    path("budget/", budget.budget, name="budget"),
    path("budget/<int:year>/", budget.budget, name="budget-year"),
    *budget.BEGIN.urls("budget/"),
    *budget.APPROPRIATION.urls("appropriations/"),
    *budget.PAUSE.urls("suspensions/"),
    path("caps/", quotas.caps, name="caps"),
    path("settlement-accounts/", quotas.settlement_accounts, name="settlement-accounts"),
    path("settlement-accounts/<uuid:pk>/", quotas.settlement_account, name="settlement-account"),
    *quotas.ACCOUNT_DECK.urls("settlement-accounts/"),
]
RULES = [
    path("notices/", notices.notices, name="notices"),
    *notices.BEGIN.urls("notices/"),
    path("notices/<uuid:pk>/", notices.notice, name="notice"),
    path("notices/<uuid:pk>/compare/", notices.compare, name="notice-compare"),
    path("notices/<uuid:pk>/effect/", notices.effect, name="notice-effect"),
    path("notices/<uuid:pk>/file/", notices.file, name="notice-file"),
    *notices.DECK.urls("notices/"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("statistics/<int:year>/", statistics.statistics, name="statistics-year"),
    *targets.BEGIN.urls("statistics/targets/"),
    *targets.DECK.urls("statistics/targets/"),
]
FILES = [
    path("files/enterprises/", files_of_parties.enterprise_files, name="enterprise-files"),
    path("files/enterprises/<uuid:pk>/", files_of_parties.enterprise_file, name="enterprise-file"),
    path("files/providers/", files_of_parties.provider_files, name="provider-files"),
    path("files/providers/<uuid:pk>/", files_of_parties.provider_file, name="provider-file"),
    path("trail/<slug:table>/<uuid:pk>/", audit.trail, name="trail"),
    path("audit/", audit.audit, name="audit"),
    path("people/", accounts.people, name="people"),
    path("people/<uuid:pk>/", accounts.person, name="person"),
    *accounts.PERSON.urls("people/"),
    path("organisations/", accounts.organisations, name="organisations"),
    path("organisations/<uuid:pk>/", accounts.organisation, name="organisation"),
    *accounts.ORGANISATION.urls("organisations/"),
    path("announcements/", channels.announcements, name="announcements"),
    path("announcements/<int:pk>/", channels.announcement, name="announcement"),
    path("deliveries/", channels.deliveries, name="deliveries"),
    path("deliveries/<uuid:pk>/", channels.delivery, name="delivery"),
    *channels.DELIVERY.urls("deliveries/"),
]
URLS = [*MONEY, *RULES, *FILES]
