from rest_framework.routers import SimpleRouter

from settlement import api

router = SimpleRouter()
router.register("claims", api.ClaimViewSet, "claim")
router.register("batches", api.BatchViewSet, "batch")
router.register("appeals", api.AppealViewSet, "appeal")
router.register("payouts", api.PayoutViewSet, "payout")

urlpatterns = router.urls
