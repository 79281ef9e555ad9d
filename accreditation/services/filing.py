"""The applicant's side: drawing up, attaching, submitting, answering what was asked back, withdrawing (第十四条)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from accounts.models import User
from accounts.states import Role
from accreditation import gathering, policies, selectors, states
from accreditation.models import Application, Ask, Client, ConditionCheck, Material, Round
from accreditation.services import common
from accreditation.services.rounds import follow
from accreditation.states import ApplicationState, CaseKind, MaterialKind, RoundState, Source
from credit import services as credit
from engines.evidence import services as evidence
from engines.files import services as files
from engines.files.models import StoredFile
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from foundation.models import next_number
from foundation.states import move
from programmes.deadlines import last_day
from providers import selectors as providers
from providers.models import ProductVersion, Provider
from providers.services import products
from registry import uscc as uscc_rules

EDITABLE_FIELDS = frozenset({"categories", "public_platform", "parent_core_staff", "parent_clients", "parent_revenue"})
KEPT_FOR_RENEWAL = (MaterialKind.LICENCE, MaterialKind.QUALIFICATION, MaterialKind.PLATFORM, MaterialKind.PARENT)
PREFIX = {CaseKind.PROVIDER: "FW", CaseKind.PRODUCT: "CP"}


def apply(*, by: User, round_id: UUID, kind: str, version_id: UUID | None = None, renew: bool = False) -> Application:
    """A draft case of the caller's provider in the round; with `version_id`, of that version of its product.

    With `renew` it takes over what the last listed application said and attached that does not belong to a year
    (第十六条: 每年认定一次). Raises NOT_A_PROVIDER, NOT_FOUND, ROUND_NOT_OPEN, ROUND_KIND, VERSION_NEEDED,
    USCC_BARRED, APPLICATION_EXISTS, NOTHING_TO_RENEW.
    """
    with unit_of_work():
        provider = lock(Provider.objects.all(), providers.own(by).pk)
        if not policies.acts_for(by, provider):
            raise not_allowed("申请认定", Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
        common.refuse_barred_provider(provider)
        row = selectors.visible_rounds(by).filter(pk=round_id).first()
        if row is None:
            raise not_found("征集批次")
        _require_open(row)
        if not row.calls_for(kind):
            raise Refused("ROUND_KIND", f"征集批次{row.number}只征集{row.get_kind_display()}。", kind=row.kind)
        application = Application(
            kind=kind,
            number=f"{PREFIX[CaseKind(kind)]}-{row.year}-{next_number(f'application-{kind}-{row.year}'):05d}",
            round=row,
            year=row.year,
            notice_id=row.notice_id,
            provider=provider,
            product_version=_version(provider, kind, version_id),
        )
        before = _renewed(application) if renew else None
        try:
            facts = {"round": row.number, "kind": kind, "version": str(version_id or ""), "notice": row.notice.label}
            evidence.record(application, act="apply", by=by, facts={**facts, "renews": before.number if before else ""})
        except IntegrityError as error:  # there is one already, or two at once: the database's word counts
            raise _exists(error) from error
        if before is not None:
            _take_over(before, application)
    return application


def edit(*, by: User, application_id: UUID, version: int, changes: Mapping[str, Any]) -> Application:
    """The named answers of a draft or returned case are as given. Raises NOTHING_TO_CHANGE, UNKNOWN_CATEGORY."""
    with unit_of_work():
        application = _editable(by, application_id, version, "修改申请")
        changed = {
            name: value
            for name, value in changes.items()
            if name in EDITABLE_FIELDS and getattr(application, name) != value
        }
        if not changed:
            raise Invalid("NOTHING_TO_CHANGE", "没有可修改的内容，请至少给出一个与原值不同的字段。")
        for code in changed.get("categories", ()):
            application.notice.parsed.category(code)
        for name, value in changed.items():
            setattr(application, name, value)
        evidence.record(application, act="edit", by=by, facts={name: _json(value) for name, value in changed.items()})
    return application


def attach(
    *,
    by: User,
    application_id: UUID,
    version: int,
    kind: str,
    file_id: UUID | None = None,
    reference: str = "",
    fields: Sequence[str] = (),
) -> Application:
    """A material is added: a file of the provider's own, or a reference to shared data (DOMAIN 10.11).

    Raises MATERIAL_FILE_OR_REFERENCE, NOT_FOUND.
    """
    if (file_id is None) == (not reference):
        raise Invalid("MATERIAL_FILE_OR_REFERENCE", "请上传文件，或写明共享数据的来源和编号，两者给出一项。")
    with unit_of_work():
        application = _editable(by, application_id, version, "添加材料")
        file = common.own_file(by, application.provider, file_id) if file_id is not None else None
        Material.objects.create(
            application=application,
            kind=kind,
            source=Source.UPLOAD if file else Source.SHARED,
            file=file,
            reference=reference,
            fields=list(fields),
            added_at=clock.now(),
        )
        facts = {"material": kind, "sm3": file.sm3 if file else "", "reference": reference}
        evidence.record(application, act="attach", by=by, facts=facts)
    return application


def detach(*, by: User, application_id: UUID, version: int, material_id: int) -> Application:
    """A material no longer counts; it stays on record. Raises NOT_FOUND."""
    with unit_of_work():
        application = _editable(by, application_id, version, "撤下材料")
        material = selectors.materials(application).filter(pk=material_id).first()
        if material is None:
            raise not_found("材料")
        material.removed_at = clock.now()
        material.save(update_fields=["removed_at"])
        facts = {"material": material.kind, "sm3": material.file.sm3 if material.file else ""}
        evidence.record(application, act="detach", by=by, facts=facts)
    return application


def list_clients(*, by: User, application_id: UUID, version: int, clients: Sequence[Mapping[str, Any]]) -> Application:
    """The list of enterprises served last year is exactly this one: {name, uscc, served_on, file, of_parent}.

    Raises CLIENT_TWICE, CLIENT_IS_SELF, CLIENT_DATE, USCC_INVALID, NOT_FOUND for a file that is not the provider's.
    """
    with unit_of_work():
        application = _editable(by, application_id, version, "填报上年服务企业")
        rows = [_client(by, application, one) for one in clients]
        codes = [row.uscc for row in rows]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise Invalid("CLIENT_TWICE", f"同一企业只列一次，以下重复：{'、'.join(twice)}。", usccs=twice)
        selectors.clients(application).select_related(None).update(removed_at=clock.now())
        Client.objects.bulk_create(rows)
        facts = {"clients": [{"uscc": row.uscc, "sm3": row.file.sm3, "of_parent": row.of_parent} for row in rows]}
        evidence.record(application, act="list_clients", by=by, facts=facts)
    return application


def submit(*, by: User, application_id: UUID, version: int, answers: Mapping[int, str] | None = None) -> Application:
    """Signed and submitted by the signatory, with the commitment of 第十三条第（一）项.

    Materials complete, every condition checked by machine, a product's version frozen; a returned case answers
    each item of its list by position. Raises MATERIAL_MISSING with all that is missing, ANSWERS_MISSING,
    ROUND_NOT_OPEN, CORRECTION_OVER, USCC_BARRED, and for a product what `providers.services.products.take_up` raises.
    """
    with unit_of_work():
        application = common.lock_application(application_id, version)
        if not policies.may_sign(by, application.provider):
            raise not_allowed("提交申请", Role.PROVIDER_SIGNATORY)
        common.require_state(application, states.EDITABLE, "提交")
        common.refuse_barred_provider(application.provider)
        _require_in_time(application)
        _require_complete(application)
        answered = _answer(application, answers or {})
        if application.kind == CaseKind.PRODUCT and application.product_version_id is not None:
            application.product_version = products.take_up(by=by, version_id=application.product_version_id)
        said = gathering.stated(application)
        digest = gathering.digest(application, said)
        due = last_day(application.notice.parsed.limit("application_check"), clock.today())
        move(application, "submit", "提交")(by, clock.now(), said, digest, due)
        found = _check_conditions(application)
        signed = credit.commit(by=by)
        facts = {
            "commitment": True,
            "commitment_version": signed.text_version,
            "commitment_sm3": signed.text_sm3,
            "digest": digest,
            "due": str(due),
            "conditions": found,
            "answered": answered,
        }
        evidence.record(application, act="submit", by=by, facts=facts)
        common.tell(application, "申请已提交", f"促进中心将于{due}前完成形式审查。")
    return application


def withdraw(*, by: User, application_id: UUID, version: int, reason: str) -> Application:
    """Taken back before it was accepted; a product's version may be edited again."""
    with unit_of_work():
        row, application = common.lock_with_round(application_id, version)
        if not policies.acts_for(by, application.provider):
            raise not_allowed("撤回申请", Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
        move(application, "withdraw", "撤回申请")(reason)
        evidence.record(application, act="withdraw", by=by, reason=reason)
        common.free_version(application, by, f"申请已撤回：{reason}")
        follow(row, by)
    return application


def _editable(by: User, application_id: UUID, version: int, what: str) -> Application:
    application = common.lock_application(application_id, version)
    if not policies.acts_for(by, application.provider):
        raise not_allowed(what, Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
    common.require_state(application, states.EDITABLE, what)
    common.refuse_barred_provider(application.provider)
    return application


def _require_open(row: Round) -> None:
    today = clock.today()
    if row.state != RoundState.OPEN or not row.opens_on <= today <= row.closes_on:
        raise Refused(
            "ROUND_NOT_OPEN",
            f"征集批次{row.number}{row.get_state_display()}，受理申报的时间为{row.opens_on}至{row.closes_on}，今天是{today}。",
            state=row.state,
            opens_on=str(row.opens_on),
            closes_on=str(row.closes_on),
        )


def _require_in_time(application: Application) -> None:
    """The first submission while the round is open; a correction until its own day."""
    if application.state == ApplicationState.DRAFT:
        _require_open(application.round)
    elif application.correction_due is not None and clock.today() > application.correction_due:
        raise Refused(
            "CORRECTION_OVER",
            f"补正期限{application.correction_due}已过，不能再提交；可在以后的征集批次重新申请。",
            due=str(application.correction_due),
        )


def _require_complete(application: Application) -> None:
    lacking = gathering.missing(application)
    if lacking:
        raise Refused(
            "MATERIAL_MISSING",
            f"还缺{len(lacking)}项，补齐后再提交（办法第十四条）：{'、'.join(lacking)}。",
            missing=lacking,
        )


def _answer(application: Application, answers: Mapping[int, str]) -> list[int]:
    """Every item of the list that is open is answered. Raises ANSWERS_MISSING, ANSWER_UNKNOWN."""
    if application.state != ApplicationState.RETURNED:
        if answers:
            raise Invalid("ANSWER_UNKNOWN", "本次提交不是补正，没有需要答复的事项。")
        return []
    open_asks = list(selectors.asks(application))
    unknown = sorted(set(answers) - {ask.position for ask in open_asks})
    if unknown:
        raise Invalid("ANSWER_UNKNOWN", f"补正清单中没有第{'、'.join(map(str, unknown))}项。", unknown=unknown)
    unanswered = [ask for ask in open_asks if not answers.get(ask.position, "").strip()]
    if unanswered:
        listed = "；".join(f"第{ask.position}项{ask.label}：{ask.what}" for ask in unanswered)
        raise Refused(
            "ANSWERS_MISSING",
            f"补正清单还有{len(unanswered)}项没有说明：{listed}。",
            positions=[ask.position for ask in unanswered],
        )
    now = clock.now()
    for ask in open_asks:
        ask.answer, ask.answered_at = answers[ask.position], now
    Ask.objects.bulk_update(open_asks, ["answer", "answered_at"])
    return [ask.position for ask in open_asks]


def _check_conditions(application: Application) -> dict[str, str]:
    """The conditions of this submission stand on record; what did not change keeps the officer's finding."""
    before = {one.code: one for one in ConditionCheck.objects.filter(
        application=application, submission=application.submissions - 1
    )}  # fmt: skip
    rows = []
    for position, found in enumerate(gathering.conditions_of(application, commitment=True), start=1):
        row = ConditionCheck(
            application=application, submission=application.submissions, position=position, **found.as_dict()
        )
        old = before.get(found.code)
        if (
            old is not None
            and old.finding
            and (old.value, old.result, old.source) == (row.value, row.result, row.source)
        ):
            row.finding, row.note, row.verified_by, row.verified_at = (
                old.finding,
                old.note,
                old.verified_by,
                old.verified_at,
            )
        rows.append(row)
    ConditionCheck.objects.bulk_create(rows)
    return {row.code: row.result for row in rows}


def _version(provider: Provider, kind: str, version_id: UUID | None) -> ProductVersion | None:
    if kind == CaseKind.PROVIDER:
        if version_id is not None:
            raise Invalid("VERSION_NEEDED", "服务商资格申请不指明产品版本。")
        return None
    if version_id is None:
        raise Invalid("VERSION_NEEDED", "产品申请须指明产品版本。")
    found = ProductVersion.objects.filter(pk=version_id, product__provider=provider).first()
    if found is None:
        raise not_found("产品版本")
    return found


def _exists(error: IntegrityError) -> Exception:
    if "application_once_a_year" in str(error):
        return Refused("APPLICATION_EXISTS", "本机构该年度已有服务商资格申请，每年度认定一次（办法第十六条）。")
    if "application_of_version_once" in str(error):
        return Refused("APPLICATION_EXISTS", "该产品版本已有申请，请在原申请上办理。")
    return error


def _renewed(application: Application) -> Application:
    """The case takes over what does not belong to a year. Raises NOTHING_TO_RENEW."""
    before = selectors.last_listed(application.provider_id, application.year)
    if application.kind != CaseKind.PROVIDER or before is None:
        raise Refused("NOTHING_TO_RENEW", "没有以往年度列入名单的服务商申请可以续期，请直接申请。")
    application.renews = before
    known = application.notice.parsed.categories
    application.categories = [code for code in before.categories if code in known]
    application.public_platform = before.public_platform
    return before


def _take_over(before: Application, application: Application) -> None:
    now = clock.now()
    kept = selectors.materials(before).filter(kind__in=KEPT_FOR_RENEWAL)
    Material.objects.bulk_create(
        [
            Material(
                application=application, kind=one.kind, source=one.source, file=one.file, reference=one.reference,
                fields=one.fields, added_at=now,
            )
            for one in kept
        ]
    )  # fmt: skip


def _client(by: User, application: Application, given: Mapping[str, Any]) -> Client:
    code = uscc_rules.check(str(given["uscc"])).code
    provider, served_on = application.provider, given["served_on"]
    if code in (provider.uscc, provider.parent_uscc):
        raise Invalid("CLIENT_IS_SELF", f"{code}是本机构或其母公司，不能列为服务企业。", uscc=code)
    if served_on > clock.today():
        raise Invalid("CLIENT_DATE", f"{given['name']}的服务日期{served_on}不能晚于今天。", served_on=str(served_on))
    return Client(
        application=application,
        name=given["name"],
        uscc=code,
        served_on=served_on,
        of_parent=given.get("of_parent", False),
        file=common.own_file(by, provider, given["file"]),
    )


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value


def share_with(application: Application, organisation_ids: Sequence[UUID]) -> None:
    """These organisations may read what is attached to the case."""
    files.share(files=_attached(application), organisation_ids=organisation_ids)


def unshare_with(application: Application, organisation_ids: Sequence[UUID]) -> None:
    """These organisations may no longer read it."""
    files.unshare(files=_attached(application), organisation_ids=organisation_ids)


def _attached(application: Application) -> list[StoredFile]:
    found = [one.file for one in selectors.materials(application) if one.file is not None]
    return found + [one.file for one in selectors.clients(application)]
