"""Every write of a 公示: showing, closing and withdrawing a list; objections from filing to their last word."""

from engines.publicity.services.lists import Clock, Contact, Entry, Terms, close_period, open_period, withdraw

__all__ = ["Clock", "Contact", "Entry", "Terms", "close_period", "open_period", "withdraw"]
