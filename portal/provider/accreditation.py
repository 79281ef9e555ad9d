"""Accreditation: rounds that are open, one's applications from draft to list, what is to be put right (第九条、第十三至十六条)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accreditation import form as paper
from accreditation import gathering, policies, progress, requirements, selectors
from accreditation.models import Application, Round
from accreditation.serializers import bodies
from accreditation.services import filing
from accreditation.states import EDITABLE, ENDED, WITHDRAWABLE, CaseKind, MaterialKind, Outcome
from accreditation.states import ApplicationState as A
from credit import commitments
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.api.fields import Versioned
from foundation.errors import not_found
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm, Some, Text
from portal.kit.lists import Column, Filter, Listing
from portal.kit.widgets import Boxes
from portal.provider.common import tone
from providers import selectors as providers
from providers.serializers import ListingOut

# the way of a case as the 办法 names it (第十五条), each step with the states in which the case is at it
STEPS: tuple[tuple[str, frozenset[A]], ...] = (
    ("填报", frozenset({A.DRAFT, A.WITHDRAWN})),
    ("受理", frozenset({A.SUBMITTED, A.RETURNED})),
    ("初审", frozenset({A.FORMAL_CHECK, A.REJECTED})),
    ("专家评审", frozenset({A.DEPT_ACCEPTED, A.EXPERT_REVIEW, A.SCORED, A.NOT_RECOMMENDED})),
    ("审定", frozenset({A.RECOMMENDED, A.DECLINED})),
    ("公示", frozenset({A.APPROVED, A.PUBLICITY, A.OBJECTION_HOLD, A.REMOVED})),
    ("入库", frozenset()),
)
COMMITMENT = "commitment"


def case_page(row: Application) -> str:
    return reverse("provider:application", kwargs={"pk": row.pk})


def own_cases(by: User) -> QuerySet[Application]:
    """The applications of the caller's own provider, with all that their page shows."""
    rows = selectors.visible_applications(by).filter(provider__organisation=by.organisation_id)
    return rows.select_related("renews", "provider__organisation")


def steps_of(row: Application) -> list[tuple[str, str]]:
    """Each step with how far it is: done, now, or nothing."""
    at = next((place for place, (_, states) in enumerate(STEPS) if row.state in states), len(STEPS))
    ended = row.state in ENDED
    return [
        (label, "done" if place < at else "now" if place == at and not ended else "skipped" if place == at else "")
        for place, (label, _) in enumerate(STEPS)
    ]


def _of(row: Application) -> str:
    return row.product_version.name if row.product_version is not None else f"{row.year}年度服务商"


LIST = Listing(
    name="applications",
    caption="认定申请",
    columns=(
        Column(name="number", label="申请编号", show="number", sort="number", place="title", link=case_page),
        Column(name="kind", label="申请事项", show="get_kind_display", second=_of),
        Column(name="round", label="征集批次", show="round.number"),
        Column(name="submitted", label="提交时间", show="submitted_at", kind="moment"),
        Column(name="due", label="补正期限", show="correction_due", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="kind", label="事项", narrow="kind", choices=CaseKind.choices),
        Filter(name="state", label="状态", narrow="state", choices=A.choices),
    ),
    flag=lambda row: row.state == A.RETURNED,
    empty="还没有认定申请。征集期内可在本页上方选择批次开始填报。",
)


# --- forms


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


class _OneClient(Versioned, bodies.ClientIn):
    """One more enterprise served last year."""


class ClientForm(BodyForm):
    body = _OneClient
    only = ("version", "name", "uscc", "served_on", "of_parent", "file")
    labels = {
        "name": "企业名称",
        "uscc": "统一社会信用代码",
        "served_on": "合同签订或验收日期",
        "of_parent": "是母公司的合同",
        "file": "合同",
    }
    uploads = {"file": "material"}


class _ManyClients(bodies.ClientsIn):
    """Several, proven by one file."""


class ManyClientsForm(BodyForm):
    """Lines as they come out of a spreadsheet, and the file in which all of their contracts are."""

    body = _ManyClients
    only = ("version", "lines")
    lines = Text(
        label="企业清单",
        help_text="一行一家：企业名称、统一社会信用代码、日期（2025-06-30），用逗号、空格或制表符隔开，可从表格粘贴。",
        widget=forms.Textarea(attrs={"rows": 10}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places: list[int] = []  # of which line each client is
        file = ClientForm(by=self.by).fields["file"]
        file.label = "合同（全部企业的合同合为一份文件）"
        self.fields["file"] = file
        self.fields["lines"].widget.is_required = True

    def clean(self) -> dict[str, Any]:
        for name in ("lines", "file"):
            if not self.cleaned_data.get(name) and name not in self._errors:
                self.add_error(name, f"请{'填写' if name == 'lines' else '选择'}“{self.fields[name].label}”。")
        return super().clean()

    def clean_lines(self) -> list[list[str]]:
        found, self.places = [], []
        for number, line in enumerate((self.cleaned_data["lines"] or "").splitlines(), start=1):
            parts = line.replace("，", ",").replace("\t", ",").replace("、", ",").replace(" ", ",").split(",")
            parts = [part.strip() for part in parts if part.strip()]
            if not parts:
                continue
            if len(parts) != 3:
                raise forms.ValidationError(f"第{number}行须有企业名称、代码、日期三项，现有{len(parts)}项。")
            found.append(parts)
            self.places.append(number)
        return found

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        clients = [
            {"name": name, "uscc": code, "served_on": day, "file": cleaned["file"]}
            for name, code, day in cleaned["lines"]
        ]
        return {"version": cleaned["version"], "clients": clients}

    def take(self, errors: Mapping[str, Any]) -> None:
        """The line to which each sentence belongs is named."""
        said = errors.get("clients")
        if isinstance(said, dict):
            for place, wrong in said.items():
                for sentence in [one for parts in wrong.values() for one in parts]:
                    self.add_error("lines", f"第{self.places[int(place)]}行：{sentence}")
            errors = {name: one for name, one in errors.items() if name != "clients"}
        super().take(errors)


class UnlistForm(BodyForm):
    """One of the listed, by its code."""

    body = Versioned
    uscc = forms.ChoiceField(label="移出哪一家", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uscc"].widget.is_required = True
        self.fields["uscc"].choices = (kwargs.get("choices") or {}).get("uscc", ())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("uscc") and "uscc" not in self._errors:
            self.add_error("uscc", "请选择“移出哪一家”。")
        self.validated["uscc"] = cleaned.get("uscc", "")
        return cleaned


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


# --- acts


def _may_edit(by: User, row: Application) -> bool:
    return row.state in EDITABLE and policies.acts_for(by, row.provider)


def _may_edit_provider(by: User, row: Application) -> bool:
    return row.kind == CaseKind.PROVIDER and _may_edit(by, row)


def _has_clients(by: User, row: Application) -> bool:
    return _may_edit_provider(by, row) and selectors.clients(row).count() > 1


def _in_time(row: Application) -> bool:
    """Whether it is still time to submit: in the round, or within the correction's own days."""
    if row.state == A.DRAFT:
        return row.round.state == "open" and row.round.opens_on <= clock.today() <= row.round.closes_on
    return row.correction_due is None or clock.today() <= row.correction_due


def _asks(row: Application) -> list[tuple[int, str]]:
    if row.state != A.RETURNED:
        return []
    return [(one.position, f"第{one.position}项 {one.label}：{one.what}") for one in selectors.asks(row)]


def _clients(row: Application) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "uscc": one.uscc,
            "served_on": one.served_on,
            "of_parent": one.of_parent,
            "file": one.file_id,
        }
        for one in selectors.clients(row)
    ]


def _add_client(by: User, row: Application, data: dict[str, Any]) -> Application:
    version = data.pop("version")
    clients = [*_clients(row), data]
    return filing.list_clients(by=by, application_id=row.pk, version=version, clients=clients)


def _add_clients(by: User, row: Application, data: dict[str, Any]) -> Application:
    clients = [*_clients(row), *data["clients"]]
    return filing.list_clients(by=by, application_id=row.pk, version=data["version"], clients=clients)


def _unlist(by: User, row: Application, data: dict[str, Any]) -> Application:
    clients = [one for one in _clients(row) if one["uscc"] != data["uscc"]]
    return filing.list_clients(by=by, application_id=row.pk, version=data["version"], clients=clients)


def _edit(by: User, row: Application, data: dict[str, Any]) -> Application:
    version = data.pop("version")
    return filing.edit(by=by, application_id=row.pk, version=version, changes=data)


def _attach(by: User, row: Application, data: dict[str, Any]) -> Application:
    return filing.attach(
        by=by,
        application_id=row.pk,
        version=data["version"],
        kind=data["kind"],
        file_id=data.get("file"),
        reference=data["reference"],
        fields=data["fields_proven"],
    )


def _submit(by: User, row: Application, data: dict[str, Any]) -> Application:
    answers = {one["position"]: one["answer"] for one in data["answers"]}
    return filing.submit(by=by, application_id=row.pk, version=data["version"], answers=answers)


def _check_page(by: User, row: Application) -> dict[str, Any]:
    failing = gathering.will_fail(row)
    return {
        "missing": gathering.missing(row),
        "conditions": _live_conditions(row),
        "advice": paper.advice(failing),
        "paper": paper.of(row),
        "words": commitments.current(row.provider.organisation.kind),
        "asks": selectors.asks(row) if row.state == A.RETURNED else (),
    }


def _materials_to_give(row: Application) -> list[tuple[str, str]]:
    return [(one.value, str(one.label)) for one in MaterialKind]


DECK = Deck(
    name="provider:application",
    roles=PROVIDER,
    rows=own_cases,
    title=lambda row: f"{row.get_kind_display()}申请 {row.number}",
    acts=(
        Act(
            name="submit",
            label="核对并提交",
            tone="main",
            icon="send",
            intro="提交前最后核对。提交由服务商签署人办理，同时签署信用承诺。",
            article="13,14",
            form=SubmitForm,
            template="portal/provider/application_submit.html",
            may=lambda by, row: row.state in EDITABLE and _in_time(row) and policies.may_sign(by, row.provider),
            initial=lambda by, row: {"asks": _asks(row)},
            shown=_check_page,
            run=_submit,
            done="申请已提交，促进中心将进行形式审查。",
        ),
        Act(
            name="edit",
            label="填写申请表",
            icon="pen",
            article="13,14",
            form=EditForm,
            may=_may_edit_provider,
            choices=lambda by, row: {
                "categories": [(one.code, one.name) for one in row.notice.parsed.categories.values()]
            },
            initial=lambda by, row: {name: getattr(row, name) for name in filing.EDITABLE_FIELDS},
            run=_edit,
            done="已保存。",
        ),
        Act(
            name="attach",
            label="添加材料",
            icon="upload",
            article="14",
            form=AttachForm,
            may=_may_edit,
            choices=lambda by, row: {"kind": _materials_to_give(row)},
            run=_attach,
            done="材料已添加。",
        ),
        Act(
            name="detach",
            label="撤下材料",
            form=DetachForm,
            may=lambda by, row: _may_edit(by, row) and selectors.materials(row).exists(),
            choices=lambda by, row: {
                "material": [
                    (str(one.pk), f"{one.get_kind_display()}：{one.file or one.reference}")
                    for one in selectors.materials(row)
                ]
            },
            run=lambda by, row, data: filing.detach(
                by=by, application_id=row.pk, version=data["version"], material_id=data["material"]
            ),
            done="材料已撤下，仍留存记录。",
        ),
        Act(
            name="client",
            label="添加服务企业",
            icon="plus",
            article="13,14",
            form=ClientForm,
            may=_may_edit_provider,
            run=_add_client,
            done="已列入清单。",
        ),
        Act(
            name="clients",
            label="成批添加服务企业",
            icon="list",
            article="13,14",
            form=ManyClientsForm,
            may=_may_edit_provider,
            run=_add_clients,
            done="已列入清单。",
        ),
        Act(
            name="unlist",
            label="移出服务企业",
            form=UnlistForm,
            may=_has_clients,
            choices=lambda by, row: {
                "uscc": [(one.uscc, f"{one.name}（{one.uscc}）") for one in selectors.clients(row)]
            },
            run=_unlist,
            done="已移出清单。",
        ),
        Act(
            name="withdraw",
            label="撤回申请",
            tone="danger",
            intro="尚未受理的可以撤回；征集期内或以后的批次可以重新申请。",
            form=ReasonForm,
            may=lambda by, row: row.state in WITHDRAWABLE and policies.acts_for(by, row.provider),
            run=lambda by, row, data: filing.withdraw(by=by, application_id=row.pk, **data),
            done="申请已撤回。",
        ),
    ),
)


def _may_apply(by: User, row: Round) -> bool:
    provider = providers.own(by)
    free = selectors.live_case(provider.pk, row.year) is None and selectors.bar_on(provider.uscc) is None
    return free and row.calls_for(CaseKind.PROVIDER) and policies.acts_for(by, provider)


def _renewable(by: User, row: Round) -> bool:
    return selectors.last_listed(providers.own(by).pk, row.year) is not None


ROUND_DECK = Deck(
    name="provider:round",
    roles=PROVIDER,
    rows=lambda by: selectors.open_rounds(by, clock.today()),
    title=lambda row: row.title,
    acts=(
        Act(
            name="apply",
            label="申请服务商资格",
            tone="main",
            icon="award",
            intro="先存为草稿，可随时修改；内容和材料齐备后由签署人提交。资格每年认定一次。",
            article="13,16",
            form=ApplyForm,
            may=_may_apply,
            given=lambda by, row: {
                "round": str(row.pk),
                "kind": CaseKind.PROVIDER.value,
                **({} if _renewable(by, row) else {"renew": False}),
            },
            initial=lambda by, row: {"renew": _renewable(by, row)},
            run=lambda by, row, data: filing.apply(
                by=by, round_id=data["round"], kind=data["kind"], renew=data["renew"]
            ),
            goes=case_page,
            done="申请草稿已建立，请按清单补齐。",
        ),
    ),
)


# --- pages


def _live_conditions(row: Application) -> list[dict[str, Any]]:
    """As they stand now, but for the commitment: that is signed with the submission itself."""
    return [
        {
            **one.as_dict(),
            "label": one.label,
            "source": one.source.label,
            "result": one.result,
            "tone": _tone(one.result),
        }
        for one in gathering.conditions_of(row, commitment=True)
        if one.code != COMMITMENT
    ]


def _kept_conditions(row: Application) -> list[dict[str, Any]]:
    return [
        {
            "label": one.label,
            "article": one.article,
            "asked": one.asked,
            "value": one.value,
            "source": one.get_source_display(),
            "result": Outcome(one.result),
            "tone": _tone(one.result),
            "why": one.why,
            "finding": one.get_finding_display() if one.finding else "",
            "note": one.note,
        }
        for one in selectors.checks(row)
    ]


def _tone(result: str) -> str:
    return {Outcome.OK: "ok", Outcome.DOUBT: "warn", Outcome.FAIL: "bad"}[Outcome(result)]


@pages_for(*PROVIDER)
def cases(request: Asked) -> HttpResponseBase:
    """Where the qualification stands, which rounds are open, and every application."""
    by, today = request.user, clock.today()
    provider = providers.own(by)
    listings = list(providers.visible_listings(by).filter(provider=provider).order_by("-year")[:5])
    renewal = ListingOut()
    context = {
        "listings": [(one, tone(one), renewal.get_renewal(one)) for one in listings],
        "rounds": [
            (one, reverse("provider:round", kwargs={"pk": one.pk}), ROUND_DECK.offered(by, one))
            for one in selectors.open_rounds(by, today)
        ],
        "bar": selectors.bar_on(provider.uscc),
    }
    return LIST.answer(request, own_cases(by), "portal/provider/applications.html", context)


@pages_for(*PROVIDER)
def a_round(request: Asked, pk: str) -> HttpResponseBase:
    """What a round asks: conditions, materials, the experts' score sheet, how many are taken."""
    by = request.user
    row = selectors.visible_rounds(by).filter(pk=pk).first()
    if row is None:
        raise not_found("征集批次")
    is_open = selectors.open_rounds(by, clock.today()).filter(pk=row.pk).exists()
    context = {
        "round": row,
        "open": is_open,
        "asked": requirements.of_round(row),
        "acts": ROUND_DECK.offered(by, row) if is_open else [],
    }
    return render(request, "portal/provider/round.html", context)


@pages_for(*PROVIDER)
def case(request: Asked, pk: str) -> HttpResponseBase:
    """One application: where it is, what is missing, what was found, what was returned."""
    by = request.user
    row = own_cases(by).filter(pk=pk).first()
    if row is None:
        raise not_found("认定申请")
    editable = row.state in EDITABLE
    lacking = gathering.missing(row) if editable else []
    attached = list(selectors.materials(row))
    context = {
        "case": row,
        "of": _of(row),
        "tone": tone(row),
        "steps": steps_of(row),
        "progress": _progress(row, lacking),
        "editable": editable,
        "conditions": _live_conditions(row) if editable else _kept_conditions(row),
        "required": _required(row, attached),
        "materials": attached,
        "clients": selectors.clients(row) if row.kind == CaseKind.PROVIDER else (),
        "asks": selectors.asks(row) if row.returns else (),
        "paper": paper.of(row),
        "acts": DECK.offered(by, row),
        "trail": of_subject(row),
    }
    return render(request, "portal/provider/application.html", context)


def _progress(row: Application, lacking: list[str]) -> progress.Progress:
    return progress.of(
        row.state,
        closes_on=row.round.closes_on,
        check_due=row.check_due,
        correction_due=row.correction_due,
        shown_until=row.publicity.last if row.publicity else None,
        missing=lacking,
        reason=row.reason,
    )


def _required(row: Application, attached: Sequence[Any]) -> list[tuple[str, int]]:
    """Each required kind with how many are there."""
    given = [one.kind for one in attached]
    return [(str(kind.label), given.count(kind.value)) for kind in gathering.required(row)]
