from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = "合同"

    def ready(self) -> None:
        from contracts import jobs  # noqa: F401  registers the jobs
