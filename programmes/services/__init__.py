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
from programmes.services.targets import confirm_targets, draft_targets, reject_targets

__all__ = [
    "approve_notice",
    "confirm_appropriation",
    "confirm_targets",
    "draft_notice",
    "draft_targets",
    "publish_notice",
    "record_appropriation",
    "redraft_notice",
    "reject_appropriation",
    "reject_targets",
    "require_open",
    "resume_if_funded",
    "resume_manually",
    "revise_notice",
    "suspend_if_short",
    "suspend_manually",
    "warn_of_budget",
]
