from rest_framework.routers import SimpleRouter

from contracts.api.boards import PerformanceViewSet, ProviderPerformanceViewSet, StandingViewSet
from contracts.api.contract import ContractViewSet
from contracts.api.papers import (
    EvidenceQueryViewSet,
    InvoiceViewSet,
    PaymentViewSet,
    SupplementViewSet,
    TerminationViewSet,
)
from contracts.api.permits import RelatedPermitViewSet

router = SimpleRouter()
router.register("contracts/standing", StandingViewSet, "standing")
router.register("contracts", ContractViewSet, "contract")
router.register("payments", PaymentViewSet, "payment")
router.register("invoices", InvoiceViewSet, "invoice")
router.register("supplements", SupplementViewSet, "supplement")
router.register("terminations", TerminationViewSet, "termination")
router.register("evidence-queries", EvidenceQueryViewSet, "evidence-query")
router.register("related-permits", RelatedPermitViewSet, "related-permit")
router.register("performance", PerformanceViewSet, "performance")
router.register("providers", ProviderPerformanceViewSet, "provider-performance")

urlpatterns = router.urls
