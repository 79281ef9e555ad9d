"""Every write to providers, a module for each subject, whose acts bear the same names.

`registration` and `accounts` of the house itself; `listings` (begun), `standing` (later) and `caps` of its year;
`offers` (drafts), `products` (review) and `shelf` (on it) of what it sells.
`from providers.services import listings, products`.
"""

from providers.services.caps import open_cap

__all__ = ["open_cap"]
