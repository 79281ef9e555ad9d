"""Every write to an enterprise and its quota; one file for each phase."""

from enterprises.services.adjustments import decide as decide_adjustment
from enterprises.services.adjustments import decline as decline_adjustment
from enterprises.services.adjustments import propose as propose_adjustment
from enterprises.services.adjustments import review as review_adjustment
from enterprises.services.checking import check, close, confirm, reject, send_back
from enterprises.services.quota import regrade, take_back_excess
from enterprises.services.registration import Profile, edit, register, register_own, reopen, submit
from enterprises.services.standing import disqualify, freeze, lift, watch
from enterprises.services.titles import confirm_roster, revoke_title, verify_title

__all__ = [
    "Profile",
    "check",
    "close",
    "confirm",
    "confirm_roster",
    "decide_adjustment",
    "decline_adjustment",
    "disqualify",
    "edit",
    "freeze",
    "lift",
    "propose_adjustment",
    "register",
    "register_own",
    "regrade",
    "reject",
    "reopen",
    "review_adjustment",
    "revoke_title",
    "send_back",
    "submit",
    "take_back_excess",
    "verify_title",
    "watch",
]
