from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "settlement"
    verbose_name = "兑付结算"

    def ready(self) -> None:
        from engines.publicity import kinds
        from settlement import jobs  # noqa: F401  registers the jobs
        from settlement.services.showing import SETTLEMENT

        kinds.register(SETTLEMENT)
