"""Signing the 信用承诺书 (第二十四条)."""

from __future__ import annotations

from accounts.models import User
from accounts.states import PARTIES, SIGNATORIES
from credit import commitments
from credit.models import Commitment
from foundation import clock
from foundation.errors import not_allowed
from foundation.locking import unit_of_work


def commit(*, by: User) -> Commitment:
    """The caller's house has committed itself to the words now in use; a second time changes nothing."""
    if by.organisation.kind not in PARTIES or not by.has(*SIGNATORIES):
        raise not_allowed("签署信用承诺书（须为企业或服务商的授权签署人）")
    words = commitments.current(by.organisation.kind)
    with unit_of_work():
        signed = Commitment(
            organisation=by.organisation,
            text_version=words.version,
            text_sm3=words.sm3,
            signed_by=by,
            signed_at=clock.now(),
        )
        Commitment.objects.bulk_create([signed], ignore_conflicts=True)
        return Commitment.objects.get(organisation=by.organisation, text_version=words.version)
