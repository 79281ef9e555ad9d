from django.urls import path
from rest_framework.routers import SimpleRouter

from registry import api

router = SimpleRouter()
router.register("registry/imports", api.RosterViewSet, "roster")
router.register("registry/titles", api.TitleViewSet, "title")

urlpatterns = [
    path("registry/regions/", api.RegionsView.as_view(), name="regions"),
    path("registry/industries/", api.IndustriesView.as_view(), name="industries"),
    path("registry/title-kinds/", api.TitleKindsView.as_view(), name="title-kinds"),
    path("registry/uscc/<str:code>/", api.UsccView.as_view(), name="uscc"),
    *router.urls,
]
