"""The two write to each other over a response (第十八条第（四）项: 对接详细需求内容)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from accounts.models import User
from demands import policies, selectors
from demands.models import DemandMessage, DemandMessageFile, Response, ThreadMark
from demands.services import common
from demands.states import RESPONSE_LIVE, Side
from engines.files import services as files
from engines.files.models import StoredFile
from foundation import clock
from foundation.errors import Invalid, not_allowed, not_found, wrong_state
from foundation.locking import lock, unit_of_work

OTHER = {Side.ENTERPRISE: Side.PROVIDER, Side.PROVIDER: Side.ENTERPRISE}


def say(*, by: User, response_id: UUID, text: str = "", file_ids: Sequence[UUID] = ()) -> DemandMessage:
    """The message lies with the other side, which is told of it unless it has an unread one from this talk already.

    Words, files the caller's organisation has uploaded, or both; the other side may read the files from now on. Only
    over a live response. Raises NOT_ALLOWED, WRONG_STATE, MESSAGE_EMPTY, NOT_FOUND for files that are not the caller's.
    """
    with unit_of_work():
        response = lock(common.RESPONSES, response_id)
        side = policies.side_of(by, response)
        if side is None:
            raise not_allowed("在此对话中发言")
        if response.state not in RESPONSE_LIVE:
            raise wrong_state("继续沟通", response.state, response.get_state_display())
        attached = _own_files(by, file_ids)
        if not text and not attached:
            raise Invalid("MESSAGE_EMPTY", "留言没有内容：请填写文字，或附上文件。", field="text")
        other = OTHER[side]
        waits = selectors.has_unread(response, other)
        message = DemandMessage.objects.create(
            response=response, side=side, author=by, text=text, attached=len(attached), at=clock.now()
        )
        DemandMessageFile.objects.bulk_create([DemandMessageFile(message=message, file=one) for one in attached])
        files.share(files=attached, organisation_ids=[_house(response, other)])
        if not waits:
            _tell(response, other)
    return message


def read(*, by: User, response_id: UUID) -> Response:
    """All that the other side wrote so far counts as read by the caller's side; a second time changes nothing."""
    with unit_of_work():
        response = lock(common.RESPONSES, response_id)
        side = policies.side_of(by, response)
        if side is None:
            raise not_allowed("标记此对话为已读")
        last = DemandMessage.objects.filter(response=response).order_by("-pk").values_list("pk", flat=True).first()
        if last is not None and selectors.has_unread(response, side):
            ThreadMark.objects.update_or_create(
                response=response, side=side, defaults={"read_to": last, "at": clock.now()}
            )
    return response


def _own_files(by: User, ids: Sequence[UUID]) -> list[StoredFile]:
    """In the order they were named, each once. Raises NOT_FOUND when one was not uploaded by the caller's organisation."""
    found = StoredFile.objects.filter(organisation_id=by.organisation_id).in_bulk(list(ids))
    wanted = list(dict.fromkeys(ids))
    if missing := [str(one) for one in wanted if one not in found]:
        raise not_found(f"附件{'、'.join(missing)}")
    return [found[one] for one in wanted]


def _house(response: Response, side: Side) -> UUID:
    """The organisation that writes on that side."""
    house = response.provider if side == Side.PROVIDER else response.demand.enterprise
    return house.organisation_id


def _tell(response: Response, side: Side) -> None:
    if side == Side.PROVIDER:
        common.tell_provider(response, "企业发来消息", "请在应答详情中查看。")
    else:
        common.tell_enterprise(response.demand, "服务商发来消息", f"{response.provider.name}，请在应答详情中查看。")
