"""What may be done to an application, and to a round that is open."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accreditation import form as paper
from accreditation import gathering, policies, selectors
from accreditation.models import Application, Round
from accreditation.services import filing
from accreditation.states import EDITABLE, WITHDRAWABLE, CaseKind, MaterialKind
from accreditation.states import ApplicationState as A
from credit import commitments
from foundation import clock
from portal.kit.access import PROVIDER
from portal.kit.acts import Act, Deck
from portal.provider.accreditation.clients import CLIENT_ACTS
from portal.provider.accreditation.conditions import live
from portal.provider.accreditation.forms import ApplyForm, AttachForm, DetachForm, EditForm, ReasonForm, SubmitForm
from portal.provider.accreditation.rows import case_page, may_edit, may_edit_provider, own_cases
from providers import selectors as providers


def _in_time(row: Application) -> bool:
    """Whether it is still time to submit: in the round, or within the correction's own days."""
    if row.state == A.DRAFT:
        return row.round.state == "open" and row.round.opens_on <= clock.today() <= row.round.closes_on
    return row.correction_due is None or clock.today() <= row.correction_due


def _asks(row: Application) -> list[tuple[int, str]]:
    if row.state != A.RETURNED:
        return []
    return [(one.position, f"第{one.position}项 {one.label}：{one.what}") for one in selectors.asks(row)]


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
    told = paper.of(row)
    lines, blank = paper.split(told["lines"])
    return {
        "lines": lines,
        "blank": blank,
        "missing": gathering.missing(row),
        "conditions": live(row),
        "advice": paper.advice(failing),
        "paper": told,
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
            may=may_edit_provider,
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
            may=may_edit,
            choices=lambda by, row: {"kind": _materials_to_give(row)},
            run=_attach,
            done="材料已添加。",
        ),
        Act(
            name="detach",
            label="撤下材料",
            form=DetachForm,
            may=lambda by, row: may_edit(by, row) and selectors.materials(row).exists(),
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
        *CLIENT_ACTS,
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
