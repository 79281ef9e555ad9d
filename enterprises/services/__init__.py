"""Every write to an enterprise and its quota; one file for each phase."""

from enterprises.services.adjustments import decide as decide_adjustment
from enterprises.services.adjustments import decline as decline_adjustment
from enterprises.services.adjustments import propose as propose_adjustment
from enterprises.services.adjustments import review as review_adjustment
from enterprises.services.checking import check, close, confirm, reject, send_back
from enterprises.services.disputes import (
    accept_dispute,
    file_dispute,
    find_unfounded,
    reject_dispute,
    return_dispute,
    uphold_dispute,
    withdraw_dispute,
)
from enterprises.services.lapsing import returned, watch_returned
from enterprises.services.quota import regrade, take_back_excess
from enterprises.services.registration import Profile, correct, edit, register, register_own, reopen, submit
from enterprises.services.relations import Tie, declare_relations
from enterprises.services.standing import disqualify, freeze, lift, watch
from enterprises.services.titles import confirm_roster, revoke_title, verify_title

__all__ = [
    "Profile",
    "Tie",
    "accept_dispute",
    "check",
    "close",
    "confirm",
    "confirm_roster",
    "correct",
    "decide_adjustment",
    "declare_relations",
    "decline_adjustment",
    "disqualify",
    "edit",
    "file_dispute",
    "find_unfounded",
    "freeze",
    "lift",
    "propose_adjustment",
    "register",
    "register_own",
    "regrade",
    "reject",
    "reject_dispute",
    "reopen",
    "return_dispute",
    "returned",
    "review_adjustment",
    "revoke_title",
    "send_back",
    "submit",
    "take_back_excess",
    "uphold_dispute",
    "verify_title",
    "watch",
    "watch_returned",
    "withdraw_dispute",
]
