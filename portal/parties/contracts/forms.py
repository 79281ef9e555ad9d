"""The forms of a contract's acts, over the bodies of its API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from rest_framework import serializers

from contracts import serializers as s
from contracts.calculation import Calculation, calculate
from contracts.indicators import LONGEST
from foundation import clock
from foundation.api.fields import Positive
from foundation.errors import DomainError
from portal.kit import widgets
from portal.kit.forms import BodyForm, Figure
from portal.kit.items import ItemsForm


class ReasonForm(BodyForm):
    body = s.ReasonIn


class MilestoneForm(BodyForm):
    body = s.MilestoneIn
    labels = {"title": "关键环节", "due_date": "计划完成日期", "evidence_kinds": "须提交的佐证材料"}
    helps = {"evidence_kinds": "至少一种；提交时逐种核对，缺一种即不能交付（办法第二十二条）。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("evidence_kinds", self.asked["evidence_kinds"].get_default())
        self.fields["evidence_kinds"].widget.is_required = True


class TermsForm(BodyForm):
    """A draft's terms. What they come to is shown beside them as they are typed."""

    body: ClassVar[type[serializers.Serializer[Any]]] = s.DraftIn
    rows = {"milestones": MilestoneForm}
    labels = {
        "voucher": "使用服务券金额",
        "tax": "其中税额",
        "milestones": "关键环节与佐证材料",
        "related_party": "双方存在关联关系",
        "enterprise": "用券企业",
        "demand": "所应需求",
    }
    helps = {
        "voucher": "由企业自主决定，不超过“价款核算”所列的上限。",
        "related_party": "存在关联关系的，须先经厅职能处室核准；不如实填写的，按失信处理。",
        "end_date": "含当日；须早于当年服务券申请兑付的最后一日。",
    }

    @property
    def calculation(self) -> Calculation | None:
        """定金, 服务券 and 余款 of what is typed now; None until there is an amount."""
        amount = self._money("amount")
        if amount is None:
            return None
        return calculate(
            category=self.initial["category"],
            amount=amount,
            voucher=self._money("voucher"),
            day=clock.today(),
            enterprise_id=self._enterprise(),
            provider_id=self.initial["provider_id"],
        )

    def _money(self, name: str) -> Any:
        typed = self[name].value()
        field = self.fields[name]
        text = field.clean(str(typed)) if isinstance(field, Figure) and typed not in (None, "") else None
        try:
            return Positive().run_validation(text) if text else None
        except serializers.ValidationError:
            return None

    def _enterprise(self) -> UUID | None:
        known: UUID | None = self.initial.get("enterprise_id")
        if known is not None or "enterprise" not in self.fields:
            return known
        chosen = str(self["enterprise"].value() or "")
        offered = {code for code, _ in getattr(self.fields["enterprise"], "choices", ()) if code}
        return UUID(chosen) if chosen in offered else None


class ReviseForm(TermsForm):
    body = s.ReviseIn


class SignForm(BodyForm):
    body = s.SignIn
    uploads = {"handwriting": "other"}
    labels = {"handwriting": "手写签名图片"}


class EvidenceForm(BodyForm):
    body = s.EvidenceIn
    uploads = {"files": "evidence"}
    labels = {"milestone": "关键环节", "files": "佐证材料", "kind": "材料种类", "taken_at": "形成时间", "note": "说明"}
    helps = {
        "kind": "不选则按文件内容认定：图片、视频或报告。",
        "taken_at": "拍摄或出具的时间，不得早于合同生效。",
        "files": "提交后即计算摘要存证，不能修改或删除；有误的另行补充。",
    }


class QueryForm(BodyForm):
    body = s.QueryIn
    labels = {"evidence": "佐证材料", "reason": "质询内容"}


class SupplyForm(BodyForm):
    body = s.QuerySupplementIn
    uploads = {"files": "evidence"}
    labels = {"files": "补充的材料", "kind": "材料种类", "taken_at": "形成时间", "note": "说明"}


class ReachedForm(BodyForm):
    body = s.IndicatorReachedIn
    labels = {"reached": "完成情况"}
    kinds: ClassVar = {"reached": forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reached"].widget.is_required = True


class DeliverForm(ItemsForm):
    """One entry for each indicator the contract agreed on, in its order."""

    body = s.DeliverIn
    items = "indicators"
    key = "seq"
    entry = ReachedForm

    def refuse(self, error: DomainError) -> None:
        """A refusal about one indicator stands at the top, which names it, and at the indicator's own field."""
        about = {str(seq) for seq in error.details.get("missing", [error.details.get("indicator")])}
        said = "请填写“完成情况”。" if error.code == "INDICATOR_MISSING" else error.message
        for one in self.entries:
            if one.key in about:
                one.form.add_error("reached", said)
        super().refuse(error)


class AcceptForm(BodyForm):
    body = s.AcceptIn
    helps = {"amount": "不填即按合同金额验收；只能更低，服务券按验收金额重新核算，只减不增。"}


class ConfirmationForm(BodyForm):
    body = s.ConfirmationIn
    kinds: ClassVar = {"content": forms.Textarea(attrs={"rows": 6, "maxlength": 2000})}
    helps = {"content": "写明实际完成的服务、交付物和达到的指标，企业据此会签。"}


class RatingsForm(BodyForm):
    """One question for each aspect of the notice's scale."""

    body = s.CountersignIn
    only = ("version", "comment")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.aspects: Sequence[tuple[str, str]] = (kwargs.get("choices") or {}).get("aspects", ())
        self.scale: Sequence[tuple[str, str]] = (kwargs.get("choices") or {}).get("scale", ())
        super().__init__(*args, **kwargs)
        comment = self.fields.pop("comment")
        for code, label in self.aspects:
            field = forms.ChoiceField(
                choices=self.scale,
                label=label,
                required=False,
                widget=widgets.Dots(),
                error_messages={"invalid_choice": f"“{label}”请从所列分值中选择。"},
            )
            field.widget.is_required = True
            self.fields[f"rating_{code}"] = field
        self.fields["comment"] = comment

    def clean(self) -> dict[str, Any]:
        for code, label in self.aspects:
            name = f"rating_{code}"
            if name not in self._errors and not self.cleaned_data.get(name):
                self.add_error(name, f"请为“{label}”评分。")
        return super().clean()

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        ratings = {code: int(cleaned[f"rating_{code}"]) for code, _ in self.aspects}
        return {"version": cleaned["version"], "comment": cleaned["comment"] or "", "ratings": ratings}


class SupplementForm(BodyForm):
    body = s.SupplementIn
    labels = {
        "amount": "变更后的合同金额",
        "voucher": "变更后的服务券金额",
        "end_date": "变更后的结束日期",
        "reason": "变更原因",
    }
    helps = {
        "amount": "定金已按原金额支付的，不能调减；实际金额减少的，在验收时按实际金额确认。",
        "voucher": "只能与原金额相同或更低。",
    }


class FaultForm(BodyForm):
    body = s.FaultIn
    helps = {"fault": "企业有过错的，已占用的额度不退回；其余情形当年退回（办法第三十条）。"}


class FindingForm(FaultForm):
    labels = {"reason": "查明的事实"}
    helps = {**FaultForm.helps, "reason": "写明如何核实、双方各自的说法；复核据此决定。"}


class OpinionForm(ReasonForm):
    labels = {"reason": "复核意见"}
    helps = {"reason": "告知双方，作为合同终止的理由。"}


class ExtendForm(BodyForm):
    body = s.ExtendIn
    field_order = ("version", "end_date", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)


class PaymentReportForm(BodyForm):
    body = s.PaymentReportIn
    uploads = {"receipt": "receipt"}
    labels = {"receipt": "电子回单", "paid_at": "付款时间"}
    kinds: ClassVar = {
        "bank_serial": forms.TextInput(attrs={"maxlength": 64, "autocomplete": "off"}),
        "paid_at": widgets.Moment(attrs={"step": "1"}),  # receipts tell the second, and so does the signature
    }
    helps = {"paid_at": "须在双方签署之后。", "bank_serial": "4至64位数字、字母或连字符，见银行回单。"}


class InvoiceForm(BodyForm):
    body = s.InvoiceIn
    uploads = {"file": "invoice"}
    labels = {"number": "发票号码", "file": "发票文件"}
    kinds: ClassVar = {
        "number": forms.TextInput(attrs={"maxlength": 20, "inputmode": "numeric", "autocomplete": "off"})
    }
    helps = {
        "number": "数电票20位；旧版发票先写发票代码，再写8位号码，中间不留空格。",
        "issued_on": "以发票所载为准，不早于合同签署之日，不晚于今天。",
        "file": "数电票请优先上传XML或OFD原件。",
    }


class InvoiceWithdrawForm(BodyForm):
    body = s.InvoiceWithdrawIn
    field_order = ("version", "how", "reason")
    labels = {"how": "办理方式", "reason": "原因"}
    helps = {"how": "已开具红字发票的选“已红冲”，其余选“已作废”。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)
