from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账户"

    def ready(self) -> None:
        from accounts import addresses
        from engines.notifications import directory

        directory.register(addresses.DIRECTORY)
