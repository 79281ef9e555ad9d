from django.urls import path, register_converter
from django.urls.converters import IntConverter
from rest_framework.routers import SimpleRouter

from programmes.api import budget, notices, objections, publicities, targets


class Year(IntConverter):
    """Four digits."""

    regex = "[0-9]{4}"


register_converter(Year, "year")

router = SimpleRouter()
router.register("notices", notices.NoticeViewSet, "notice")
router.register("appropriations", budget.AppropriationViewSet, "appropriation")
router.register("suspensions", budget.SuspensionViewSet, "suspension")
router.register("performance-targets", targets.TargetsViewSet, "performance-target")
router.register("publicities", publicities.PublicityViewSet, "publicity")
router.register("publicity-items", publicities.PublicityItemViewSet, "publicity-item")
router.register("objections", objections.ObjectionViewSet, "objection")
router.register("objection-files", objections.ObjectionFileViewSet, "objection-file")

urlpatterns = [
    path("programmes/<year:year>/budget/", budget.BudgetView.as_view(), name="budget"),
    path("programmes/<year:year>/budget/explain/", budget.BudgetExplainView.as_view(), name="budget-explain"),
    *router.urls,
]
