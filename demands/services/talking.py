"""The two write to each other over a response (第十八条第（四）项: 对接详细需求内容)."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from demands import policies, selectors
from demands.models import DemandMessage, Response, ThreadMark
from demands.services import common
from demands.states import RESPONSE_LIVE, Side
from foundation import clock
from foundation.errors import not_allowed, wrong_state
from foundation.locking import lock, unit_of_work

OTHER = {Side.ENTERPRISE: Side.PROVIDER, Side.PROVIDER: Side.ENTERPRISE}


def say(*, by: User, response_id: UUID, text: str) -> DemandMessage:
    """The message lies with the other side, which is told of it unless it has an unread one from this talk already.

    Only over a live response. Raises NOT_ALLOWED, WRONG_STATE.
    """
    with unit_of_work():
        response = lock(common.RESPONSES, response_id)
        side = policies.side_of(by, response)
        if side is None:
            raise not_allowed("在此对话中发言")
        if response.state not in RESPONSE_LIVE:
            raise wrong_state("继续沟通", response.state, response.get_state_display())
        other = OTHER[side]
        waits = selectors.has_unread(response, other)
        message = DemandMessage.objects.create(response=response, side=side, author=by, text=text, at=clock.now())
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


def _tell(response: Response, side: Side) -> None:
    if side == Side.PROVIDER:
        common.tell_provider(response, "企业发来消息", "请在应答详情中查看。")
    else:
        common.tell_enterprise(response.demand, "服务商发来消息", f"{response.provider.name}，请在应答详情中查看。")
