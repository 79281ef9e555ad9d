"""Who may do what with complaints and credit records (DOMAIN section 4, rows 31 and 35). Nothing is written here."""

from __future__ import annotations

from accounts.models import User
from accounts.states import PARTIES, SIGNATORIES, Role
from credit.models import Complaint, CreditRecord


def may_complain(user: User) -> bool:
    """Anybody who acts for a registered enterprise or provider."""
    return user.organisation.kind in PARTIES and user.has(
        Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY, Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY
    )


def may_withdraw(user: User, complaint: Complaint) -> bool:
    """Somebody of the house that filed it."""
    return may_complain(user) and user.organisation_id == complaint.filer_id


def may_accept(user: User) -> bool:
    """促进中心经办."""
    return user.has(Role.CENTRE_CHECKER)


def may_investigate(user: User, complaint: Complaint) -> bool:
    """促进中心复核, another person than the one who accepted it."""
    return user.has(Role.CENTRE_REVIEWER) and user.pk != complaint.accepted_by_id


def may_extend(user: User) -> bool:
    """厅审定 approves of more time (8-39: 最长须经批准)."""
    return user.has(Role.APPROVER)


def may_open_filer(user: User) -> bool:
    """促进中心复核, who investigates, and the 厅, which decides; each time on record (DOMAIN row 38, 10.12)."""
    return user.has(Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER)


def may_decide(user: User, complaint: Complaint) -> bool:
    """厅职能处室, and nobody who had a part in it before."""
    return user.has(Role.DEPARTMENT) and user.pk not in (complaint.accepted_by_id, complaint.investigated_by_id)


def may_propose(user: User) -> bool:
    """促进中心经办."""
    return user.has(Role.CENTRE_CHECKER)


def may_review_record(user: User, record: CreditRecord) -> bool:
    """促进中心复核, another person than the one who proposed."""
    return user.has(Role.CENTRE_REVIEWER) and user.pk != record.proposed_by_id


def may_decide_record(user: User, record: CreditRecord) -> bool:
    """厅职能处室, and nobody who proposed or reviewed."""
    return user.has(Role.DEPARTMENT) and user.pk not in (record.proposed_by_id, record.reviewed_by_id)


def may_decline_record(user: User, record: CreditRecord) -> bool:
    """Whoever's turn it is."""
    return may_review_record(user, record) or may_decide_record(user, record)


def may_end_record(user: User, record: CreditRecord) -> bool:
    """厅职能处室, and nobody who proposed, reviewed or decided it: repair, its refusal, correction (DOMAIN 4, rule 1)."""
    made_it = (record.proposed_by_id, record.reviewed_by_id, record.decided_by_id)
    return user.has(Role.DEPARTMENT) and user.pk not in made_it


def may_ask_repair(user: User, record: CreditRecord) -> bool:
    """The signatory of the party concerned."""
    return user.has(*SIGNATORIES) and user.organisation.uscc == record.uscc
