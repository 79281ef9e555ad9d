from rest_framework.routers import SimpleRouter

from accreditation.api import applications, experts, rounds

router = SimpleRouter()
router.register("accreditation/rounds", rounds.RoundViewSet, "accreditation-round")
router.register("accreditation/applications", applications.ApplicationViewSet, "accreditation-application")
router.register("accreditation/experts", experts.ExpertViewSet, "accreditation-expert")
router.register("accreditation/panels", experts.PanelViewSet, "accreditation-panel")
router.register("accreditation/score-sheets", experts.SheetViewSet, "accreditation-score-sheet")

urlpatterns = router.urls
