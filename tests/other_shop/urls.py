"""One page of its own, and the plugin."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import include, path, re_path
from django.views.static import serve

from catalog.models import Product


def item(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "item.html", {"product": get_object_or_404(Product, pk=pk)})


urlpatterns = [
    path("item/<int:pk>/", item, name="item"),
    path("", include("recommendations.urls")),
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
]
