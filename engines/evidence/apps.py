from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "engines.evidence"
    label = "evidence"
    verbose_name = "存证"

    def ready(self) -> None:
        from engines.evidence import jobs  # noqa: F401  registers the nightly walk
