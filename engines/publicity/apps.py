from django.apps import AppConfig


class PublicityConfig(AppConfig):
    name = "engines.publicity"
    label = "publicity"
    verbose_name = "公示"
