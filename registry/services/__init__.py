"""Every write to the rosters. One person brings a line in, another puts it in force."""

from registry.services.rosters import confirm_roster, reject_roster, upload_roster
from registry.services.titles import record_title, reject_title, revoke_title, verify_title

__all__ = [
    "confirm_roster",
    "record_title",
    "reject_roster",
    "reject_title",
    "revoke_title",
    "upload_roster",
    "verify_title",
]
