from importlib import import_module

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "engines.ledger"
    label = "ledger"
    verbose_name = "账本"

    def ready(self) -> None:
        import_module("engines.ledger.jobs")
