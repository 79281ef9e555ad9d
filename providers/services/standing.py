"""A listing after it began: suspended, resumed, ended by time or by decision; and the bar for good (第十六条)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError

from accounts.models import User
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refused, not_allowed
from foundation.locking import lock, lock_all, unit_of_work
from foundation.states import move
from providers import policies
from providers.models import Bar, Listing, Provider
from providers.services.listings import tell
from providers.services.registration import refuse_barred
from providers.states import BANNABLE, LISTING_LIVE, BarState


def suspend(*, by: User, listing_id: UUID, version: int, reason: str) -> Listing:
    """No new contract until resumed; those that run go on."""
    with unit_of_work():
        listing = _locked(listing_id, version)
        if not policies.may_publish(by):
            raise not_allowed("暂停服务商")
        move(listing, "suspend", "暂停")(reason)
        evidence.record(listing, act="suspend", by=by, reason=reason)
        tell(listing, "服务商资格已暂停", f"暂不能签订新合同，已签合同继续履行。理由：{reason}")
    return listing


def resume(*, by: User, listing_id: UUID, version: int, reason: str) -> Listing:
    """Listed again."""
    with unit_of_work():
        listing = _locked(listing_id, version)
        if not policies.may_publish(by):
            raise not_allowed("恢复服务商")
        refuse_barred(listing.provider.uscc)
        move(listing, "resume", "恢复")()
        evidence.record(listing, act="resume", by=by, reason=reason)
        tell(listing, "服务商资格已恢复", f"可签订新合同。{reason}")
    return listing


def terminate(*, by: User, listing_id: UUID, version: int, decision_no: str, reason: str) -> Listing:
    """The qualification is taken away by decision of 厅审定 (第二十七条)."""
    with unit_of_work():
        listing = _locked(listing_id, version)
        if not policies.may_terminate(by):
            raise not_allowed("终止服务资格")
        move(listing, "terminate", "终止服务资格")(reason, decision_no)
        evidence.record(listing, act="terminate", by=by, reason=reason, facts={"decision_no": decision_no})
        tell(listing, "服务资格已终止", f"依据{decision_no}终止服务资格。理由：{reason}")
    return listing


def expire(*, by: Actor, listing_id: UUID, day: date) -> bool:
    """The listing whose last day is before `day` is expired. Returns whether it was this call that did it."""
    with unit_of_work():
        listing = lock(Listing.objects.select_related("provider"), listing_id)
        if listing.state not in LISTING_LIVE or listing.valid_to >= day:
            return False
        move(listing, "expire", "到期")()
        evidence.record(listing, act="expire", by=by, facts={"valid_to": str(listing.valid_to)})
        tell(listing, "服务商资格已到期", "不能签订新合同；已签合同继续履行，可照常结算。继续服务须申报新年度资格。")
    return True


def propose_bar(*, by: User, provider_id: UUID, grounds: str) -> Bar:
    """处室 proposes that the provider's code be barred for good; 厅审定 decides. Raises BAR_EXISTS."""
    with unit_of_work():
        provider = lock(Provider.objects.all(), provider_id)
        if not policies.may_propose_bar(by):
            raise not_allowed("提出禁止申报")
        if Bar.objects.filter(uscc=provider.uscc).exclude(state=BarState.DECLINED).exists():
            raise _bar_exists(provider)
        bar = Bar(provider=provider, uscc=provider.uscc, grounds=grounds, proposed_by=by)
        try:
            evidence.record(bar, act="propose", by=by, reason=grounds, facts={"uscc": provider.uscc})
        except IntegrityError as error:  # two at once: the database's word counts
            if "bar_once" not in str(error):
                raise
            raise _bar_exists(provider) from error
    return bar


def decide_bar(*, by: User, bar_id: UUID, version: int, decision_no: str, reason: str = "") -> Bar:
    """Every listing of the provider ends at once and its code is never listed again (第十六条).

    The provider is locked before its listings: a listing that is just being made is seen here, or sees the bar.
    Running contracts are not touched: each is decided singly (DOMAIN 6.2).
    """
    with unit_of_work():
        bar = lock(Bar.objects.select_related("provider"), bar_id, version=version)
        if not policies.may_decide_bar(by, bar):
            raise not_allowed("决定禁止申报（提出人不得决定）")
        lock(Provider.objects.all(), bar.provider_id)
        move(bar, "decide", "决定禁止申报")(by, clock.now(), decision_no)
        evidence.record(bar, act="decide", by=by, reason=reason, facts={"decision_no": decision_no})
        rows = Listing.objects.select_related("provider").filter(provider_id=bar.provider_id, state__in=BANNABLE)
        for listing in lock_all(rows):
            move(listing, "ban", "终止并禁止申报")(bar.grounds, decision_no)
            evidence.record(
                listing,
                act="ban",
                by=by,
                reason=bar.grounds,
                facts={"bar": str(bar.pk), "decision_no": decision_no},
            )
            tell(listing, "服务资格已终止", f"依据{decision_no}终止服务资格，不得重新申报认定（办法第十六条）。")
    return bar


def decline_bar(*, by: User, bar_id: UUID, version: int, reason: str) -> Bar:
    """Not barred; nothing else changes."""
    with unit_of_work():
        bar = lock(Bar.objects.select_related("provider"), bar_id, version=version)
        if not policies.may_decide_bar(by, bar):
            raise not_allowed("决定禁止申报（提出人不得决定）")
        move(bar, "decline", "不予禁止申报")(by, clock.now())
        evidence.record(bar, act="decline", by=by, reason=reason)
    return bar


def _locked(listing_id: UUID, version: int) -> Listing:
    return lock(Listing.objects.select_related("provider"), listing_id, version=version)


def _bar_exists(provider: Provider) -> Refused:
    return Refused("BAR_EXISTS", f"{provider.uscc}已有禁止申报的提议或决定。", uscc=provider.uscc)
