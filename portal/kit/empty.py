"""An act that asks nothing and has no version: its page is one button."""

from __future__ import annotations

from foundation.api.views import NoBody
from portal.kit.forms import BodyForm


class EmptyForm(BodyForm):
    body = NoBody
