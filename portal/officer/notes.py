"""The two forms that most acts of the settlement have: a remark, which may be empty, and a reason, which may not."""

from __future__ import annotations

from portal.kit.forms import BodyForm
from settlement import serializers as bodies


class NoteForm(BodyForm):
    body = bodies.SettlementNoteIn


class ReasonForm(BodyForm):
    body = bodies.SettlementReasonIn
