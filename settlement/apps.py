from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "settlement"
    verbose_name = "兑付结算"

    def ready(self) -> None:
        from settlement import jobs  # noqa: F401  registers the jobs
