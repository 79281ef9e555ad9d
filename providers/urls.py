from rest_framework.routers import SimpleRouter

from providers.api import listing, product, provider, version

router = SimpleRouter()
router.register("registrations/provider", provider.RegistrationViewSet, "provider-registration")
router.register("providers/listings", listing.ListingViewSet, "provider-listing")
router.register("providers/accounts", provider.AccountViewSet, "settlement-account")
router.register("providers/bars", listing.BarViewSet, "provider-bar")
router.register("providers", provider.ProviderViewSet, "provider")
router.register("products/versions", version.VersionViewSet, "product-version")
router.register("products", product.ProductViewSet, "product")

urlpatterns = router.urls
