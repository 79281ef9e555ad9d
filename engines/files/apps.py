from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "engines.files"
    label = "files"
    verbose_name = "文件"

    def ready(self) -> None:
        from engines.files import jobs  # noqa: F401  registers purge_uploads
