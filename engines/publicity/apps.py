from django.apps import AppConfig


class PublicityConfig(AppConfig):
    name = "engines.publicity"
    label = "publicity"
    verbose_name = "公示"

    def ready(self) -> None:
        from engines.evidence.selectors import also_verify
        from engines.publicity.checks import lists_as_shown

        also_verify(lists_as_shown)
