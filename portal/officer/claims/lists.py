"""Claims as a list: their checks in small, their parties, what is late."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from foundation import clock
from portal.kit.lists import Column, Filter, Listing, Marks
from settlement.models import Claim
from settlement.states import CLAIM_ARCS, ClaimState

STATES = [(str(one.value), str(one.label)) for one in CLAIM_ARCS]
C = ClaimState
TONES = {
    C.RETURNED: "warn",
    C.REFUSED: "bad",
    C.APPEAL: "warn",
    C.OBJECTION_HOLD: "bad",
    C.BOUNCED: "bad",
    C.CAP_HELD: "warn",
    C.CARRIED_OVER: "warn",
    C.PASSED: "ok",
    C.REDUCED: "ok",
    C.PAID: "ok",
    C.DRAFT: "off",
}
# what the picture of a row shows: each of these checks is met when all of its items are
SHORT = (
    ("合同", ("contract_confirmed", "contract_signed", "within_notice", "dates_in_order")),
    ("定金", ("deposit_paid",)),
    ("余款", ("balance_paid", "amounts_agree")),
    ("确认书", ("confirmation_signed",)),
    ("佐证", ("evidence_whole", "evidence_own")),
    ("限额", ("money_held",)),
    ("账户", ("account_registered",)),
    ("资格", ("provider_qualified", "not_restricted", "no_open_complaint", "unrelated", "in_time")),
)


def tone(claim: Claim) -> str:
    return TONES.get(ClaimState(claim.state), "run")


def page(claim: Claim) -> str:
    return reverse("officer:claim", kwargs={"pk": claim.pk})


def marks(claim: Claim) -> Marks:
    """The checklist as it was when the provider submitted, in a few words; nothing before that."""
    met = {item["code"]: item["ok"] for item in claim.checklist}
    return Marks((label, all(met.get(code, True) for code in codes)) for label, codes in SHORT) if met else Marks()


def flagged(claim: Claim) -> bool:
    """Something in the checklist was not met when it was submitted."""
    return any(not item["ok"] for item in claim.checklist)


def _late(rows: models.QuerySet[Claim], value: str) -> models.QuerySet[Claim]:
    return rows.filter(step_due__lt=clock.today())


def _party(rows: models.QuerySet[Claim], name: str) -> models.QuerySet[Claim]:
    return rows.filter(
        models.Q(provider__organisation__name__icontains=name)
        | models.Q(contract__enterprise__organisation__name__icontains=name)
    )


COLUMNS = (
    Column(
        name="number",
        label="申请编号",
        show="number",
        second="contract.number",
        sort="number",
        link=page,
        place="title at-code",
    ),
    Column(
        name="parties",
        label="服务商、企业",
        show="provider.organisation.name",
        second="contract.enterprise.organisation.name",
        place="wide",
    ),
    Column(name="requested", label="申请金额（元）", show="requested", kind="money", sort="requested"),
    Column(name="checks", label="核对", show=marks, kind="checks", place="wide"),
    Column(name="due", label="本环节期限", show="step_due", kind="date"),
    Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
)
LIST = Listing(
    name="claims",
    caption="兑付申请",
    columns=COLUMNS,
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=STATES),
        Filter(name="late", label="期限", narrow=_late, choices=[("yes", "本环节已逾期")]),
        Filter(name="party", label="单位名称", narrow=_party, kind="text"),
        Filter(name="number", label="申请编号", narrow="number", kind="text"),
        Filter(name="batch", label="批次号", narrow="batch__number", kind="text"),
    ),
    empty="还没有兑付申请。合同确认后，由服务商发起兑付申请。",
    flag=flagged,
)
