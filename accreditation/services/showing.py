"""What the 公示 does to the cases on it: the callbacks of the two kinds of list (第九条, 第十五条第（四）项; DOMAIN 6.11).

The engine has locked the publicity and its items; then come round and applications.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from accreditation import gathering
from accreditation.models import Application
from accreditation.services import common
from accreditation.services.rounds import follow
from accreditation.states import ApplicationState, CaseKind
from engines.evidence import services as evidence
from engines.publicity.kinds import Kind, register
from engines.publicity.models import Publicity, PublicityItem
from foundation import clock
from foundation.actors import Actor
from foundation.states import move
from providers.models import Listing
from providers.services import listings, products
from providers.states import ProductState

ON_SHOW = frozenset({ApplicationState.PUBLICITY, ApplicationState.OBJECTION_HOLD})


def hold(item: PublicityItem, by: Actor, reason: str) -> None:
    """The case waits for the objection against it."""
    application = _on_show(item.subject_id)
    if application is None or application.state != ApplicationState.PUBLICITY:
        return
    move(application, "hold", "异议核查")(reason)
    evidence.record(application, act="hold", by=by, reason=reason)
    common.tell(application, "公示收到异议", "已受理异议，核查期间暂缓列入名单。")


def release(item: PublicityItem, by: Actor, reason: str) -> None:
    """Nothing holds it any more: on show again, or listed when the period is over."""
    application = _on_show(item.subject_id)
    if application is None or application.state != ApplicationState.OBJECTION_HOLD:
        return
    if item.publicity.is_closed:
        _enlist(application, item.publicity, by)
        _follow([application.round_id], by)
        return
    move(application, "show_again", "继续公示")()
    evidence.record(application, act="show_again", by=by, reason=reason)
    common.tell(application, "异议不成立", "继续公示至期满。")


def remove(item: PublicityItem, by: Actor, reason: str) -> None:
    """The objection was upheld: it leaves the list."""
    application = _on_show(item.subject_id)
    if application is None:
        return
    _remove(application, by, reason or "异议成立")
    _follow([application.round_id], by)


def close(publicity: Publicity, items: Sequence[PublicityItem], by: Actor) -> None:
    """The period is over: each of these is a provider of the year, or a product on the shelf.

    Who was barred or fell into bad credit meanwhile, whose product was taken off, or whose provider did not come onto the list, is removed.
    """
    ids = [item.subject_id for item in items]
    rounds = set(Application.objects.filter(pk__in=ids).values_list("round_id", flat=True))
    for round_id in sorted(rounds):
        common.lock_round(round_id)
    for application in common.lock_applications(ids):
        if application.state in ON_SHOW:
            _enlist(application, publicity, by)
    _follow(sorted(rounds), by)


def withdraw(publicity: Publicity, by: Actor, reason: str) -> None:
    """The list is void: its cases are decided, and wait for another one."""
    rows = Application.objects.filter(publicity=publicity, state__in=sorted(ON_SHOW))
    found = list(rows.values_list("pk", "round_id"))
    for round_id in sorted({one for _, one in found}):
        common.lock_round(round_id)
    for application in common.lock_applications([pk for pk, _ in found]):
        move(application, "take_back", "撤回公示")()
        evidence.record(application, act="take_back", by=by, reason=reason)
        common.tell(application, "公示名单已撤回", f"将重新公示。理由：{reason}")
    _follow(sorted({one for _, one in found}), by)


def register_kinds() -> None:
    """The two lists may be put on show."""
    for kind, label in ((CaseKind.PROVIDER, "服务商名单公示"), (CaseKind.PRODUCT, "服务券产品名单公示")):
        register(Kind(kind.value, label, hold, release, remove, close, withdraw))


def _on_show(application_id: UUID) -> Application | None:
    """The round, then the case, both locked; None when it is no longer on show."""
    round_id = Application.objects.filter(pk=application_id).values_list("round_id", flat=True).first()
    if round_id is None:
        return None
    common.lock_round(round_id)
    application = common.lock_application(application_id)
    return application if application.state in ON_SHOW else None


def _enlist(application: Application, publicity: Publicity, by: Actor) -> None:
    why = _why_not(application)
    if why:
        _remove(application, by, why)
        return
    listing: Listing | None = None
    documents = {"approval_no": application.approval_no, "reference": publicity.reference}
    if application.kind == CaseKind.PROVIDER:
        listing = listings.enlist(by=by, provider_id=application.provider_id, year=application.year, **documents)
    else:
        version = gathering.version_of(application)
        products.shelve(by=by, version_id=version.pk, year=application.year, **documents)
    move(application, "enlist", "列入名单")(listing)
    evidence.record(
        application, act="enlist", by=by, facts={**documents, "listing": str(listing.pk) if listing else ""}
    )


def _why_not(application: Application) -> str:
    """What happened during the 公示 that keeps it off the list; empty when nothing did."""
    if found := gathering.kept_out(application):
        return found.why
    if why := gathering.dishonest(application):
        return why
    if application.year < clock.today().year:
        return f"{application.year}服务年度已结束。"
    if application.kind == CaseKind.PROVIDER:
        return ""
    if gathering.version_of(application).product.state == ProductState.OFF_SHELF:
        return "产品已下架。"
    if not gathering.standing(application):
        return f"机构未列入{application.year}年度服务商。"
    return ""


def _remove(application: Application, by: Actor, reason: str) -> None:
    move(application, "remove", "移出名单")(reason)
    evidence.record(application, act="remove", by=by, reason=reason)
    common.dismiss_version(application, by, reason)
    common.tell(application, "已移出名单", f"理由：{reason}")


def _follow(round_ids: Sequence[UUID], by: Actor) -> None:
    for round_id in round_ids:
        follow(common.lock_round(round_id), by)
