"""What is asked for an application: the paper, its materials, the commitment (第十三、十四条)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from accreditation.serializers import bodies
from portal.kit.forms import BodyForm, Some, Text
from portal.kit.widgets import Boxes


class CategoriesField(Some):
    """The service categories of the notice; which they are is told by the act's choices."""

    def __init__(self) -> None:
        super().__init__(widget=Boxes(), required=False)

    def clean(self, value: Any) -> Any:
        return super().clean(value) or None


class EditForm(BodyForm):
    body = bodies.ApplicationEditIn
    labels = {
        "categories": "申请的服务类别",
        "public_platform": "公共服务平台称号",
        "parent_core_staff": "母公司核心业务专职人员数",
        "parent_clients": "母公司上年服务企业数",
        "parent_revenue": "母公司上年营业收入",
    }
    helps = {
        "categories": "至少一项，只列确实提供的。",
        "public_platform": "自治区级以上公共服务平台或机构的称号；没有的留空。",
        "parent_core_staff": "以母公司指标计入的才填写。",
    }


class AttachForm(BodyForm):
    body = bodies.AttachIn
    only = ("version", "kind", "file", "reference")
    labels = {"kind": "材料种类", "file": "文件", "reference": "共享数据的来源和编号"}
    helps = {"reference": "能从共享数据查到的可以不上传，写明来源和编号；文件和来源给出一项。"}
    uploads = {"file": "material"}


class DetachForm(BodyForm):
    body = bodies.DetachIn
    labels = {"material": "撤下哪一份"}


class SubmitForm(BodyForm):
    """The commitment, and one answer for each item that was returned."""

    body = bodies.ApplicationSubmitIn
    only = ("version", "commitment")
    labels = {"commitment": "我代表本机构签署上述承诺，并确认所填内容和材料属实"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        asks: Sequence[tuple[int, str]] = (kwargs.get("initial") or {}).get("asks", ())
        super().__init__(*args, **kwargs)
        self.positions = [position for position, _ in asks]
        for position, label in asks:
            field = Text(label=label, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}))
            field.widget.is_required = True
            self.fields[f"answer_{position}"] = field
            self.order_fields(["version", *(f"answer_{one}" for one in self.positions), "commitment"])

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        given = {position: cleaned.get(f"answer_{position}") for position in self.positions}
        answers = [{"position": position, "answer": text} for position, text in given.items() if text]
        return {"version": cleaned["version"], "commitment": cleaned["commitment"], "answers": answers}


class ReasonForm(BodyForm):
    body = bodies.AccreditationReasonIn


class ApplyForm(BodyForm):
    body = bodies.ApplyIn
    only = ("renew",)
    labels = {"renew": "带入上次列入名单的申请内容（续期）"}
    helps = {"renew": "服务类别、证照、资质等不随年度变化的内容带入，其余仍须重新提供。"}
