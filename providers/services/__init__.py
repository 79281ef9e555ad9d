"""Every write to providers: `registration`, `applications`, `standing`, `products`, `accounts`, `caps`.

The acts of an application and of a product bear the same names, so callers take them from the module:
`from providers.services import applications, products`.
"""

from providers.services.caps import open_cap

__all__ = ["open_cap"]
