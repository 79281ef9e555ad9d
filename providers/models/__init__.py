"""The provider room's tables, a file for each subject."""

from providers.models.application import Application
from providers.models.bar import Bar
from providers.models.product import Product
from providers.models.provider import Provider, SettlementAccount

__all__ = ["Application", "Bar", "Product", "Provider", "SettlementAccount"]
