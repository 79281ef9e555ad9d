"""Filters of the lists."""

from __future__ import annotations

import django_filters

from credit.models import Commitment, Complaint, CreditRecord
from credit.states import ComplaintState, Ground, RecordState
from foundation.api.filters import Filters


class ComplaintFilter(Filters):
    """By state, party, contract, and by what is due before a day."""

    state = django_filters.MultipleChoiceFilter(choices=ComplaintState.choices)
    uscc = django_filters.CharFilter(max_length=18)
    contract_number = django_filters.CharFilter(max_length=32)
    accept_due_before = django_filters.DateFilter(field_name="accept_due", lookup_expr="lt")
    result_due_before = django_filters.DateFilter(field_name="result_due", lookup_expr="lt")

    class Meta:
        model = Complaint
        fields = ["state", "uscc", "contract_number", "accept_due_before", "result_due_before"]


class RecordFilter(Filters):
    """By state, party, ground, and whether it blocks."""

    state = django_filters.MultipleChoiceFilter(choices=RecordState.choices)
    uscc = django_filters.CharFilter(max_length=18)
    ground = django_filters.ChoiceFilter(choices=Ground.choices)

    class Meta:
        model = CreditRecord
        fields = ["state", "uscc", "ground", "blocks"]


class CommitmentFilter(Filters):
    """By house and version of the words."""

    class Meta:
        model = Commitment
        fields = ["organisation", "text_version"]
