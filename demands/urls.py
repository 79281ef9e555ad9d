from rest_framework.routers import SimpleRouter

from demands.api import demand, matching, response

router = SimpleRouter()
router.register("demand-board", demand.BoardViewSet, "demand-board")
router.register("demands", demand.DemandViewSet, "demand")
router.register("demand-responses", response.ResponseViewSet, "demand-response")
router.register("matching", matching.ProductSearchViewSet, "matching")
router.register("synonyms", matching.SynonymViewSet, "synonym")
router.register("missed-searches", matching.MissedSearchViewSet, "missed-search")
router.register("coverage", matching.CoverageViewSet, "coverage")

urlpatterns = router.urls
