"""The provider room's tables, a file for each subject."""

from providers.models.bar import Bar
from providers.models.listing import Listing
from providers.models.product import Product
from providers.models.provider import Provider, SettlementAccount
from providers.models.version import ProductVersion

__all__ = ["Bar", "Listing", "Product", "ProductVersion", "Provider", "SettlementAccount"]
