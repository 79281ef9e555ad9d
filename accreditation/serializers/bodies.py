"""Bodies of the acts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accreditation.states import AskKind, CaseKind, MaterialKind, Outcome, RoundKind, TieNature
from foundation.api.fields import CivilDate, Money, Shaped, Versioned, Whole

MOST = 1_000_000
USCC = "统一社会信用代码，18位"


class AccreditationNoteIn(Versioned):
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True, help_text="说明")


class AccreditationReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="理由，将写入存证")


class RoundIn(serializers.Serializer[Any]):
    year = Whole(min_value=2000, max_value=2099, help_text="服务年度")
    kind = serializers.ChoiceField(choices=RoundKind.choices)
    title = serializers.CharField(max_length=120, help_text="征集通知的标题或文号")
    opens_on = CivilDate()
    closes_on = CivilDate()
    provider_seats = Whole(
        min_value=1, max_value=MOST, required=False, allow_null=True, help_text="拟推荐服务商数，不限留空"
    )
    product_seats = Whole(
        min_value=1, max_value=MOST, required=False, allow_null=True, help_text="拟推荐产品数，不限留空"
    )
    notice_file = serializers.UUIDField(required=False, allow_null=True, help_text="先上传到 files/")


class RoundApproveIn(Versioned):
    approval_no = serializers.CharField(max_length=64, help_text="审定文号")


class ExceptionIn(serializers.Serializer[Any]):
    application = serializers.UUIDField()
    reason = serializers.CharField(max_length=500)


class ListIn(Versioned):
    kind = serializers.ChoiceField(choices=CaseKind.choices)


class DrawIn(ListIn):
    applications = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        allow_empty=False,
        max_length=500,
        help_text="不给出则为全部待抽取的申请",
    )


class RecommendListIn(ListIn):
    left_out = serializers.ListField(
        child=ExceptionIn(), required=False, default=list, max_length=500, help_text="不列入推荐名单的申请及理由"
    )


class ApproveListIn(ListIn):
    approval_no = serializers.CharField(max_length=64, help_text="审定文号（会议纪要或签报）")
    declined = serializers.ListField(
        child=ExceptionIn(), required=False, default=list, max_length=500, help_text="不予审定的申请及理由"
    )


class PubliciseListIn(ListIn):
    reference = serializers.CharField(max_length=200, help_text="公示文号或网址")
    first = CivilDate(help_text="公示第一天")
    last = CivilDate(required=False, allow_null=True, help_text="公示最后一天，不给出则为最早的合规日期")


class ApplyIn(serializers.Serializer[Any]):
    round = serializers.UUIDField(help_text="征集批次")
    kind = serializers.ChoiceField(choices=CaseKind.choices)
    product_version = serializers.UUIDField(required=False, allow_null=True, help_text="产品申请须指明")
    renew = serializers.BooleanField(required=False, default=False, help_text="带入上次列入名单的申请内容")


class ApplicationEditIn(Versioned):
    """Only the fields named are changed."""

    categories = serializers.ListField(
        child=serializers.CharField(max_length=32), required=False, allow_empty=False, max_length=20
    )
    public_platform = serializers.CharField(max_length=120, required=False, allow_blank=True)
    parent_core_staff = Whole(min_value=0, max_value=MOST, required=False)
    parent_clients = Whole(min_value=0, max_value=MOST, required=False)
    parent_revenue = Money(required=False)


class AttachIn(Versioned):
    kind = serializers.ChoiceField(choices=MaterialKind.choices)
    file = serializers.UUIDField(required=False, allow_null=True, help_text="先上传到 files/")
    reference = serializers.CharField(
        max_length=200, required=False, default="", allow_blank=True, help_text="共享数据的来源和编号；与文件给出一项"
    )
    fields_proven = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        default=list,
        max_length=20,
        help_text="证明的填报项",
    )


class DetachIn(Versioned):
    material = Whole(min_value=1, max_value=2**31 - 1)


class ClientIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    uscc = serializers.CharField(max_length=32, help_text=USCC)
    served_on = CivilDate(help_text="合同签订或验收日期")
    of_parent = serializers.BooleanField(required=False, default=False, help_text="母公司的合同")
    file = serializers.UUIDField(help_text="合同，先上传到 files/")


class ClientsIn(Versioned):
    clients = serializers.ListField(child=ClientIn(), allow_empty=False, max_length=200)


class AnswerIn(serializers.Serializer[Any]):
    position = Whole(min_value=1, max_value=500)
    answer = serializers.CharField(max_length=500)


class ApplicationSubmitIn(Versioned):
    commitment = serializers.BooleanField(
        help_text="true：承诺所填属实，接受抽查监督和绩效评估（办法第十三条（一）、第二十四条）"
    )
    answers = serializers.ListField(
        child=AnswerIn(), required=False, default=list, max_length=500, help_text="补正的，逐项说明"
    )

    def validate_commitment(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("须签署信用承诺后才能提交。")
        return value


class FindingIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=32)
    result = serializers.ChoiceField(choices=[(one.value, one.label) for one in (Outcome.OK, Outcome.FAIL)])
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class FormalCheckIn(AccreditationNoteIn):
    findings = serializers.ListField(child=FindingIn(), required=False, default=list, max_length=50)


class AskIn(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=AskKind.choices)
    code = serializers.CharField(max_length=32, help_text="填报项、材料或条件的代码")
    what = serializers.CharField(max_length=500, help_text="需要补正什么")
    why = serializers.CharField(max_length=500, help_text="为什么")


class AskBackIn(Versioned):
    items = serializers.ListField(child=AskIn(), allow_empty=False, max_length=50)


class AcceptApplicationIn(Versioned):
    opinion = serializers.CharField(max_length=2000, help_text="初步审查意见")


class ExpertIn(serializers.Serializer[Any]):
    username = Shaped(r"^[\w.@+-]{3,64}$", says="用户名须为3至64个字母、数字、汉字或 . @ + - _，不含空格。")
    password = serializers.CharField(max_length=128, trim_whitespace=False)
    name = serializers.CharField(max_length=64)
    identity_number = serializers.CharField(max_length=18, help_text="18位公民身份号码；只保存摘要，一人一个账号")
    title = serializers.CharField(max_length=64, help_text="职称")
    fields_known = serializers.ListField(
        child=serializers.CharField(max_length=32), allow_empty=False, max_length=20, help_text="专业领域：服务类别代码"
    )
    unit_name = serializers.CharField(max_length=120)
    unit_uscc = serializers.CharField(max_length=32, help_text=USCC)


class TieIn(Versioned):
    name = serializers.CharField(max_length=120)
    uscc = serializers.CharField(max_length=32, help_text=USCC)
    nature = serializers.ChoiceField(choices=TieNature.choices)
    ended_on = CivilDate(required=False, allow_null=True, help_text="关系结束日期，仍存续的留空")
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class TieRemoveIn(AccreditationReasonIn):
    tie = Whole(min_value=1, max_value=2**31 - 1)


class DeclareIn(Versioned):
    conflict = serializers.BooleanField(help_text="true：有利害关系，回避；false：无利害关系，开始评审")
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class PointIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=32)
    points = Shaped(r"^[0-9]{1,3}(\.[0-9])?$", says="得分须为半角数字，最多一位小数，例如 36.5。")


class SignSheetIn(Versioned):
    points = serializers.ListField(child=PointIn(), allow_empty=False, max_length=30)
    vote = serializers.BooleanField(help_text="true：赞成")
    comment = serializers.CharField(max_length=2000, help_text="评审意见")


def as_reasons(items: list[dict[str, Any]]) -> dict[Any, str]:
    """The exceptions of a list by application."""
    return {one["application"]: str(one["reason"]) for one in items}
