from rest_framework.routers import SimpleRouter

from contracts import api

router = SimpleRouter()
router.register("contracts", api.ContractViewSet, "contract")
router.register("payments", api.PaymentViewSet, "payment")
router.register("supplements", api.SupplementViewSet, "supplement")
router.register("terminations", api.TerminationViewSet, "termination")

urlpatterns = router.urls
