"""Every act on a contract, whoever's it is: the page of the contract shows each reader his own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models

from accounts.models import User
from contracts import selectors
from contracts import serializers as s
from contracts.models import Contract
from contracts.services import changes, drafting, endings, invoices, performance, queries, signing
from foundation import clock
from foundation.money import ZERO
from portal.kit.access import ANYONE
from portal.kit.acts import Act, Deck
from portal.parties.contracts import forms, moments, reading
from portal.parties.contracts.looks import name
from programmes import selectors as programmes

Choices = Mapping[str, Sequence[tuple[str, str]]]
WHOLE = (
    "milestones__evidence__file",
    "milestones__evidence__queries",
    "signatures__signer",
    "signatures__letter",
    "payments__payer",
    "payments__payee",
    "payments__receipt",
    "invoices__file",
    "supplements",
    "terminations",
)


def rows(by: User) -> models.QuerySet[Contract]:
    """The contracts the person may see, with all that the acts and the page look at."""
    return (
        selectors.visible_to(by).select_related("product__current", "confirmation", "demand").prefetch_related(*WHOLE)
    )


def _terms_of(row: Contract) -> dict[str, Any]:
    """The draft's terms as the form begins with them; the product's category as it is on the shelf now."""
    current = row.product.current
    return {
        "amount": row.amount,
        "tax": row.tax,
        "voucher": row.voucher,
        "start_date": row.start_date,
        "end_date": row.end_date,
        "related_party": row.related_party,
        "milestones": [
            {"title": step.title, "due_date": step.due_date, "evidence_kinds": step.evidence_kinds}
            for step in row.milestones.all()
        ],
        "category": current.category if current is not None else row.category,
        "provider_id": row.provider_id,
        "enterprise_id": row.enterprise_id,
    }


def _revise(by: User, row: Contract, data: dict[str, Any]) -> Contract:
    return drafting.revise(by=by, contract_id=row.pk, version=data["version"], terms=s.TermsIn().terms(data))


def _locks(by: User, row: Contract) -> dict[str, Any]:
    """What signing will set aside: each account before and after, and whether it is short."""
    today = clock.today()
    left = selectors.left(row, today)
    return {
        "locks": [
            {
                "label": selectors.LABELS[code],
                "before": before,
                "after": before - row.voucher,
                "short": before < row.voucher,
            }
            for code, before in left.items()
        ],
        "short": [selectors.LABELS[code] for code, before in left.items() if before < row.voucher],
        "suspension": programmes.open_suspension(today.year),
        "limit": row.notice.parsed.limit("signing_hold"),
    }


def _steps(by: User, row: Contract) -> Choices:
    return {"milestone": [(str(step.seq), f"{step.seq}. {step.title}") for step in row.milestones.all()]}


def _next_step(by: User, row: Contract) -> dict[str, Any]:
    """The first milestone that lacks something; where there is only one, that."""
    steps = [step.seq for step in row.milestones.all()]
    wanted = moments.lacking(row) or (steps if len(steps) == 1 else [])
    return {"milestone": str(next(iter(wanted), ""))}


def _measured(by: User, row: Contract) -> Mapping[str, Sequence[tuple[str, str, str]]]:
    """An entry for each indicator: what it is called, what was agreed and how it is checked."""
    return {
        "indicators": [
            (
                str(one.seq),
                f"{one.seq}. {one.name}",
                f"约定：{one.agreed}" + (f"；核对：{one.method}" if one.method else ""),
            )
            for one in selectors.indicators(row)
        ]
    }


def _said_before(by: User, row: Contract) -> dict[str, Any]:
    """After a rectification the form begins with what the delivery before said."""
    return {"indicators": {str(one.seq): {"reached": one.reached} for one in selectors.indicators(row) if one.reached}}


def _materials(by: User, row: Contract) -> Choices:
    found = [
        (str(one.pk), f"{step.title}：{one.file.name}（{one.get_kind_display()}）")
        for step in row.milestones.all()
        for one in step.evidence.all()
        if one.counts
    ]
    return {"evidence": found}


def _scale(by: User, row: Contract) -> Choices:
    ratings = row.notice.parsed.ratings
    return {
        "aspects": list(ratings.aspects.items()),
        "scale": [(str(mark), f"{mark}分") for mark in range(ratings.highest, ratings.lowest - 1, -1)],
    }


def _add_evidence(by: User, row: Contract, data: dict[str, Any]) -> Contract:
    file_ids = data.pop("files")
    return performance.add_evidence(by=by, contract_id=row.pk, file_ids=file_ids, **data)


def _invoice(by: User, row: Contract, data: dict[str, Any]) -> Any:
    file_id = data.pop("file")
    return invoices.register(by=by, contract_id=row.pk, file_id=file_id, **data)


def _invoiced(by: User, row: Contract) -> dict[str, Any]:
    """What may be invoiced and what has been: the form is about the rest."""
    most, standing = selectors.most_invoiced(row), selectors.invoiced(row)
    return {"most": most, "standing": standing, "left": max(most - standing, ZERO)}


def _query(by: User, row: Contract, data: dict[str, Any]) -> Any:
    evidence_id = data.pop("evidence")
    return queries.ask(by=by, contract_id=row.pk, evidence_id=evidence_id, **data)


def _service(service: Any) -> Any:
    """A service that takes the contract's id and the body as it is."""
    return lambda by, row, data: service(by=by, contract_id=row.pk, **data)


DRAFTING = (
    Act(
        name="agree",
        label="同意草稿",
        tone="main",
        icon="check",
        intro="您同意的是此刻的条款；任何一方再修改，双方须重新同意。双方都同意后即可发起签署。",
        article="18",
        may=moments.agreeable,
        run=_service(drafting.agree),
        template="portal/parties/contracts/read.html",
        shown=reading.shown,
        done="已同意草稿。",
    ),
    Act(
        name="start-signing",
        label="发起签署并锁定资金",
        tone="main",
        icon="lock",
        may=moments.startable,
        run=_service(signing.start_signing),
        template="portal/parties/contracts/start.html",
        shown=_locks,
        article="10,16,21",
        done="资金已锁定，请双方授权签署人签署。",
    ),
    Act(
        name="sign",
        label="签署合同",
        tone="main",
        icon="stamp",
        form=forms.SignForm,
        may=moments.signable,
        run=_service(signing.sign),
        template="portal/parties/contracts/sign.html",
        shown=reading.shown,
        article="18",
        done="已签署。",
    ),
    Act(
        name="revise",
        label="修改草稿",
        icon="pen",
        form=forms.ReviseForm,
        intro="修改后双方须重新同意。",
        may=moments.drafted,
        run=_revise,
        initial=lambda by, row: _terms_of(row),
        template="portal/parties/contracts/draft.html",
        article="11,18",
        done="草稿已修改，请双方重新同意。",
    ),
    Act(
        name="withdraw",
        label="撤回草稿",
        tone="danger",
        form=forms.ReasonForm,
        intro="撤回后本草稿作废，尚未占用任何资金；所应的需求恢复展示。",
        may=moments.drafted,
        run=_service(drafting.withdraw),
        done="草稿已撤回。",
    ),
    Act(
        name="refuse",
        label="拒签或解除",
        tone="danger",
        form=forms.ReasonForm,
        intro="合同取消，已锁定的服务券随即释放。定金已登记付款的，须先由服务商核对。",
        may=moments.refusable,
        run=_service(signing.refuse),
        done="合同已取消，锁定的资金已释放。",
    ),
)
WORKING = (
    Act(
        name="evidence",
        linked=("milestone",),
        label="提交佐证材料",
        tone="main",
        icon="camera",
        form=forms.EvidenceForm,
        intro="在关键环节提交能够佐证合同执行真实情况的材料。",
        article="22",
        may=moments.evidencing,
        choices=_steps,
        initial=_next_step,
        run=_add_evidence,
        template="portal/parties/contracts/evidence.html",
        shown=lambda by, row: {"steps": reading.steps(row)},
        done="佐证材料已提交并存证。",
    ),
    Act(
        name="deliver",
        label="提交交付",
        tone="main",
        icon="send",
        form=forms.DeliverForm,
        intro="各关键环节的佐证材料齐备后，逐项写明验收指标的完成情况，提交企业验收；平台不会自动验收。",
        article="18,22",
        may=moments.deliverable,
        choices=_measured,
        initial=_said_before,
        run=_service(performance.deliver),
        template="portal/parties/contracts/deliver.html",
        shown=lambda by, row: {"steps": reading.steps(row)},
        done="已提交交付，等待企业验收。",
    ),
    Act(
        name="accept",
        label="验收通过",
        tone="main",
        icon="check",
        form=forms.AcceptForm,
        intro="确认服务已按合同完成。验收金额低于合同金额的，服务券按验收金额重新核算，只减不增。",
        article="11,18",
        may=moments.acceptable,
        run=_service(performance.accept),
        template="portal/parties/contracts/accept.html",
        shown=lambda by, row: {"steps": reading.steps(row), **reading.delivered(row)},
        done="已验收。",
    ),
    Act(
        name="reject",
        label="退回整改",
        tone="danger",
        form=forms.ReasonForm,
        intro="写明哪一项指标或交付物未达到约定，服务商据此整改后重新交付。",
        may=moments.rejectable,
        run=_service(performance.reject),
        template="portal/parties/contracts/reject.html",
        shown=lambda by, row: reading.delivered(row),
        done="已退回整改。",
    ),
    Act(
        name="sign-confirmation",
        label="签署服务确认书",
        tone="main",
        icon="stamp",
        form=forms.ConfirmationForm,
        intro="由服务商签署人填写实际服务内容并签署，随后由企业评价并会签。",
        article="18",
        may=moments.confirmable,
        run=_service(performance.sign_confirmation),
        template="portal/parties/contracts/confirmation.html",
        shown=lambda by, row: reading.delivered(row),
        done="已签署服务确认书，等待企业会签。",
    ),
    Act(
        name="countersign",
        label="评价并会签确认书",
        tone="main",
        icon="star",
        form=forms.RatingsForm,
        intro="会签后合同即告确认，服务商可据此申请兑付。评价计入服务商的公开执行情况。",
        article="16,18",
        may=moments.countersignable,
        choices=_scale,
        run=lambda by, row, data: performance.countersign_confirmation(
            by=by, contract_id=row.pk, version=data["version"], ratings=dict(data["ratings"]), comment=data["comment"]
        ),
        template="portal/parties/contracts/confirmation.html",
        shown=lambda by, row: reading.delivered(row),
        done="服务已确认。",
    ),
    Act(
        name="invoice",
        label="登记发票",
        icon="receipt",
        form=forms.InvoiceForm,
        intro="登记已开给企业的发票，双方和审核人员均可下载；兑付申请提交后不能再登记。",
        may=moments.invoiceable,
        run=_invoice,
        template="portal/parties/contracts/invoice.html",
        shown=_invoiced,
        done="发票已登记，企业可以下载。",
    ),
    Act(
        name="query-evidence",
        linked=("evidence",),
        label="质询佐证材料",
        icon="help",
        form=forms.QueryForm,
        intro="质询期间该材料不计入；服务商补充，或由质询方撤回、认定不予采信。",
        article="22",
        may=moments.askable,
        choices=_materials,
        run=_query,
        done="质询已发出，等待服务商补充。",
    ),
)
ENDING = (
    Act(
        name="supplement",
        label="提出补充协议",
        icon="diff",
        form=forms.SupplementForm,
        intro="提出即视为本方签署；对方签署后生效，其间合同暂停办理。服务券只能减少。",
        article="18,30",
        may=moments.changeable,
        initial=lambda by, row: {"amount": row.amount, "voucher": row.voucher, "end_date": row.end_date},
        run=_service(changes.propose),
        done="补充协议已提出，等待对方签署。",
    ),
    Act(
        name="terminate",
        label="申请终止合同",
        tone="danger",
        form=forms.FaultForm,
        intro="由促进中心经办核对、复核决定。终止后服务券作废，不予兑付。",
        article="30",
        may=moments.terminable,
        run=_service(endings.request_termination),
        done="终止申请已提交。",
    ),
    Act(
        name="dispute",
        label="提出争议",
        tone="danger",
        icon="gavel",
        form=forms.ReasonForm,
        intro="合同暂停办理，由促进中心调处；待签署的补充协议随之失效。",
        may=moments.disputable,
        run=_service(endings.open_dispute),
        done="争议已提出，促进中心将联系双方。",
    ),
    Act(
        name="resume",
        label="恢复合同",
        tone="main",
        form=forms.ReasonForm,
        intro="合同回到中断前的状态；须签署或付款的，期限重新起算。",
        may=moments.resumable,
        run=_service(endings.resume),
        done="合同已恢复。",
    ),
    Act(
        name="extend",
        label="延长期限",
        tone="main",
        form=forms.ExtendForm,
        intro="给逾期的合同新的期限，用于继续履行或申请兑付。",
        article="19",
        may=moments.extendable,
        run=_service(endings.extend),
        template="portal/parties/contracts/extend.html",
        done="期限已延长。",
    ),
    Act(
        name="freeze",
        label="冻结合同",
        tone="danger",
        icon="pause",
        form=forms.ReasonForm,
        intro="核查期间停止办理；待签署的补充协议随之失效。",
        article="27",
        may=moments.freezable,
        run=_service(endings.freeze),
        done="合同已冻结。",
    ),
    Act(
        name="void",
        label="作废合同",
        tone="danger",
        form=forms.ReasonForm,
        intro="不可恢复：服务券作废，企业所占用的额度失效。",
        article="27,30",
        may=moments.voidable,
        run=_service(endings.void),
        done="合同已作废。",
    ),
)
DECK = Deck(
    name="contract",
    roles=ANYONE,
    rows=rows,
    title=lambda row: f"{name(row)}（{row.number}）",
    acts=(*DRAFTING, *WORKING, *ENDING),
)
AWAITED = {"resume", "extend"}  # what an interrupted contract waits for
ASIDE = frozenset(act.name for act in (*ENDING, *DRAFTING[-2:])) - AWAITED | {
    "query-evidence",
    "invoice",
}  # not the next step
