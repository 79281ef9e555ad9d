"""Every page, by area."""

from __future__ import annotations

from django.urls import include, path

from portal.kit import files, tus
from portal.live.poll import poll
from portal.style import style

urlpatterns = [
    path("", include("portal.public.urls")),
    path("e/", include("portal.enterprise.urls")),
    path("s/", include("portal.provider.urls")),
    path("o/", include("portal.officer.urls")),
    path("contracts/", include("portal.parties.urls")),
    path("my/", include("portal.parties.house")),
    path("upload/", files.upload, name="upload"),
    path("upload/parts/", tus.create, name="upload-parts"),
    path("upload/parts/<uuid:pk>/", tus.part, name="upload-part"),
    path("files/<uuid:pk>/", files.download, name="file"),
    path("live/poll/<slug:topic>/", poll, name="live-poll"),
    path("style/", style, name="style"),
]
