from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "credit"
    verbose_name = "信用档案"

    def ready(self) -> None:
        from credit import jobs  # noqa: F401  registers the expiry of records
