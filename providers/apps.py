from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "providers"
    verbose_name = "服务商"

    def ready(self) -> None:
        from providers import jobs  # noqa: F401  registers expire_listings
