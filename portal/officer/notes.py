"""What several pages of the settlement share: a remark, which may be empty, a reason, which may not, an account."""

from __future__ import annotations

from accounts.models import User
from foundation.names import last_four
from portal.kit.forms import BodyForm
from settlement import policies
from settlement import serializers as bodies


class NoteForm(BodyForm):
    body = bodies.SettlementNoteIn


class ReasonForm(BodyForm):
    body = bodies.SettlementReasonIn


def whole_account(by: User, number: str) -> str:
    """The number of an account: whole for who works on payments, else its end."""
    return number if policies.handles_payouts(by) else last_four(number)
