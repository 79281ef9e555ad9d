"""The machines of accreditation (DOMAIN 6.2, 6.3), and the small vocabularies around them."""

from __future__ import annotations

from django.db.models import TextChoices


class RoundKind(TextChoices):
    """What a round calls for."""

    PROVIDERS = "providers", "服务商"
    PRODUCTS = "products", "服务券产品"
    BOTH = "both", "服务商和服务券产品"


class CaseKind(TextChoices):
    """What an application asks for; also the code of its 公示."""

    PROVIDER = "provider", "服务商资格"
    PRODUCT = "product", "服务券产品"


class RoundState(TextChoices):
    PLANNED = "planned", "筹备中"
    OPEN = "open", "征集中"
    CLOSED = "closed", "征集截止"
    REVIEWING = "reviewing", "评审中"
    DECIDED = "decided", "已审定"
    PUBLICITY = "publicity", "公示中"
    LISTED = "listed", "已纳入名单"
    ENDED = "ended", "已办结"
    CANCELLED = "cancelled", "已取消"


R = RoundState
ROUND_ARCS: dict[RoundState, frozenset[RoundState]] = {
    R.PLANNED: frozenset({R.OPEN, R.CANCELLED}),
    R.OPEN: frozenset({R.CLOSED}),
    R.CLOSED: frozenset({R.REVIEWING, R.ENDED}),  # ended at once when nobody applied, or nothing is left
    R.REVIEWING: frozenset({R.DECIDED, R.ENDED}),
    R.DECIDED: frozenset({R.PUBLICITY, R.ENDED}),
    R.PUBLICITY: frozenset({R.LISTED, R.DECIDED}),  # back when the list is withdrawn and shown anew
    R.LISTED: frozenset({R.ENDED}),
}
ROUND_PUBLIC = frozenset(RoundState) - {R.PLANNED, R.CANCELLED}
ROUND_PUBLISHED = ROUND_PUBLIC


class ApplicationState(TextChoices):
    DRAFT = "draft", "填报中"
    SUBMITTED = "submitted", "已提交"
    FORMAL_CHECK = "formal_check", "已形式审查"
    RETURNED = "returned", "退回补正"
    WITHDRAWN = "withdrawn", "已撤回"
    REJECTED = "rejected", "不予受理"
    DEPT_ACCEPTED = "dept_accepted", "处室已受理"
    EXPERT_REVIEW = "expert_review", "专家评审中"
    SCORED = "scored", "评审已打分"
    RECOMMENDED = "recommended", "拟推荐"
    NOT_RECOMMENDED = "not_recommended", "不予推荐"
    DECLINED = "declined", "审定未通过"
    APPROVED = "approved", "已审定"
    PUBLICITY = "publicity", "公示中"
    OBJECTION_HOLD = "objection_hold", "异议核查中"
    LISTED = "listed", "已纳入年度名单"
    REMOVED = "removed", "公示后移出"


A = ApplicationState
APPLICATION_ARCS: dict[ApplicationState, frozenset[ApplicationState]] = {
    A.DRAFT: frozenset({A.SUBMITTED, A.WITHDRAWN, A.REJECTED}),
    A.SUBMITTED: frozenset({A.FORMAL_CHECK, A.RETURNED, A.WITHDRAWN, A.REJECTED}),
    A.FORMAL_CHECK: frozenset({A.RETURNED, A.DEPT_ACCEPTED, A.WITHDRAWN, A.REJECTED}),
    A.RETURNED: frozenset({A.SUBMITTED, A.WITHDRAWN, A.REJECTED}),
    A.DEPT_ACCEPTED: frozenset({A.EXPERT_REVIEW, A.REJECTED}),
    A.EXPERT_REVIEW: frozenset({A.SCORED, A.REJECTED}),
    A.SCORED: frozenset({A.RECOMMENDED, A.NOT_RECOMMENDED, A.REJECTED}),
    A.RECOMMENDED: frozenset({A.APPROVED, A.DECLINED, A.REJECTED}),
    A.APPROVED: frozenset({A.PUBLICITY, A.REMOVED}),
    A.PUBLICITY: frozenset({A.LISTED, A.OBJECTION_HOLD, A.REMOVED, A.APPROVED}),
    A.OBJECTION_HOLD: frozenset({A.LISTED, A.PUBLICITY, A.REMOVED, A.APPROVED}),
}
EDITABLE = frozenset({A.DRAFT, A.RETURNED})
ENDED = frozenset({A.WITHDRAWN, A.REJECTED, A.NOT_RECOMMENDED, A.DECLINED, A.LISTED, A.REMOVED})
FAILED = ENDED - {A.LISTED}
LIVE = frozenset(ApplicationState) - ENDED
WITHDRAWABLE = frozenset({A.DRAFT, A.SUBMITTED, A.FORMAL_CHECK, A.RETURNED})
REJECTABLE = frozenset(state for state, targets in APPLICATION_ARCS.items() if A.REJECTED in targets)
BEFORE_SCORE = frozenset({A.SUBMITTED, A.FORMAL_CHECK, A.RETURNED, A.DEPT_ACCEPTED, A.EXPERT_REVIEW})
# From here on the act of the earlier officer stands on the row.
LISTED_STATES = frozenset({A.LISTED})
PUBLISHED = LISTED_STATES | {A.PUBLICITY, A.OBJECTION_HOLD}
APPROVED = PUBLISHED | {A.APPROVED}
RECOMMENDED = APPROVED | {A.RECOMMENDED}
SCORED = RECOMMENDED | {A.SCORED, A.NOT_RECOMMENDED, A.DECLINED}
ACCEPTED = SCORED | {A.DEPT_ACCEPTED, A.EXPERT_REVIEW}
CHECKED = ACCEPTED | {A.FORMAL_CHECK}
SUBMITTED = CHECKED | {A.SUBMITTED, A.RETURNED}


class Outcome(TextChoices):
    """What a condition came to, by the machine or by a person."""

    OK = "ok", "符合"
    DOUBT = "doubt", "待核实"
    FAIL = "fail", "不符合"


class Source(TextChoices):
    """Where a value or a material comes from (DOMAIN 10.11: shared if possible, uploaded if not)."""

    DECLARED = "declared", "机构填报"
    PARENT = "parent", "母公司数据"
    REGISTRY = "registry", "名册核对"
    PLATFORM = "platform", "平台记录"
    UPLOAD = "upload", "上传材料"
    SHARED = "shared", "数据共享"


class MaterialKind(TextChoices):
    """The materials of 第十四条; the form itself is generated, the contracts stand in the list of clients."""

    LICENCE = "licence", "机构登记、注册证照"
    QUALIFICATION = "qualification", "专业服务资质证明"
    SOCIAL_INSURANCE = "social_insurance", "社保缴纳证明"
    TAX = "tax", "纳税登记表"
    REVENUE = "revenue", "上年营业收入证明"
    PARENT = "parent", "母公司关系和指标证明"
    PLATFORM = "platform", "公共服务平台认定文件"
    PRODUCT_QUALIFICATION = "product_qualification", "产品资质和案例"
    PRICE = "price", "市场价格证明"
    OTHER = "other", "其他证明材料"


class AskKind(TextChoices):
    """What an ask-back points at."""

    FIELD = "field", "填报项"
    MATERIAL = "material", "材料"
    CLIENTS = "clients", "上年服务企业清单"
    CONDITION = "condition", "条件"


class ExpertState(TextChoices):
    PROPOSED = "proposed", "待确认"
    ACTIVE = "active", "在库"
    RETIRED = "retired", "已出库"


EXPERT_ARCS: dict[ExpertState, frozenset[ExpertState]] = {
    ExpertState.PROPOSED: frozenset({ExpertState.ACTIVE, ExpertState.RETIRED}),
    ExpertState.ACTIVE: frozenset({ExpertState.RETIRED}),
    ExpertState.RETIRED: frozenset({ExpertState.ACTIVE}),
}


class TieNature(TextChoices):
    """How an expert is tied to a body."""

    EMPLOYED = "employed", "任职"
    OWNS = "owns", "持股或出资"
    SERVED = "served", "提供服务"
    OTHER = "other", "其他利害关系"


class PanelState(TextChoices):
    DRAWN = "drawn", "已抽取待确认"
    APPROVED = "approved", "已确认"
    CANCELLED = "cancelled", "已作废"


PANEL_ARCS: dict[PanelState, frozenset[PanelState]] = {
    PanelState.DRAWN: frozenset({PanelState.APPROVED, PanelState.CANCELLED}),
}


class SheetState(TextChoices):
    ASSIGNED = "assigned", "待声明回避"
    OPEN = "open", "评审中"
    SIGNED = "signed", "已签署"
    RECUSED = "recused", "已回避"
    RELEASED = "released", "已替换"


SHEET_ARCS: dict[SheetState, frozenset[SheetState]] = {
    SheetState.ASSIGNED: frozenset({SheetState.OPEN, SheetState.RECUSED, SheetState.RELEASED}),
    SheetState.OPEN: frozenset({SheetState.SIGNED, SheetState.RECUSED, SheetState.RELEASED}),
}
SHEET_LIVE = frozenset({SheetState.ASSIGNED, SheetState.OPEN, SheetState.SIGNED})
SHEET_OPENED = frozenset({SheetState.OPEN, SheetState.SIGNED})
