"""The rounds, and the claims in one of them, as lists; where a round stands."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from portal.kit.lists import Column, Filter, Listing
from portal.officer.claims import lists as claims
from portal.officer.shown import stepper
from settlement import selectors
from settlement.models import Batch, Claim
from settlement.states import BatchState

B = BatchState
TONES = {B.CLOSED: "ok", B.PAID_ALL: "ok", B.CANCELLED: "off", B.PAID_PART: "warn", B.NOTICE: "warn"}
STEPS = (
    ("兑付通知", (B.NOTICE,)),
    ("受理", (B.OPEN,)),
    ("结算方案", (B.INTAKE_CLOSED,)),
    ("复核", (B.PLAN_DRAFT,)),
    ("厅审定", (B.PLAN_REVIEW,)),
    ("公示", (B.APPROVED, B.PUBLICITY)),
    ("标记确认", (B.CLEARED,)),
    ("落实资金", (B.FUND_REQUEST,)),
    ("支付", (B.PAYING, B.PAID_PART)),
    ("办结", (B.PAID_ALL, B.CLOSED)),
)


def tone(batch: Batch) -> str:
    return TONES.get(BatchState(batch.state), "run")


def page(batch: Batch) -> str:
    return reverse("officer:batch", kwargs={"pk": batch.pk})


LIST = Listing(
    name="batches",
    caption="兑付批次",
    columns=(
        Column(name="number", label="批次", show="number", second="title", sort="number", link=page, place="title"),
        Column(name="intake", label="受理截止", show="intake_to", kind="date", sort="intake_to"),
        Column(name="claims", label="笔数", show="claim_count", kind="number"),
        Column(name="total", label="方案金额（元）", show="total", kind="money", sort="total"),
        Column(name="funded", label="已落实（元）", show="funded", kind="money"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=B.choices),
        Filter(name="year", label="年度", narrow="year", kind="year"),
    ),
    empty="还没有兑付批次。促进中心经办拟定兑付通知后，第一个批次即建立。",
)


def _checked(rows: models.QuerySet[Claim], value: str) -> models.QuerySet[Claim]:
    clean = selectors.without_findings(rows)
    return clean if value == "clean" else rows.exclude(pk__in=clean.values("pk"))


INSIDE = Listing(
    name="inside",
    caption="申请明细",
    columns=(
        Column(
            name="number",
            label="申请",
            show="number",
            second="contract.number",
            sort="number",
            link=claims.page,
            place="title at-code",
        ),
        Column(
            name="parties",
            label="服务商、企业",
            show="provider.organisation.name",
            second="contract.enterprise.organisation.name",
            place="wide",
        ),
        Column(name="requested", label="申请（元）", show="requested", kind="money", sort="requested"),
        Column(name="approved", label="核定（元）", show="approved", kind="money"),
        Column(name="checks", label="核对", show=claims.marks, kind="checks", place="wide"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=claims.tone, place="corner"),
    ),
    filters=(
        Filter(
            name="checks", label="核对", narrow=_checked, choices=[("flagged", "需人工核对"), ("clean", "全部符合")]
        ),
        Filter(name="state", label="状态", narrow="state", choices=claims.STATES),
    ),
    empty="方案还没有列入申请。受理截止后由厅职能处室拟定结算方案，先列入上年度结转的，再按提交先后。",
    flag=claims.flagged,
)


def steps(batch: Batch) -> list[dict[str, str]]:
    """The stepper: what is done, what is going on, what is to come. Of a cancelled batch nothing goes on."""
    now = next((place for place, (_, states) in enumerate(STEPS) if batch.state in states), -1)
    return stepper([label for label, _ in STEPS], now, over=batch.state == B.CLOSED)
