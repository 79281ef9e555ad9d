"""The house's own applications: their list, and how far each is (第十五条)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from accreditation import policies, selectors
from accreditation.models import Application
from accreditation.states import EDITABLE, CaseKind
from accreditation.states import ApplicationState as A
from portal.kit.lists import Column, Filter, Listing
from portal.provider.common import tone

# the way of a case as the 办法 names it (第十五条), each step with the states in which the case is at it
STEPS: tuple[tuple[str, frozenset[A]], ...] = (
    ("填报", frozenset({A.DRAFT, A.WITHDRAWN})),
    ("受理", frozenset({A.SUBMITTED, A.RETURNED})),
    ("初审", frozenset({A.FORMAL_CHECK, A.REJECTED})),
    ("专家评审", frozenset({A.DEPT_ACCEPTED, A.EXPERT_REVIEW, A.SCORED, A.NOT_RECOMMENDED})),
    ("审定", frozenset({A.RECOMMENDED, A.DECLINED})),
    ("公示", frozenset({A.APPROVED, A.PUBLICITY, A.OBJECTION_HOLD, A.REMOVED})),
    ("入库", frozenset()),
)


def case_page(row: Application) -> str:
    return reverse("provider:application", kwargs={"pk": row.pk})


def own_cases(by: User) -> QuerySet[Application]:
    """The applications of the caller's own provider, with all that their page shows."""
    rows = selectors.visible_applications(by).filter(provider__organisation=by.organisation_id)
    return rows.select_related("renews", "provider__organisation")


def subject_of(row: Application) -> str:
    return row.product_version.name if row.product_version is not None else f"{row.year}年度服务商"


def may_edit(by: User, row: Application) -> bool:
    return row.state in EDITABLE and policies.acts_for(by, row.provider)


def may_edit_provider(by: User, row: Application) -> bool:
    return row.kind == CaseKind.PROVIDER and may_edit(by, row)


LIST = Listing(
    name="applications",
    caption="认定申请",
    columns=(
        Column(name="number", label="申请编号", show="number", sort="number", place="title", link=case_page),
        Column(name="kind", label="申请事项", show="get_kind_display", second=subject_of),
        Column(name="round", label="征集批次", show="round.number"),
        Column(name="submitted", label="提交时间", show="submitted_at", kind="moment"),
        Column(name="due", label="补正期限", show="correction_due", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="kind", label="事项", narrow="kind", choices=CaseKind.choices),
        Filter(name="state", label="状态", narrow="state", choices=A.choices),
    ),
    flag=lambda row: row.state == A.RETURNED,
    empty="还没有认定申请。征集期内可在本页上方选择批次开始填报。",
)
