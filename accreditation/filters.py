"""Filters of the lists."""

from __future__ import annotations

from datetime import datetime

import django_filters
from django.db.models import QuerySet

from accreditation.models import Application, Expert, Panel, Round, ScoreSheet
from accreditation.states import ApplicationState, CaseKind, ExpertState, PanelState, RoundState, SheetState
from foundation import clock
from foundation.api.filters import Filters


class RoundFilter(Filters):
    """By state, kind, year, number."""

    state = django_filters.MultipleChoiceFilter(choices=RoundState.choices)

    class Meta:
        model = Round
        fields = ["state", "kind", "year", "number"]


class ApplicationFilter(Filters):
    """By state, kind, round, provider, year, number; `due_before`: formal checks due before that day."""

    state = django_filters.MultipleChoiceFilter(choices=ApplicationState.choices)
    kind = django_filters.ChoiceFilter(choices=CaseKind.choices)
    due_before = django_filters.IsoDateTimeFilter(
        method="waiting", help_text="形式审查未办结、期限早于这一天的；写日期或时间，按北京时间取日"
    )

    class Meta:
        model = Application
        fields = ["state", "kind", "round", "provider", "product_version", "year", "number", "due_before"]

    def waiting(self, rows: QuerySet[Application], name: str, value: datetime) -> QuerySet[Application]:
        """Not checked yet, or checked and not accepted, and due before the day."""
        waiting = [ApplicationState.SUBMITTED, ApplicationState.FORMAL_CHECK]
        return rows.filter(state__in=waiting, check_due__lt=clock.local_date(value))


class ExpertFilter(Filters):
    """By state, unit."""

    state = django_filters.MultipleChoiceFilter(choices=ExpertState.choices)

    class Meta:
        model = Expert
        fields = ["state", "unit_uscc"]


class PanelFilter(Filters):
    """By state, kind, round, number."""

    state = django_filters.MultipleChoiceFilter(choices=PanelState.choices)

    class Meta:
        model = Panel
        fields = ["state", "kind", "round", "number"]


class SheetFilter(Filters):
    """By state, application, panel, expert."""

    state = django_filters.MultipleChoiceFilter(choices=SheetState.choices)

    class Meta:
        model = ScoreSheet
        fields = ["state", "application", "panel", "expert"]
