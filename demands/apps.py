from django.apps import AppConfig


class DemandsConfig(AppConfig):
    name = "demands"
    verbose_name = "需求对接"

    def ready(self) -> None:
        from demands import jobs  # noqa: F401  registers the jobs
