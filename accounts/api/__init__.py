"""Sign-in, people, files and the audit log (`people`); the inbox (`messages`); ways out of the house (`channels`)."""

from accounts.api.caller import caller
from accounts.api.people import PersonIn

__all__ = ["PersonIn", "caller"]
