from rest_framework.routers import SimpleRouter

from enterprises import api

router = SimpleRouter()
router.register("registrations/enterprise", api.RegistrationViewSet, "enterprise-registration")
router.register("enterprises", api.EnterpriseViewSet, "enterprise")
router.register("enterprises", api.PassportViewSet, "enterprise-passport")
router.register("passport-disputes", api.DisputeViewSet, "passport-dispute")
router.register("relation-declarations", api.DeclarationViewSet, "relation-declaration")
router.register("registry/titles", api.TitleViewSet, "title-acts")
router.register("registry/imports", api.RosterViewSet, "roster-acts")
router.register("quota-adjustments", api.AdjustmentViewSet, "quota-adjustment")

urlpatterns = router.urls
