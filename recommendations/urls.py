"""The plugin's addresses; include them at the root: ``path("", include("recommendations.urls"))``."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from recommendations import api, health, metrics, views
from recommendations.events.views import collect
from recommendations.middleware import takes_photo

app_name = "recommendations"
urlpatterns = [
    path("search/photo/", takes_photo(views.photo_search, views.photo_too_large), name="photo_search"),
    path("search/photo/forget/", views.forget_photo, name="forget_photo"),
    path("seen/forget/", views.forget_seen, name="forget_seen"),
    # In most shops nothing else begins so; one that has other addresses for its products loses nothing.
    path("products/<str:product>/similar/", views.similar, name="similar"),
    path("api/v1/products/", api.ProductList.as_view(), name="api_products"),
    path("api/v1/products/<str:id>/", api.ProductDetail.as_view(), name="api_product"),
    path("api/v1/products/<str:id>/similar/", api.SimilarProducts.as_view(), name="api_similar"),
    path(
        "api/v1/search/photo/",
        takes_photo(api.PhotoSearch.as_view(), views.photo_too_large_json),
        name="api_photo_search",
    ),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path(
        "api/v1/docs/",
        # The split view keeps its script out of the page, as a Content-Security-Policy wants it.
        SpectacularSwaggerSplitView.as_view(
            url_name="recommendations:api_schema", template_name="recommendations/api_docs.html"
        ),
        name="api_docs",
    ),
    path("events/", collect, name="events"),
    path("health/live/", health.live, name="health_live"),
    path("health/ready/", health.ready, name="health_ready"),
    path("metrics", metrics.metrics, name="metrics"),
]
