"""关联方申报: what the enterprise has declared, and the year's declaration to sign (8-35)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from enterprises import policies, selectors, services
from enterprises import serializers as s
from enterprises.models import Enterprise, RelationDeclaration
from enterprises.serializers.passports import RelationIn
from enterprises.services import Tie
from foundation import clock
from portal.enterprise import own
from portal.kit.access import ENTERPRISE, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm


class RelationForm(BodyForm):
    body = RelationIn
    labels = {
        "name": "关联方名称",
        "uscc": "统一社会信用代码",
        "kind": "关系",
        "since": "关系起始日",
        "until": "关系终止日",
        "note": "说明",
        "proof": "证明材料",
    }
    helps = {"until": "仍然存续的不填。", "note": "例如：持股80%。"}
    uploads = {"proof": "material"}


class DeclarationForm(BodyForm):
    body = s.DeclarationIn
    labels = {
        "relations": "全部关联方",
        "commitment": "本单位承诺所列关联方真实、完整；没有列出的即为没有",
    }
    helps = {
        "relations": "母公司、子公司、同一控制人、同一法定代表人、重要股东、高管兼任的单位都要列出。没有关联方的，不填任何一行，直接签署。"
    }
    rows = {"relations": RelationForm}
    empty = ("relations",)

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {"relations": [], **super().payload(cleaned)}


def _in_force(row: Enterprise) -> RelationDeclaration | None:
    return selectors.declaration_in_force(row.pk)


def _as_declared(by: User, row: Enterprise) -> dict[str, Any]:
    declared = _in_force(row)
    if declared is None:
        return {}
    names = ("name", "uscc", "kind", "since", "until", "note")
    return {"relations": [{name: getattr(tie, name) for name in names} for tie in declared.relations.all()]}


def _seen(by: User, row: Enterprise) -> dict[str, Any]:
    declared = _in_force(row)
    return {"replaces": str(declared.pk) if declared is not None else ""}


def _declare(by: User, row: Enterprise, data: dict[str, Any]) -> RelationDeclaration:
    ties = [Tie(**tie) for tie in data["relations"]]
    replaces: UUID | None = data["replaces"]
    return services.declare_relations(by=by, enterprise_id=row.pk, ties=ties, replaces=replaces)


DECK = Deck(
    name="enterprise:relations",
    roles=ENTERPRISE,
    rows=own.rows,
    title=lambda row: "关联方申报",
    home=lambda row: reverse("enterprise:relations"),
    acts=(
        Act(
            name="declare",
            label="签署本年度申报",
            tone="main",
            icon="pen",
            form=DeclarationForm,
            intro="列全所有关联方。新的申报替代原来的，此后的合同按它核对关联关系。",
            article="24",
            may=policies.may_declare_relations,
            initial=lambda by, row: {**_as_declared(by, row), **_seen(by, row)},
            run=_declare,
            goes=lambda result: reverse("enterprise:relations"),
            done="关联方申报已签署。",
        ),
    ),
)


@pages_for(*ENTERPRISE)
def relations(request: Asked) -> HttpResponseBase:
    """The declaration in force, and those before it."""
    enterprise = own.mine(request.user)
    rows = list(selectors.visible_declarations(request.user).select_related("signed_by").order_by("-pk"))
    in_force = next((row for row in rows if row.pk == getattr(_in_force(enterprise), "pk", None)), None)
    context = {
        "enterprise": enterprise,
        "in_force": in_force,
        "ties": list(in_force.relations.all()) if in_force is not None else [],
        "earlier": [row for row in rows if row is not in_force],
        "year": clock.today().year,
        "acts": DECK.offered(request.user, enterprise),
    }
    return render(request, "portal/enterprise/relations.html", context)
