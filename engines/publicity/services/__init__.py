"""Every write of a 公示: showing, closing and withdrawing a list; objections from filing to their last word."""

from engines.publicity.services.filing import Objector, Receipt, attach, by_receipt, file_objection, secret_of
from engines.publicity.services.handling import (
    accept,
    ask_review,
    close_told,
    conclude,
    decide,
    extend,
    investigate,
    notify,
    open_identity,
    open_letter,
    report,
    turn_down,
)
from engines.publicity.services.lists import Clock, Contact, Entry, Terms, close_period, open_period, withdraw
from engines.publicity.services.reminding import remind_once

__all__ = [
    "Clock",
    "Contact",
    "Entry",
    "Objector",
    "Receipt",
    "Terms",
    "accept",
    "ask_review",
    "attach",
    "by_receipt",
    "close_period",
    "close_told",
    "conclude",
    "decide",
    "extend",
    "file_objection",
    "investigate",
    "notify",
    "open_identity",
    "open_letter",
    "open_period",
    "remind_once",
    "report",
    "secret_of",
    "turn_down",
    "withdraw",
]
