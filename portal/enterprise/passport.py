"""划型依据: every list that was looked at, what each earns, what the next tier needs; and disputes of a line (第十条)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from engines.evidence.selectors import of_subject
from enterprises import policies, reasons, selectors, services
from enterprises import serializers as s
from enterprises.models import Enterprise, PassportDispute
from enterprises.passport import DISHONEST, Line
from enterprises.selectors import Shown
from enterprises.services.disputes import FILED_IN, line_name
from enterprises.states import UNDECIDED, DisputeState, Standing
from enterprises.tiering import entitlement
from foundation import clock
from foundation.errors import DomainError, Refused, not_found
from portal.enterprise import own, wording
from portal.kit.access import ENTERPRISE, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from programmes import selectors as programmes

TONES = {Standing.COUNTS: "ok", Standing.WAITING: "warn", Standing.NOT_YET: "warn", Standing.ENDED: "bad"}


def dispute_page(row: PassportDispute) -> str:
    return reverse("enterprise:dispute", kwargs={"pk": row.pk})


def dispute_tone(row: PassportDispute) -> str:
    return "warn" if row.state in UNDECIDED else "ok" if row.state == DisputeState.UPHELD else "off"


class DisputeForm(BodyForm):
    body = s.DisputeIn
    labels = {"line": "哪一项", "kind": "异议的类别", "claim": "哪里不对，应当是什么", "files": "证明材料"}
    helps = {
        "claim": "写明认定文件的名称、文号、证书编号和有效期。",
        "files": "证书、认定文件或名录截图。",
    }
    uploads = {"files": "material"}


class RemarkForm(BodyForm):
    body = s.EnterpriseRemarkIn
    labels = {"reason": "说明"}


def _lines(by: User, row: Enterprise) -> dict[str, list[tuple[str, str]]]:
    try:
        shown = selectors.show_passport(row, clock.today())
    except DomainError:  # no notice: no list to speak of; the service says so
        return {"line": []}
    return {"line": [(line.code, line.name) for line in shown.passport.lines]}


def _file(by: User, row: Enterprise, data: dict[str, Any]) -> PassportDispute:
    files = data.pop("files")
    return services.file_dispute(by=by, enterprise_id=row.pk, file_ids=files, **data)


FILE = Deck(
    name="enterprise:passport",
    roles=ENTERPRISE,
    rows=own.rows,
    title=lambda row: "划型依据",
    home=lambda row: reverse("enterprise:passport"),
    acts=(
        Act(
            name="dispute",
            label="提出异议或补报称号",
            icon="flag",
            form=DisputeForm,
            intro="平台没有登记的称号、名录有误的，在此提出并附证明。促进中心登记更正，另一人审定，成立的即时重新划型。",
            article="10",
            may=lambda by, row: row.state in FILED_IN and policies.may_dispute(by, row),
            choices=_lines,
            linked=("line", "kind"),
            run=_file,
            goes=lambda row: dispute_page(row),  # noqa: PLW0108 - the type of the result is the deck's, not the page's
            done="异议已提出。",
        ),
    ),
)

DISPUTE = Deck(
    name="enterprise:dispute",
    roles=ENTERPRISE,
    rows=selectors.visible_disputes,
    title=lambda row: line_name(row.line),
    acts=(
        Act(
            name="withdraw",
            label="撤回异议",
            tone="danger",
            form=RemarkForm,
            may=lambda by, row: row.state == DisputeState.OPEN and policies.may_dispute(by, row.enterprise),
            run=lambda by, row, data: services.withdraw_dispute(by=by, dispute_id=row.pk, **data),
            done="异议已撤回。",
        ),
    ),
)

DISPUTES = Listing(
    name="disputes",
    caption="划型异议",
    columns=(
        Column(
            name="line",
            label="事项",
            show=lambda row: line_name(row.line),
            second="get_kind_display",
            link=dispute_page,
            place="title",
        ),
        Column(name="filed", label="提出时间", show="created_at", kind="moment"),
        Column(name="due", label="办理期限", show="due_on", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=dispute_tone, place="corner"),
    ),
    filters=(Filter(name="state", label="状态", narrow="state", choices=DisputeState.choices),),
    empty="没有提出过异议。",
)


@pages_for(*ENTERPRISE)
def passport(request: Asked) -> HttpResponseBase:
    """The passport of today, with the disputes of it; without a notice in force what is wanting, and since when."""
    enterprise, today = own.mine(request.user), clock.today()
    rows = selectors.visible_disputes(request.user)
    try:
        shown = selectors.show_passport(enterprise, today)
    except Refused:
        notices = {"coming": programmes.coming_notice(today), "last": programmes.last_notice(today), "today": today}
        return DISPUTES.answer(request, rows, "portal/enterprise/passport_not_yet.html", notices)
    told = _told(shown)
    context = {
        "enterprise": enterprise,
        "shown": shown,
        "explained": wording.told(reasons.tier_shown(shown), wording.TIER),
        "entitled": entitlement(shown.notice.parsed, shown.grade.tier, shown.adjusted),
        "lines": [one for one in told if not one["absent"]],
        "absent": [one for one in told if one["absent"]],
        "tiers": sorted(shown.notice.parsed.tiers, key=lambda tier: tier.quota),
        "acts": FILE.offered(request.user, enterprise),
        "may_dispute": enterprise.state in FILED_IN,
    }
    return DISPUTES.answer(request, rows, "portal/enterprise/passport.html", context)


@pages_for(*ENTERPRISE)
def dispute(request: Asked, pk: str) -> HttpResponseBase:
    """One dispute: what was said, what was found, how it was decided."""
    row = selectors.visible_disputes(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("划型异议")
    context = {
        "dispute": row,
        "line": line_name(row.line),
        "tone": dispute_tone(row),
        "files": [one.file for one in row.files.all()],
        "acts": DISPUTE.offered(request.user, row),
        "trail": of_subject(row),
    }
    return render(request, "portal/enterprise/dispute.html", context)


def _told(shown: Shown) -> list[dict[str, Any]]:
    """Each line as the page shows it; a title that nobody has recorded and nobody disputes is `absent`."""
    winner = shown.grade.winning_title
    return [
        {
            "line": line,
            "tone": "ok" if _is_clear(line) else TONES.get(line.standing, "off"),
            "label": "未列入" if _is_clear(line) else line.standing.label,
            "open": shown.disputes.get(line.code, []),
            "absent": line.standing == Standing.ABSENT and line.tier is not None and line.code not in shown.disputes,
            "wins": bool(winner) and line.code == winner,
        }
        for line in shown.passport.lines
    ]


def _is_clear(line: Line) -> bool:
    """Not on the list on which nobody wants to be: there it is good to be absent."""
    return line.code == DISHONEST and line.standing != Standing.COUNTS
