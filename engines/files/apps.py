from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "engines.files"
    label = "files"
    verbose_name = "文件"
