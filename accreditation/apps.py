from django.apps import AppConfig


class AccreditationConfig(AppConfig):
    name = "accreditation"
    verbose_name = "认定与评审"

    def ready(self) -> None:
        from accreditation import jobs  # noqa: F401  registers the room's jobs
        from accreditation.services import showing

        showing.register_kinds()
