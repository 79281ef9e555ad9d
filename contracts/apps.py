from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = "合同"

    def ready(self) -> None:
        from contracts import (
            jobs,  # noqa: F401  registers the jobs
            models,
        )
        from contracts.services import keeping
        from engines.evidence.selectors import also_verify
        from engines.evidence.services import follow

        follow(models.Contract, keeping.follow_contract)
        for part in (
            models.EvidenceQuery,
            models.PaymentOrder,
            models.ServiceConfirmation,
            models.Supplement,
            models.Termination,
        ):
            follow(part, keeping.follow_part)
        also_verify(keeping.faults)
