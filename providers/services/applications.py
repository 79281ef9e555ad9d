"""The qualification for a year: from application to listing (第十五条). Suspension and endings: standing.py."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError

from accounts.models import User
from engines.evidence import services as evidence
from engines.files.models import StoredFile
from engines.notifications import services as notifications
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.states import move
from programmes import publicity
from programmes import selectors as programmes
from programmes.models import Notice
from providers import policies
from providers.models import Application, Provider
from providers.services import publication
from providers.services.caps import open_cap
from providers.services.registration import content_sm3, refuse_barred, stated

CONDITIONS = frozenset(
    {
        *("core_staff", "clients_last_year", "revenue_last_year", "founded_on"),
        *("parent_name", "parent_uscc", "parent_founded_on", "region_code", "address"),
    }
)


def apply(*, by: User, provider_id: UUID, year: int) -> Application:
    """A draft application for the service year. Raises USCC_BARRED, YEAR_OUT_OF_RANGE, APPLICATION_EXISTS."""
    with unit_of_work():
        provider = lock(Provider.objects.all(), provider_id)
        if not policies.may_edit(by, provider):
            raise not_allowed("申请服务商资格")
        refuse_barred(provider.uscc)
        _check_year(year)
        if Application.objects.filter(provider=provider, year=year).exists():
            raise _exists(year)
        application = Application(provider=provider, year=year)
        try:
            evidence.record(application, act="apply", by=by, facts={"provider": str(provider.pk), "year": year})
        except IntegrityError as error:  # two requests at once: the database's word counts
            if "application_once_a_year" not in str(error):
                raise
            raise _exists(year) from error
    return application


def submit(*, by: User, application_id: UUID, version: int) -> Application:
    """Submitted by the signatory with a copy of the conditions stated today (第十三条)."""
    with unit_of_work():
        application = _locked(application_id, version)
        if not policies.may_sign(by, application.provider):
            raise not_allowed("提交服务商申请")
        refuse_barred(application.provider.uscc)
        conditions = {name: value for name, value in stated(application.provider).items() if name in CONDITIONS}
        move(application, "submit", "提交")(by, clock.now(), conditions)
        evidence.record(
            application,
            act="submit",
            by=by,
            facts={"commitment": True, "content_sm3": content_sm3(application.provider), "conditions": conditions},
        )
    return application


def check(*, by: User, application_id: UUID, version: int, reason: str = "") -> Application:
    """促进中心经办 has made the formal check; 处室 accepts, returns or refuses."""
    with unit_of_work():
        application = _locked(application_id, version)
        if not policies.may_check(by, application):
            raise not_allowed("形式审查服务商申请")
        move(application, "check_form", "形式审查")(by, clock.now())
        evidence.record(application, act="check", by=by, reason=reason, facts={"stage": policies.CHECK})
    return application


def send_back(*, by: User, application_id: UUID, version: int, reason: str) -> Application:
    """Returned to be put right, with the reason."""
    with unit_of_work():
        application = _locked(application_id, version)
        if not policies.may_return(by, application):
            raise not_allowed("退回服务商申请")
        move(application, "send_back", "退回")(reason)
        evidence.record(application, act="return", by=by, reason=reason, facts={"stage": policies.stage_of_return(by)})
        tell(application, "申请退回补正", f"{application.year}年度服务商申请被退回：{reason}")
    return application


def reject(*, by: User, application_id: UUID, version: int, reason: str) -> Application:
    """Not accepted for this year, with the reason."""
    with unit_of_work():
        application = _locked(application_id, version)
        if not policies.may_return(by, application):
            raise not_allowed("不予受理服务商申请")
        move(application, "reject", "不予受理")(reason)
        evidence.record(application, act="reject", by=by, reason=reason, facts={"stage": policies.stage_of_return(by)})
        tell(application, "申请不予受理", f"{application.year}年度服务商申请未予受理：{reason}")
    return application


def accept(*, by: User, application_id: UUID, version: int, reason: str = "") -> Application:
    """处室 has accepted it for expert review (第十五条第（二）项)."""
    with unit_of_work():
        application = _locked(application_id, version)
        if not policies.may_review(by, application):
            raise not_allowed("受理服务商申请（形式审查人不得受理）")
        move(application, "accept", "受理")(by, clock.now())
        evidence.record(application, act="accept", by=by, reason=reason, facts={"stage": policies.REVIEW})
    return application


def recommend(
    *, by: User, application_id: UUID, version: int, expert_opinion: str, opinion_file: StoredFile | None = None
) -> Application:
    """处室 recommends it on the experts' opinion, named by title or number and, where there is one, by file."""
    with unit_of_work():
        application = _locked(application_id, version)
        if not policies.may_review(by, application):
            raise not_allowed("推荐服务商")
        move(application, "recommend", "推荐")(by, clock.now(), expert_opinion, opinion_file)
        facts = {
            "stage": policies.REVIEW,
            "expert_opinion": expert_opinion,
            "file_sm3": opinion_file.sm3 if opinion_file else "",
        }
        evidence.record(application, act="recommend", by=by, facts=facts)
    return application


def approve(*, by: User, application_id: UUID, version: int, approval_no: str, reason: str = "") -> Application:
    """Decided by 厅审定 under the document number (第十五条第（四）项)."""
    with unit_of_work():
        application = _locked(application_id, version)
        if not policies.may_approve(by, application):
            raise not_allowed("审定服务商（经办过本申请的人不得审定）")
        move(application, "approve", "审定")(by, clock.now(), approval_no)
        evidence.record(
            application,
            act="approve",
            by=by,
            reason=reason,
            facts={"stage": policies.DECIDE, "approval_no": approval_no},
        )
    return application


def publicise(*, by: User, application_id: UUID, version: int, first: date, last: date, reference: str) -> Application:
    """公示 from `first` to `last`, both days included, as published under `reference`.

    Raises PUBLICITY_ORDER, PUBLICITY_BEFORE_DECISION, PUBLICITY_TOO_SHORT.
    """
    with unit_of_work():
        application = _locked(application_id, version)
        if not policies.may_publish(by):
            raise not_allowed("公示服务商")
        move(application, "publicise", "公示")(first, last, reference)
        publication.check(application.approved_at, application.year, first, last)
        facts = {"first": str(first), "last": str(last), "reference": reference}
        evidence.record(application, act="publicise", by=by, facts=facts)
    return application


def enlist(*, by: User, application_id: UUID, version: int) -> Application:
    """Listed for the rest of the service year; the year's cap account is open with the notice's cap (第十一条).

    Raises PUBLICITY_NOT_OVER, USCC_BARRED, NOTICE_NOT_PUBLISHED, YEAR_OVER.
    """
    with unit_of_work():
        application = _locked(application_id, version)
        if not policies.may_publish(by):
            raise not_allowed("列入年度服务商")
        today = clock.today()
        notice = _notice_for(application.year)
        first, last = max(today, date(application.year, 1, 1)), date(application.year, 12, 31)
        if today > last:
            raise Refused("YEAR_OVER", f"{application.year}服务年度已结束，不能再列入。", year=application.year)
        move(application, "enlist", "列入年度服务商")(by, clock.now(), notice, first, last)
        publicity.check_over(application.publicity_to or last, today)
        refuse_barred(application.provider.uscc)
        facts = {"notice": notice.label, "valid_from": str(first), "valid_to": str(last)}
        evidence.record(application, act="enlist", by=by, facts=facts)
        open_cap(provider_id=application.provider_id, year=application.year, by=by)
        tell(application, f"已列入{application.year}年度服务商", f"资格有效期{first}至{last}，可与企业签订服务合同。")
    return application


def tell(application: Application, title: str, body: str) -> None:
    """The provider hears of it."""
    notifications.tell(
        organisation_ids=[application.provider.organisation_id],
        topic="qualification",
        title=title,
        body=body,
        subject=application,
    )


def _locked(application_id: UUID, version: int) -> Application:
    return lock(Application.objects.select_related("provider"), application_id, version=version)


def _notice_for(year: int) -> Notice:
    notice = programmes.notice_of_year(year)
    if notice is None:
        raise Refused("NOTICE_NOT_PUBLISHED", f"{year}年度通知尚未发布，不能列入年度服务商。", year=year)
    return notice


def _check_year(year: int) -> None:
    this_year = clock.today().year
    if year not in (this_year, this_year + 1):
        raise Invalid("YEAR_OUT_OF_RANGE", f"只能申请{this_year}或{this_year + 1}服务年度，现为{year}。", year=year)


def _exists(year: int) -> Refused:
    return Refused("APPLICATION_EXISTS", f"本机构{year}年度已有申请，请在原申请上办理。", year=year)
