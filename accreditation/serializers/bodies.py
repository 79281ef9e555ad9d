"""Bodies of the acts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accreditation.states import AskKind, CaseKind, MaterialKind, Outcome, RoundKind, TieNature
from foundation.api.fields import Choice, CivilDate, Money, Shaped, Versioned, Whole

MOST = 1_000_000
USCC = "统一社会信用代码，18位"


class AccreditationNoteIn(Versioned):
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True, help_text="说明")


class AccreditationReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="理由，将写入存证")


class RoundIn(serializers.Serializer[Any]):
    year = Whole(min_value=2000, max_value=2099, help_text="服务年度")
    kind = Choice(choices=RoundKind.choices, help_text="征集服务商、产品，或两者")
    title = serializers.CharField(max_length=120, help_text="征集通知的标题或文号")
    opens_on = CivilDate(help_text="开始接收申请之日，YYYY-MM-DD（北京时间），当日零时起")
    closes_on = CivilDate(help_text="截止之日，YYYY-MM-DD（北京时间），含当日")
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
    application = serializers.UUIDField(help_text="申请编号（UUID）")
    reason = serializers.CharField(max_length=500, help_text="与评审结论不一致的理由")


class ListIn(Versioned):
    kind = Choice(choices=CaseKind.choices, help_text="服务商名单还是产品名单")


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
    kind = Choice(choices=CaseKind.choices, help_text="申请成为服务商，还是产品入库")
    product_version = serializers.UUIDField(required=False, allow_null=True, help_text="产品申请须指明")
    renew = serializers.BooleanField(required=False, default=False, help_text="带入上次列入名单的申请内容")


class ApplicationEditIn(Versioned):
    """Only the fields named are changed."""

    categories = serializers.ListField(
        child=serializers.CharField(max_length=32),
        required=False,
        allow_empty=False,
        max_length=20,
        help_text="申请的服务类别代码，见征集批次的 requirements/",
    )
    public_platform = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="所获公共服务平台称号，没有的留空"
    )
    parent_core_staff = Whole(min_value=0, max_value=MOST, required=False, help_text="母公司核心业务专职人员数，人")
    parent_clients = Whole(min_value=0, max_value=MOST, required=False, help_text="母公司上年服务企业数，家")
    parent_revenue = Money(required=False, help_text="母公司上年营业收入，元，两位小数")


class AttachIn(Versioned):
    kind = Choice(choices=MaterialKind.choices, help_text="材料种类")
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
    material = Whole(min_value=1, max_value=2**31 - 1, help_text="材料的编号，见申请的 materials/")


class ClientIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120, help_text="上年所服务企业的名称")
    uscc = serializers.CharField(max_length=32, help_text=USCC)
    served_on = CivilDate(help_text="合同签订或验收日期")
    of_parent = serializers.BooleanField(required=False, default=False, help_text="母公司的合同")
    file = serializers.UUIDField(help_text="合同，先上传到 files/")


class ClientsIn(Versioned):
    clients = serializers.ListField(
        child=ClientIn(), allow_empty=False, max_length=200, help_text="上年所服务企业的清单，整份替换原清单"
    )


class AnswerIn(serializers.Serializer[Any]):
    position = Whole(min_value=1, max_value=500, help_text="补正事项的序号，见申请的 asks/")
    answer = serializers.CharField(max_length=500, help_text="补正的说明")


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
    code = serializers.CharField(max_length=32, help_text="条件的代码，见申请的 conditions/")
    result = Choice(
        choices=[(one.value, one.label) for one in (Outcome.OK, Outcome.FAIL)], help_text="核实结论：符合或不符合"
    )
    note = serializers.CharField(
        max_length=500, required=False, default="", allow_blank=True, help_text="核实说明；与系统比对结论不同时必填"
    )


class FormalCheckIn(AccreditationNoteIn):
    findings = serializers.ListField(
        child=FindingIn(),
        required=False,
        default=list,
        max_length=50,
        help_text="逐项结论：conditions/ 列出的每项条件都须有，缺一项即 409 CONDITIONS_UNVERIFIED；补正后再审时，已核实且未变动的可以不再给",
    )


class AskIn(serializers.Serializer[Any]):
    kind = Choice(choices=AskKind.choices, help_text="补正的是填报项、材料还是条件")
    code = serializers.CharField(max_length=32, help_text="填报项、材料或条件的代码")
    what = serializers.CharField(max_length=500, help_text="需要补正什么")
    why = serializers.CharField(max_length=500, help_text="为什么")


class AskBackIn(Versioned):
    items = serializers.ListField(
        child=AskIn(), allow_empty=False, max_length=50, help_text="须补正的事项，一次性全部告知"
    )


class AcceptApplicationIn(Versioned):
    opinion = serializers.CharField(max_length=2000, help_text="初步审查意见")


class ExpertIn(serializers.Serializer[Any]):
    username = Shaped(
        r"^[\w.@+-]{3,64}$",
        says="用户名须为3至64个字母、数字、汉字或 . @ + - _，不含空格。",
        help_text="专家登录用的用户名，全平台不重复",
    )
    password = serializers.CharField(
        max_length=128, trim_whitespace=False, help_text="初始密码，至少10位，不能是常见密码"
    )
    name = serializers.CharField(max_length=64, help_text="专家姓名")
    identity_number = serializers.CharField(max_length=18, help_text="18位公民身份号码；只保存摘要，一人一个账号")
    title = serializers.CharField(max_length=64, help_text="职称")
    fields_known = serializers.ListField(
        child=serializers.CharField(max_length=32), allow_empty=False, max_length=20, help_text="专业领域：服务类别代码"
    )
    unit_name = serializers.CharField(max_length=120, help_text="所在单位名称")
    unit_uscc = serializers.CharField(max_length=32, help_text=USCC)


class TieIn(Versioned):
    name = serializers.CharField(max_length=120, help_text="有利害关系的单位名称")
    uscc = serializers.CharField(max_length=32, help_text=USCC)
    nature = Choice(choices=TieNature.choices, help_text="关系的性质")
    ended_on = CivilDate(required=False, allow_null=True, help_text="关系结束日期，仍存续的留空")
    reason = serializers.CharField(
        max_length=200, required=False, default="", allow_blank=True, help_text="情况说明，可不填"
    )


class TieRemoveIn(AccreditationReasonIn):
    tie = Whole(min_value=1, max_value=2**31 - 1, help_text="利害关系的序号，见专家详情")


class DeclareIn(Versioned):
    conflict = serializers.BooleanField(help_text="true：有利害关系，回避；false：无利害关系，开始评审")
    reason = serializers.CharField(
        max_length=500, required=False, default="", allow_blank=True, help_text="回避的理由；不回避的可不填"
    )


class PointIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=32, help_text="评分项的代码，见征集批次的 requirements/")
    points = Shaped(
        r"^[0-9]{1,3}(\.[0-9])?$",
        says="得分须为半角数字，最多一位小数，例如 36.5。",
        help_text="得分，分，最多一位小数，写成字符串",
    )


class SignSheetIn(Versioned):
    points = serializers.ListField(
        child=PointIn(), allow_empty=False, max_length=30, help_text="各评分项的得分，每项一条"
    )
    vote = serializers.BooleanField(help_text="true：赞成")
    comment = serializers.CharField(max_length=2000, help_text="评审意见")


def as_reasons(items: list[dict[str, Any]]) -> dict[Any, str]:
    """The exceptions of a list by application."""
    return {one["application"]: str(one["reason"]) for one in items}
