from importlib import import_module

from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "programmes"
    verbose_name = "年度通知与预算"

    def ready(self) -> None:
        import_module("programmes.jobs")
