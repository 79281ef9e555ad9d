"""The qualification of a year begins (第十五条第（四）项, 第十六条). What becomes of it later: standing.py."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from engines.evidence import services as evidence
from engines.notifications import services as notifications
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refused
from foundation.locking import lock, unit_of_work
from programmes import selectors as programmes
from programmes.models import Notice
from providers.models import Listing, Provider
from providers.services.caps import open_cap
from providers.services.registration import refuse_barred


def enlist(*, by: Actor, provider_id: UUID, year: int, approval_no: str, reference: str) -> Listing:
    """Listed from today (or 1 January, when the year is yet to come) to the end of the service year.

    The year's cap account is open with the notice's cap (第十一条). Called by the accreditation room, which asked
    who may and saw the 公示 to its end; no address leads here. `approval_no` is the decision's document,
    `reference` that of the 公示. Raises USCC_BARRED, YEAR_OVER, NOTICE_NOT_PUBLISHED, LISTING_EXISTS.
    """
    with unit_of_work():
        provider = lock(Provider.objects.all(), provider_id)
        refuse_barred(provider.uscc)
        today = clock.today()
        first, last = max(today, date(year, 1, 1)), date(year, 12, 31)
        if today > last:
            raise Refused("YEAR_OVER", f"{year}服务年度已结束，不能再列入。", year=year)
        notice = _notice_for(year)
        if Listing.objects.filter(provider=provider, year=year).exists():
            raise Refused("LISTING_EXISTS", f"{provider.name}已列入{year}年度服务商名单，每年度认定一次。", year=year)
        listing = Listing(
            provider=provider,
            year=year,
            notice=notice,
            approval_no=approval_no,
            reference=reference,
            valid_from=first,
            valid_to=last,
        )
        facts = {
            "provider": str(provider.pk),
            "year": year,
            "notice": notice.label,
            "approval_no": approval_no,
            "reference": reference,
            "valid_from": str(first),
            "valid_to": str(last),
        }
        evidence.record(listing, act="enlist", by=by, facts=facts)
        open_cap(provider_id=provider.pk, year=year, by=by)
        tell(
            listing,
            f"已列入{year}年度服务商",
            f"资格有效期{first}至{last}，可与企业签订服务合同。资格每年认定一次，继续服务须申报下一年度（办法第十六条）。",
        )
    return listing


def tell(listing: Listing, title: str, body: str) -> None:
    """The provider hears of it."""
    notifications.tell(
        organisation_ids=[listing.provider.organisation_id],
        topic="qualification",
        title=title,
        body=body,
        subject=listing,
    )


def _notice_for(year: int) -> Notice:
    notice = programmes.notice_of_year(year)
    if notice is None:
        raise Refused("NOTICE_NOT_PUBLISHED", f"{year}年度通知尚未发布，不能列入年度服务商。", year=year)
    return notice
