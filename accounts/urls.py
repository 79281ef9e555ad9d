from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts import api

router = SimpleRouter()
router.register("organisations", api.OrganisationViewSet, "organisation")
router.register("users", api.UserViewSet, "user")
router.register("files", api.FileViewSet, "file")
router.register("audit", api.AuditViewSet, "audit")
router.register("messages", api.MessageViewSet, "message")

urlpatterns = [
    path("auth/session/", api.SessionView.as_view(), name="session"),
    path("auth/tokens/", api.TokenView.as_view(), name="tokens"),
    *router.urls,
]
