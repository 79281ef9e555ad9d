"""关联交易核准: proposed by 厅职能处室, decided by 厅审定; the two parties see theirs (8-35)."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.states import OFFICERS, Role
from contracts import permit_serializers as s
from contracts import policies, selectors
from contracts.models import RelatedPermit
from contracts.services import permits as services
from contracts.states import PermitState
from engines.evidence.selectors import of_subject, stages_done
from enterprises import selectors as enterprises
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import ANYONE, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm, Text
from portal.kit.lists import Column, Filter, Listing
from portal.parties.contracts.looks import OF_PERMIT
from providers import selectors as providers


def page(row: RelatedPermit) -> str:
    """The permit's own page."""
    return reverse("permit", kwargs={"pk": row.pk})


class ProposeForm(BodyForm):
    """The two are named by their codes: nobody picks one of thousands from a list."""

    body = s.PermitIn
    omit = ("enterprise", "provider")
    uploads = {"file": "material"}
    labels = {"reason": "核准理由", "reference": "依据文号", "file": "依据文件"}
    helps: ClassVar = {
        "reason": "写明价格何以公允，或何以没有其他服务商可选。",
        "reference": "与依据文件至少一项。",
    }
    enterprise_uscc = Text(label="企业统一社会信用代码", widget=forms.TextInput(attrs={"maxlength": 18}))
    provider_uscc = Text(label="服务商统一社会信用代码", widget=forms.TextInput(attrs={"maxlength": 18}))
    field_order = ("enterprise_uscc", "provider_uscc", "reason", "reference", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)
        for name in ("enterprise_uscc", "provider_uscc"):
            self.fields[name].widget.is_required = True

    def clean(self) -> dict[str, Any]:
        if self.by is not None:
            self._find("enterprise", enterprises.visible_to(self.by), "企业")
            self._find("provider", providers.visible_profiles(self.by), "服务商")
        return super().clean()

    def _find(self, name: str, rows: Any, what: str) -> None:
        field = f"{name}_uscc"
        code = (self.cleaned_data.get(field) or "").upper()
        found = rows.filter(uscc=code).first() if code else None
        if found is None:
            self.add_error(
                field, f"没有代码为“{code}”的{what}，请核对18位代码。" if code else f"请填写{what}的统一社会信用代码。"
            )
        else:
            self.given[name] = str(found.pk)

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {name: cleaned[name] for name in ("reason", "reference", "file") if cleaned.get(name) is not None}


class GrantForm(BodyForm):
    body = s.PermitGrantIn


class DeclineForm(BodyForm):
    body = s.PermitDeclineIn


class RevokeForm(BodyForm):
    body = s.PermitRevokeIn


def _decides(by: User, row: RelatedPermit) -> bool:
    """厅审定, who has taken no other part in the pair's case this year."""
    rounds = list(RelatedPermit.objects.filter(enterprise=row.enterprise_id, provider=row.provider_id, year=row.year))
    return policies.may_decide_permit(by, stages_done(rounds, by))


def _shown(by: User, row: RelatedPermit) -> dict[str, Any]:
    return {"permit": row}


PROPOSALS = Deck(
    name="permits",
    roles=(Role.DEPARTMENT,),
    crumbs=lambda row: [("关联交易核准", reverse("permits"))],
    acts=(
        Act(
            name="propose",
            label="提出关联交易核准",
            tone="main",
            form=ProposeForm,
            intro="存在关联关系的双方不得使用服务券；确有必要的，由职能处室提出、厅审定核准，当年有效。",
            run=lambda by, row, data: services.propose(
                by=by,
                enterprise_id=data["enterprise"],
                provider_id=data["provider"],
                reason=data["reason"],
                reference=data["reference"],
                file_id=data["file"],
            ),
            goes=page,
            done="已提请厅审定。",
        ),
    ),
)
DECK = Deck(
    name="permit",
    roles=ANYONE,
    rows=selectors.visible_permits,
    title=lambda row: f"{row.enterprise.organisation.name}与{row.provider.organisation.name}",
    acts=(
        Act(
            name="grant",
            label="核准",
            tone="main",
            icon="check",
            form=GrantForm,
            intro="核准后，双方当年可起草和签署存在关联关系的合同。",
            may=lambda by, row: (
                row.state == PermitState.PROPOSED and row.year == clock.today().year and _decides(by, row)
            ),
            run=lambda by, row, data: services.grant(by=by, permit_id=row.pk, **data),
            shown=_shown,
            done="已核准。",
        ),
        Act(
            name="decline",
            label="不予核准",
            tone="danger",
            form=DeclineForm,
            intro="理由告知双方；可以补充理由后重新提出。",
            may=lambda by, row: row.state == PermitState.PROPOSED and _decides(by, row),
            run=lambda by, row, data: services.decline(by=by, permit_id=row.pk, **data),
            shown=_shown,
            done="已不予核准。",
        ),
        Act(
            name="revoke",
            label="撤销核准",
            tone="danger",
            form=RevokeForm,
            intro="尚未签署的合同不能再签署，已签署的不受影响。",
            may=lambda by, row: row.state == PermitState.GRANTED and _decides(by, row),
            run=lambda by, row, data: services.revoke(by=by, permit_id=row.pk, **data),
            shown=_shown,
            done="核准已撤销。",
        ),
    ),
)
LIST = Listing(
    name="permits",
    caption="关联交易核准",
    columns=(
        Column(
            name="enterprise",
            label="企业",
            show="enterprise.organisation.name",
            second="provider.organisation.name",
            link=page,
            place="title",
        ),
        Column(name="year", label="年度", show="year", sort="year"),
        Column(name="reference", label="依据文号", show="reference"),
        Column(name="decision", label="审定文号", show="decision_no"),
        Column(name="decided_at", label="审定时间", show="decided_at", kind="moment"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: OF_PERMIT.get(row.state, "off"),
            place="corner",
        ),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=PermitState.choices),
        Filter(name="year", label="年度", narrow="year", kind="year"),
        Filter(name="enterprise", label="企业名称", narrow="enterprise__organisation__name__icontains", kind="text"),
        Filter(name="provider", label="服务商名称", narrow="provider__organisation__name__icontains", kind="text"),
    ),
    empty="还没有关联交易核准。存在关联关系的双方须先由厅职能处室提出核准，才能起草合同。",
)


@pages_for(*ANYONE)
def permits(request: Asked) -> HttpResponseBase:
    """Officers see all, a party its own."""
    by = request.user
    context = {"acts": PROPOSALS.offered(by, None) if by.has(*PROPOSALS.roles) else []}
    return LIST.answer(request, selectors.visible_permits(by), "portal/parties/permits.html", context)


@pages_for(*ANYONE)
def permit(request: Asked, pk: str) -> HttpResponseBase:
    """One permit. What it rests on may speak of other houses' prices: the file is for officers."""
    by = request.user
    row = selectors.visible_permits(by).select_related("file").filter(pk=pk).first()
    if row is None:
        raise not_found("关联交易核准")
    context = {
        "permit": row,
        "tone": OF_PERMIT.get(row.state, "off"),
        "acts": DECK.offered(by, row),
        "file": row.file if by.has(*OFFICERS) else None,
        "trail": of_subject(row),
    }
    return render(request, "portal/parties/permit.html", context)
