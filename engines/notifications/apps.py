from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "engines.notifications"
    label = "notifications"
    verbose_name = "通知"

    def ready(self) -> None:
        from engines.notifications import jobs  # noqa: F401  registers the relay
