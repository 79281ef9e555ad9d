"""States of a credit record and of a complaint (DOMAIN 6.13), and the grounds of 第二十七条."""

from __future__ import annotations

from django.db.models import TextChoices


class Ground(TextChoices):
    """What was done: the six of 第二十七条, false material of 第十六条, and what another law says."""

    TRANSFERRED = "transferred", "转让、赠送和买卖服务券（第二十七条第一项）"
    SUBCONTRACTED = "subcontracted", "转让、转包、分包合同（第二十七条第二项）"
    FAKE_DEAL = "fake_deal", "虚假交易、串通套现（第二十七条第三项）"
    COMPLAINT = "complaint", "用券主体投诉查实并产生较大不良影响（第二十七条第四项）"
    MISMATCH = "mismatch", "自查报告和审计报告结果严重不相符（第二十七条第五项）"
    UNCOOPERATIVE = "uncooperative", "不配合监督和检查（第二十七条第六项）"
    FALSE_MATERIAL = "false_material", "瞒报、虚报资质或申报材料不属实（第十六条）"
    OTHER = "other", "其他法律法规规定的情形"


class RecordState(TextChoices):
    PROPOSED = "proposed", "已提出待复核"
    REVIEWED = "reviewed", "已复核待决定"
    DECLINED = "declined", "不予记录"
    IN_FORCE = "in_force", "生效中"
    REPAIR_APPLIED = "repair_applied", "申请信用修复"
    REPAIRED = "repaired", "已修复"
    EXPIRED = "expired", "已期满"
    CORRECTED = "corrected", "已撤销"


R = RecordState
RECORD_ARCS: dict[RecordState, frozenset[RecordState]] = {
    R.PROPOSED: frozenset({R.REVIEWED, R.DECLINED}),
    R.REVIEWED: frozenset({R.IN_FORCE, R.DECLINED}),
    R.IN_FORCE: frozenset({R.REPAIR_APPLIED, R.EXPIRED, R.CORRECTED}),
    R.REPAIR_APPLIED: frozenset({R.IN_FORCE, R.REPAIRED, R.EXPIRED, R.CORRECTED}),
    R.DECLINED: frozenset(),
    R.REPAIRED: frozenset(),
    R.EXPIRED: frozenset(),
    R.CORRECTED: frozenset(),
}
RECORD_STANDING = frozenset({R.IN_FORCE, R.REPAIR_APPLIED})
RECORD_DECIDED = RECORD_STANDING | {R.REPAIRED, R.EXPIRED, R.CORRECTED}
RECORD_REVIEWED = RECORD_DECIDED | {R.REVIEWED}
RECORD_ENDED = frozenset({R.REPAIRED, R.CORRECTED})


class ComplaintState(TextChoices):
    FILED = "filed", "已收到待受理"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    ACCEPTED = "accepted", "已受理核查中"
    INVESTIGATED = "investigated", "已核查待决定"
    UPHELD = "upheld", "投诉属实"
    NOT_UPHELD = "not_upheld", "投诉不属实"
    WITHDRAWN = "withdrawn", "已撤回"


C = ComplaintState
COMPLAINT_ARCS: dict[ComplaintState, frozenset[ComplaintState]] = {
    C.FILED: frozenset({C.ACCEPTED, C.NOT_ACCEPTED, C.WITHDRAWN}),
    C.ACCEPTED: frozenset({C.INVESTIGATED, C.WITHDRAWN}),
    C.INVESTIGATED: frozenset({C.UPHELD, C.NOT_UPHELD}),
    C.NOT_ACCEPTED: frozenset(),
    C.UPHELD: frozenset(),
    C.NOT_UPHELD: frozenset(),
    C.WITHDRAWN: frozenset(),
}
COMPLAINT_OPEN = frozenset({C.FILED, C.ACCEPTED, C.INVESTIGATED})
COMPLAINT_DECIDED = frozenset({C.UPHELD, C.NOT_UPHELD})
COMPLAINT_INVESTIGATED = COMPLAINT_DECIDED | {C.INVESTIGATED}
COMPLAINT_ACCEPTED = COMPLAINT_INVESTIGATED | {C.ACCEPTED}


class ComplainantKind(TextChoices):
    """Who complains: a party with an account, or anybody by his real name."""

    REGISTERED = "registered", "已注册单位"
    PERSON = "person", "个人"
    UNIT = "unit", "单位"


class Refusal(TextChoices):
    """Why a complaint is not taken up."""

    OUT_OF_SCOPE = "out_of_scope", "不属于服务券事项"
    NO_FACTS = "no_facts", "没有具体事实"
    REPEATED = "repeated", "同一事项已受理或已有结论"
    ELSEWHERE = "elsewhere", "已进入诉讼、仲裁或其他部门处理"
