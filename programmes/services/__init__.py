"""Every write of the programmes: notices, budget entries, pauses of signing."""

from programmes.services.budget import confirm_appropriation, record_appropriation, reject_appropriation
from programmes.services.notices import (
    approve_notice,
    draft_notice,
    publish_notice,
    redraft_notice,
    revise_notice,
)
from programmes.services.suspension import (
    require_open,
    resume_if_funded,
    resume_manually,
    suspend_if_short,
    suspend_manually,
    warn_of_budget,
)

__all__ = [
    "approve_notice",
    "confirm_appropriation",
    "draft_notice",
    "publish_notice",
    "record_appropriation",
    "redraft_notice",
    "reject_appropriation",
    "require_open",
    "resume_if_funded",
    "resume_manually",
    "revise_notice",
    "suspend_if_short",
    "suspend_manually",
    "warn_of_budget",
]
