from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.api import channels, letters, messages, people

router = SimpleRouter()
router.register("organisations", people.OrganisationViewSet, "organisation")
router.register("users", people.UserViewSet, "user")
router.register("letters", letters.LetterViewSet, "letter")
router.register("files", people.FileViewSet, "file")
router.register("audit", people.AuditViewSet, "audit")
router.register("messages", messages.MessageViewSet, "message")
router.register("announcements", messages.AnnouncementViewSet, "announcement")
router.register("announcement-receivers", messages.ReceiverViewSet, "announcement-receiver")
router.register("webhooks", channels.WebhookViewSet, "webhook")
router.register("deliveries", channels.DeliveryViewSet, "delivery")

urlpatterns = [
    path("auth/session/", people.SessionView.as_view(), name="session"),
    path("auth/tokens/", people.TokenView.as_view(), name="tokens"),
    *router.urls,
]
