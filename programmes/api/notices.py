"""Annual notices: public once published, drafts for officers; drafted, approved and published by acts."""

from __future__ import annotations

from typing import Any

from django.db import models
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request

from accounts.api import caller
from foundation.api.fields import Choice, CivilDate, Positive, Versioned, Whole
from foundation.api.filters import Filters
from foundation.api.views import Listed, act
from foundation.errors import Invalid
from programmes import notice_file, selectors, services
from programmes.models import Notice
from programmes.rules import UNITS, Rules
from programmes.states import NoticeKind, NoticeState
from registry import reference


class NoticeOut(serializers.ModelSerializer[Notice]):
    """A notice without its tables; names of officers are not public."""

    label = serializers.CharField(read_only=True)  # type: ignore[assignment]  # a field of ours, not the option
    state_label = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Notice
        fields = [
            "id", "version", "kind", "year", "revision", "label", "doc_no", "title", "issued_on", "valid_from",
            "valid_to", "state", "state_label", "published_at",
        ]  # fmt: skip


class NoticeTitleRow(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class NoticeTierRow(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    quota = serializers.DecimalField(14, 2, help_text="年度额度，元")
    titles = NoticeTitleRow(many=True)
    article = serializers.CharField()


class NoticeCategoryRow(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    rate = serializers.CharField(help_text="补贴比例")
    cap = serializers.DecimalField(14, 2, help_text="单个项目最高，元")
    is_diagnosis = serializers.BooleanField()
    article = serializers.CharField()
    sub_types = NoticeTitleRow(many=True)
    training = serializers.ListField(child=serializers.CharField(), help_text="深修、研学类细分类型")


class NoticeLimitRow(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    length = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=[("wd", "工作日"), ("d", "日历天"), ("m", "个月"), ("y", "年")])
    text = serializers.CharField(help_text="例如 5个工作日")
    basis = serializers.CharField()


class NoticeFigureRow(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    value = serializers.CharField()


class NoticeDocumentRow(serializers.Serializer[Any]):
    doc_no = serializers.CharField()
    title = serializers.CharField()


class NoticeCriterionRow(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    points = serializers.IntegerField(help_text="满分")
    basis = serializers.CharField()


class NoticeTreasuryRow(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    value = serializers.CharField()


class NoticeArticleRow(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class NoticeRulesOut(serializers.Serializer[Any]):
    tiers = NoticeTierRow(many=True)
    categories = NoticeCategoryRow(many=True)
    figures = NoticeFigureRow(many=True)
    limits = NoticeLimitRow(many=True)
    budget_sources = NoticeDocumentRow(many=True)
    rating_aspects = NoticeTitleRow(many=True)
    provider_criteria = NoticeCriterionRow(many=True)
    product_criteria = NoticeCriterionRow(many=True)
    treasury = NoticeTreasuryRow(many=True)
    articles = NoticeArticleRow(many=True)


class NoticeDetail(NoticeOut):
    """A notice with its rules as tables."""

    rules = serializers.SerializerMethodField()

    class Meta(NoticeOut.Meta):
        fields = [*NoticeOut.Meta.fields, "rules"]

    @extend_schema_field(NoticeRulesOut)
    def get_rules(self, row: Notice) -> dict[str, Any]:
        return dict(NoticeRulesOut(tables(row.parsed)).data)


def tables(rules: Rules) -> dict[str, Any]:
    """The rules as rows for people."""
    kinds = reference.title_kinds()
    return {
        "tiers": [
            {
                "code": tier.code,
                "name": tier.name,
                "quota": tier.quota,
                "titles": [{"code": code, "name": kinds[code].name} for code in sorted(tier.titles)],
                "article": tier.article,
            }
            for tier in rules.tiers
        ],
        "categories": [
            {
                **vars(category),
                "rate": str(category.rate),
                "sub_types": [{"code": code, "name": name} for code, name in category.sub_types.items()],
                "training": sorted(category.training),
            }
            for category in rules.categories.values()
        ],
        "figures": [{"code": code, "label": label, "value": value} for code, label, value in _figures(rules)],
        "limits": [{**vars(limit), "text": str(limit)} for limit in rules.limits.values()],
        "budget_sources": [vars(document) for document in rules.budget_sources],
        "rating_aspects": [{"code": code, "name": name} for code, name in rules.ratings.aspects.items()],
        "provider_criteria": [vars(one) for one in rules.review.provider_criteria],
        "product_criteria": [vars(one) for one in rules.review.product_criteria],
        "treasury": [vars(one) for one in rules.treasury],
        "articles": [{"code": code, "text": text} for code, text in rules.articles.items()],
    }


def _figures(rules: Rules) -> list[tuple[str, str, str]]:
    counted = "首日计入" if rules.publicity_counts_first_day else "首日不计入"
    return [
        ("provider_cap", "单个服务商年度结算上限（元）", f"{rules.provider_cap:.2f}"),
        ("cap_warning", "服务商上限预警比例", str(rules.cap_warning)),
        ("deposit_rate", "定金比例", str(rules.deposit_rate)),
        ("smallest_voucher", "暂停签约线（元）", f"{rules.smallest_voucher:.2f}"),
        ("newly_listed_years", "新增入库企业认定年度数", str(rules.newly_listed_years)),
        ("publicity_days", "公示期", f"{rules.publicity_days}个工作日，{counted}"),
        ("max_rectifications", "整改次数上限", str(rules.max_rectifications)),
        ("max_returns", "退回补正次数上限", str(rules.max_returns)),
        ("batch_rounds", "每年集中兑付次数", str(rules.batch_rounds)),
        ("call_rounds", "每年征集次数", str(rules.call_rounds)),
        ("admission_years", "服务商经营年限", f"{rules.admission.years}年"),
        (
            "admission_core_staff",
            "核心业务专职人员",
            f"{rules.admission.core_staff}名，社保满{rules.admission.insured_months}个月",
        ),
        ("admission_clients", "上年服务企业", f"{rules.admission.clients}家"),
        ("admission_revenue", "上年营业收入（元）", f"{rules.admission.revenue:.2f}"),
        (
            "review_experts",
            "评审专家",
            f"{rules.review.experts}名，{rules.review.pass_of}分之{rules.review.pass_votes}以上赞成",
        ),
        ("ratings", "评价分值", f"{rules.ratings.lowest}至{rules.ratings.highest}分"),
        (
            "claim_end",
            "次年结算申请截止日",
            f"{rules.year_end.claim_end_month:02d}-{rules.year_end.claim_end_day:02d}",
        ),
    ]


class NoticeContentIn(serializers.Serializer[Any]):
    """A notice: one that ships with the platform by its name, or its whole content in the file's shape."""

    shipped = Choice(
        choices=[(name, f"{name[-4:]}年度通知") for name in notice_file.SHIPPED],
        required=False,
        help_text="随附通知的名称；与 content 给出且只给出一项",
    )
    content = serializers.DictField(required=False, help_text="与数据文件同一结构；金额和比例写成字符串")


class NoticeRevisionIn(NoticeContentIn, Versioned):
    pass


class NoticeTierIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=48, help_text="代码")
    name = serializers.CharField(max_length=40, help_text="名称")
    quota = Positive(help_text="年度额度，元")


class NoticeCategoryIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=48, help_text="代码")
    name = serializers.CharField(max_length=40, help_text="名称")
    rate = serializers.DecimalField(5, 4, help_text="补贴比例，0与1之间的小数")
    cap = Positive(help_text="单个项目上限，元")


class NoticeLimitIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=48, help_text="代码")
    label = serializers.CharField(max_length=40, help_text="时限")  # type: ignore[assignment]  # as above
    length = Whole(min_value=1, max_value=3650, help_text="长度")
    unit = Choice(choices=list(UNITS.items()), help_text="单位")


class NoticeMainIn(Versioned):
    """The heading and the main figures of a draft, for who edits it in a form; the rest of it stays."""

    doc_no = serializers.CharField(max_length=40, help_text="文号")
    title = serializers.CharField(max_length=120, help_text="标题")
    issued_on = CivilDate(help_text="印发日期")
    valid_from = CivilDate(help_text="有效期起")
    valid_to = CivilDate(help_text="有效期止")
    provider_cap = Positive(help_text="单个服务商年度结算上限，元")
    cap_warning = serializers.DecimalField(5, 4, help_text="服务商上限预警比例")
    deposit_rate = serializers.DecimalField(5, 4, help_text="定金比例")
    smallest_voucher = Positive(help_text="暂停签约线，元")
    newly_listed_years = Whole(min_value=1, max_value=10, help_text="新增入库企业认定年度数")
    publicity_days = Whole(min_value=1, max_value=60, help_text="公示期，工作日")
    max_rectifications = Whole(min_value=0, max_value=20, help_text="整改次数上限")
    max_returns = Whole(min_value=0, max_value=20, help_text="退回补正次数上限")
    batch_rounds = Whole(min_value=1, max_value=12, help_text="每年集中兑付次数")
    call_rounds = Whole(min_value=1, max_value=12, help_text="每年征集次数")
    tiers = serializers.ListField(child=NoticeTierIn(), min_length=1, max_length=12, help_text="档次")
    categories = serializers.ListField(child=NoticeCategoryIn(), min_length=1, max_length=20, help_text="服务类别")
    limits = serializers.ListField(child=NoticeLimitIn(), min_length=1, max_length=40, help_text="时限")


class NoticeApprovalIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="会议纪要或签报文号，写入存证")


class NoticePublicationIn(Versioned):
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="说明，可不填"
    )


def _content(data: dict[str, Any]) -> notice_file.Content:
    given = [name for name in ("shipped", "content") if name in data]
    if len(given) != 1:
        raise Invalid("NOTICE_CONTENT_ONE", "请在 shipped（随附通知名称）与 content（通知内容）中给出且只给出一项。")
    if "shipped" in data:
        return notice_file.shipped(data["shipped"])
    return notice_file.from_json(data["content"])


class NoticeFilter(Filters):
    year = filters.NumberFilter()
    kind = filters.ChoiceFilter(choices=NoticeKind.choices)
    state = filters.ChoiceFilter(choices=NoticeState.choices)

    class Meta:
        model = Notice
        fields = ["year", "kind", "state"]


class NoticeViewSet(Listed):
    """年度通知."""

    permission_classes = [IsAuthenticatedOrReadOnly]
    filterset_class = NoticeFilter
    lookup_value_regex = "[0-9a-f-]{36}"

    def get_serializer_class(self) -> type[NoticeOut]:
        return NoticeDetail if self.action == "retrieve" else NoticeOut

    def rows(self) -> models.QuerySet[Notice]:
        rows = selectors.visible_notices(self.request.user)
        return rows.defer("rules") if self.action == "list" else rows

    @act(
        body=NoticeContentIn,
        out=NoticeDetail,
        summary="起草年度通知（厅职能处室）",
        detail=False,
        path="",
        status=201,
        example={"shipped": "general-2026"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Notice:
        return services.draft_notice(by=caller(request), content=_content(data))

    @act(
        body=NoticeRevisionIn,
        out=NoticeDetail,
        summary="修订成新版（起草）",
        status=201,
        example={"version": 3, "shipped": "general-2026"},
    )
    def revise(self, request: Request, row: Notice, data: dict[str, Any]) -> Notice:
        return services.revise_notice(
            by=caller(request), notice_id=row.pk, version=data["version"], content=_content(data)
        )

    @act(body=NoticeRevisionIn, out=NoticeDetail, summary="修改草稿", example={"version": 1, "shipped": "general-2026"})
    def redraft(self, request: Request, row: Notice, data: dict[str, Any]) -> Notice:
        return services.redraft_notice(
            by=caller(request), notice_id=row.pk, version=data["version"], content=_content(data)
        )

    @act(
        body=NoticeApprovalIn,
        out=NoticeDetail,
        summary="审定（厅审定）",
        example={"version": 1, "reason": "厅务会纪要〔2025〕31号"},
    )
    def approve(self, request: Request, row: Notice, data: dict[str, Any]) -> Notice:
        return services.approve_notice(by=caller(request), notice_id=row.pk, **data)

    @act(body=NoticePublicationIn, out=NoticeDetail, summary="发布（厅职能处室）", example={"version": 2})
    def publish(self, request: Request, row: Notice, data: dict[str, Any]) -> Notice:
        return services.publish_notice(by=caller(request), notice_id=row.pk, **data)
