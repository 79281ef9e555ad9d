from rest_framework.routers import SimpleRouter

from records import api

router = SimpleRouter()
router.register("contracts", api.ArchiveViewSet, "archive")
router.register("archive-downloads", api.DownloadViewSet, "archive-download")

urlpatterns = router.urls
