from django.urls import path
from rest_framework.routers import SimpleRouter

from credit import api

router = SimpleRouter()
router.register("complaints", api.ComplaintViewSet, "complaint")
router.register("credit-records", api.CreditRecordViewSet, "credit-record")
router.register("commitments", api.CommitmentViewSet, "commitment")

urlpatterns = [path("commitments/words/", api.CommitmentWords.as_view()), *router.urls]
