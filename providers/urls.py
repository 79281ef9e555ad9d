from rest_framework.routers import SimpleRouter

from providers.api import product, provider, qualification

router = SimpleRouter()
router.register("registrations/provider", provider.RegistrationViewSet, "provider-registration")
router.register("providers/applications", qualification.ApplicationViewSet, "provider-application")
router.register("providers/accounts", provider.AccountViewSet, "settlement-account")
router.register("providers/bars", qualification.BarViewSet, "provider-bar")
router.register("providers", provider.ProviderViewSet, "provider")
router.register("products", product.ProductViewSet, "product")

urlpatterns = router.urls
