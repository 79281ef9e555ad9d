"""The evidence in words: the whole log for the 审计管理员, and the chain of one record for who may see the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import models
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts import selectors
from accounts.models import User
from accounts.states import Role
from accreditation import selectors as accreditation
from contracts import selectors as contracts
from credit import selectors as credit
from demands import selectors as demands
from engines.evidence import selectors as evidence
from engines.evidence.models import EvidenceRecord
from enterprises import selectors as enterprises
from foundation import clock
from foundation.errors import not_found
from portal import acts, nav
from portal.kit.access import OFFICES, Asked, may_open, pages_for
from portal.kit.lists import Column, Filter, Listing
from portal.officer import logged
from programmes import policies as programme_policies
from programmes import selectors as programmes
from providers import selectors as providers
from registry import selectors as registry
from settlement import selectors as settlement

Seen = Callable[[User], models.QuerySet[Any]]


def _publicities(by: User) -> models.QuerySet[Any]:
    rows = programmes.visible_publicities(by)
    return rows if programme_policies.may_see_publicity_trail(by) else rows.none()


# which rows of a table the person may see; a table that is not named here only the auditor reads
SEEN: dict[str, Seen] = {
    "settlement_claim": settlement.visible_claims,
    "settlement_appeal": settlement.visible_appeals,
    "settlement_batch": settlement.visible_batches,
    "settlement_payoutorder": settlement.visible_payouts,
    "contracts_contract": contracts.visible_to,
    "contracts_supplement": contracts.visible_supplements,
    "contracts_termination": contracts.visible_terminations,
    "contracts_paymentorder": contracts.visible_payments,
    "contracts_invoice": contracts.visible_invoices,
    "contracts_evidencequery": contracts.visible_queries,
    "contracts_relatedpermit": contracts.visible_permits,
    "enterprises_enterprise": enterprises.visible_to,
    "enterprises_quotaadjustment": enterprises.visible_adjustments,
    "enterprises_passportdispute": enterprises.visible_disputes,
    "enterprises_relationdeclaration": enterprises.visible_declarations,
    "providers_provider": providers.visible_profiles,
    "providers_listing": providers.visible_listings,
    "providers_product": providers.visible_dossiers,
    "providers_productversion": providers.visible_versions,
    "providers_settlementaccount": providers.visible_accounts,
    "providers_bar": providers.visible_bars,
    "programmes_notice": programmes.visible_notices,
    "programmes_appropriation": programmes.visible_appropriations,
    "programmes_targetset": programmes.visible_targets,
    "programmes_suspension": lambda by: programmes.every_suspension(),
    "publicity_publicity": _publicities,
    "publicity_objection": programmes.visible_objections,
    "credit_complaint": credit.visible_complaints,
    "credit_creditrecord": credit.visible_records,
    "demands_demand": demands.visible_demands,
    "registry_titleholding": registry.visible_titles,
    "registry_rosterimport": registry.visible_rosters,
    "accreditation_application": accreditation.visible_applications,
    "accreditation_panel": accreditation.visible_panels,
    "accreditation_expert": accreditation.visible_experts,
}


# where a record of a table is read: the address's name, and whose key it takes
PAGES: dict[str, tuple[str, str]] = {
    "settlement_claim": ("officer:claim", "pk"),
    "settlement_appeal": ("officer:appeal", "pk"),
    "settlement_batch": ("officer:batch", "pk"),
    "settlement_payoutorder": ("officer:payout", "pk"),
    "contracts_contract": ("contract", "pk"),
    "contracts_supplement": ("contract", "contract_id"),
    "contracts_termination": ("contract", "contract_id"),
    "contracts_paymentorder": ("contract", "contract_id"),
    "contracts_invoice": ("contract", "contract_id"),
    "contracts_evidencequery": ("contract", "contract_id"),
    "contracts_relatedpermit": ("permit", "pk"),
    "enterprises_enterprise": ("officer:enterprise", "pk"),
    "enterprises_quotaadjustment": ("officer:adjustment", "pk"),
    "enterprises_passportdispute": ("officer:dispute", "pk"),
    "enterprises_relationdeclaration": ("officer:declaration", "pk"),
    "providers_provider": ("officer:provider-file", "pk"),
    "providers_listing": ("officer:provider-file", "provider_id"),
    "providers_product": ("officer:provider-file", "provider_id"),
    "providers_productversion": ("officer:provider-file", "product__provider_id"),
    "providers_settlementaccount": ("officer:settlement-account", "pk"),
    "providers_bar": ("officer:bar", "pk"),
    "programmes_notice": ("officer:notice", "pk"),
    "programmes_appropriation": ("officer:budget-year", "year"),
    "programmes_targetset": ("officer:statistics-year", "year"),
    "programmes_suspension": ("officer:budget-year", "year"),
    "publicity_publicity": ("officer:publicity", "pk"),
    "publicity_objection": ("officer:objection", "pk"),
    "credit_complaint": ("officer:complaint", "pk"),
    "credit_creditrecord": ("officer:credit-record", "pk"),
    "demands_demand": ("officer:demand", "pk"),
    "registry_titleholding": ("officer:title", "pk"),
    "registry_rosterimport": ("officer:roster", "pk"),
    "accreditation_application": ("officer:application", "pk"),
    "accreditation_panel": ("officer:panel", "pk"),
    "accreditation_expert": ("officer:expert", "pk"),
}


def kinds() -> list[tuple[str, str]]:
    """Every table whose changes are evidence, with its name."""
    found = [(model._meta.db_table, str(model._meta.verbose_name)) for model in evidence.subject_models()]
    return sorted(found, key=lambda one: one[1])


def trail_page(row: EvidenceRecord) -> str:
    return reverse("officer:trail", kwargs={"table": row.subject_type, "pk": row.subject_id})


def kind_of(row: EvidenceRecord) -> str:
    return dict(kinds()).get(row.subject_type, row.subject_type)


def _by(rows: models.QuerySet[EvidenceRecord], name: str) -> models.QuerySet[EvidenceRecord]:
    """What a person did, by user name; what jobs do is under the job's own name."""
    people = User.objects.filter(username=name.casefold()).values_list("pk", flat=True)
    return rows.filter(actor__in=[f"user:{pk}" for pk in people] or [name])


def _from(rows: models.QuerySet[EvidenceRecord], day: Any) -> models.QuerySet[EvidenceRecord]:
    return rows.filter(at__gte=clock.start_of(day))


def _until(rows: models.QuerySet[EvidenceRecord], day: Any) -> models.QuerySet[EvidenceRecord]:
    return rows.filter(at__lt=clock.end_of(day))


def _subject(rows: models.QuerySet[EvidenceRecord], key: str) -> models.QuerySet[EvidenceRecord]:
    try:
        return rows.filter(subject_id=UUID(key))
    except ValueError:
        return rows.filter(subject_id__in=logged.keys_of(key))


LOG = Listing(
    name="audit",
    caption="审计日志",
    columns=(
        Column(name="at", label="时间", show="at", kind="moment"),
        Column(name="actor", label="行为人", show=lambda row: acts.actor(row.actor_label), place="wide"),
        Column(
            name="act",
            label="行为",
            show=lambda row: acts.label(row.subject_type, row.act),
            link=trail_page,
            place="title at-code",
        ),
        Column(
            name="subject",
            label="对象",
            show="subject_name",
            second=kind_of,
            second_label="对象类别",
            link=trail_page,
            place="wide",
        ),
        Column(name="seq", label="序号", show="seq", kind="number"),
        Column(name="reason", label="理由", show="reason", place="wide"),
    ),
    filters=(
        Filter(name="kind", label="对象类别", narrow="subject_type", choices=kinds),
        Filter(name="by", label="用户名", narrow=_by, kind="text"),
        Filter(name="subject", label="对象编号", narrow=_subject, kind="text", hint="例如FWQ-2026-000001"),
        Filter(name="from", label="自", narrow=_from, kind="date"),
        Filter(name="until", label="至", narrow=_until, kind="date"),
    ),
    empty="还没有记录。",
    prepare=logged.named,
)


@pages_for(Role.AUDITOR)
def audit(request: Asked) -> HttpResponseBase:
    """Who did what to which record, newest first (DOMAIN section 4, row 41)."""
    words = {"title": "审计日志", "under": "全部记录的存证，只增不改。点行为或对象查看该记录的全部经过。"}
    return LOG.answer(request, selectors.audit(request.user), "portal/officer/list.html", words)


@pages_for(*OFFICES)
def trail(request: Asked, table: str, pk: UUID) -> HttpResponseBase:
    """The chain of one record: every act in words, whether it still holds together, the hashes for who checks them."""
    model = next((one for one in evidence.subject_models() if one._meta.db_table == table), None)
    if model is None or not _may_read(request.user, table, pk):
        raise not_found("记录")
    row = model._base_manager.filter(pk=pk).first()
    if row is None:
        raise not_found("记录")
    context = {
        "kind": str(model._meta.verbose_name),
        "subject": logged.name_of(row),
        "records": [{"record": one, "facts": acts.facts(one, model)} for one in evidence.of_subject(row)],
        "fault": evidence.fault_of(row),
        "crumbs": _way_back(request.user, request.path, row),
    }
    return render(request, "portal/officer/trail.html", context)


def _way_back(by: User, path: str, row: models.Model) -> list[tuple[str, str]]:
    """The list under whose entry the trail is, and the record's own page where the person may open it."""
    entries = [entry for section in nav.side(by, path) for entry in section.entries]
    found = [(entry.label, entry.address) for entry in entries if entry.current]
    name, key = PAGES.get(row._meta.db_table, ("", ""))
    address = _address(name, row, key) if name else ""
    if address and may_open(by, address) and _may_see(by, row._meta.db_table, row.pk):
        found.append((logged.name_of(row), address))
    return found


def _address(name: str, row: models.Model, key: str) -> str:
    value: Any = row
    for step in key.split("__"):
        value = getattr(value, step)
    return reverse(name, kwargs={"year" if key == "year" else "pk": value})


def _may_read(by: User, table: str, pk: UUID) -> bool:
    if by.has(Role.AUDITOR):
        return selectors.audit(by).filter(subject_type=table, subject_id=pk).exists()
    return _may_see(by, table, pk)


def _may_see(by: User, table: str, pk: Any) -> bool:
    seen = SEEN.get(table)
    return seen is not None and seen(by).filter(pk=pk).exists()
