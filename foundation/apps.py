from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "foundation"
    verbose_name = "基础"

    def ready(self) -> None:
        from foundation import upkeep  # noqa: F401  registers purge_kept_answers, purge_drafts
