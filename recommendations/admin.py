"""The admin: what became of each photo, which index is live, and the state of a product's photos on its own page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations import conf, indexing, report_files, tasks
from recommendations.exceptions import VogueError
from recommendations.gallery import get_gallery
from recommendations.models import ImageEmbedding, IndexRelease
from recommendations.status import failures, index_status

if TYPE_CHECKING:
    EmbeddingModelAdmin = admin.ModelAdmin[ImageEmbedding]
    ReleaseModelAdmin = admin.ModelAdmin[IndexRelease]
    EmbeddingTabularInline = admin.TabularInline[ImageEmbedding, Any]
else:
    # Django's own classes take no type parameters while the program runs.
    EmbeddingModelAdmin = ReleaseModelAdmin = admin.ModelAdmin
    EmbeddingTabularInline = admin.TabularInline


class WithPhoto:
    """Shows a row's photo."""

    @admin.display(description=gettext_lazy("photo"))
    def photo(self, row: ImageEmbedding) -> str:
        """Show it small, leading to the file."""
        source = next((p for p in get_gallery().photos([row.product_id]) if p.key == row.photo_key), None)
        if source is None:
            return _("gone")
        url = source.storage.url(source.name)
        return format_html('<a href="{}"><img src="{}" alt="{}" height="80" loading="lazy"></a>', url, url, row.product)


class ReadOnly:
    """For what the shop computes: nobody adds, changes or deletes it by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ImageEmbedding)
class ImageEmbeddingAdmin(WithPhoto, ReadOnly, EmbeddingModelAdmin):
    """Every photo: pending, ready or failed, and why."""

    list_display = ["pk", "photo", "product", "status", "attempts", "reason", "embedder", "updated"]
    list_filter = ["status", "embedder"]
    list_select_related = ["product"]
    list_per_page = 50
    search_fields = ["=product__pk", "photo_name", "reason"]
    fields = [
        "photo",
        "product",
        "photo_name",
        "status",
        "attempts",
        "reason",
        "embedder",
        "checksum",
        "revision",
        "queued",
        "created",
        "updated",
    ]
    actions = ["try_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImageEmbedding]:
        """Leave the vectors where they are."""
        return super().get_queryset(request).defer("vector")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow it along with the product only; otherwise the admin would refuse to delete products."""
        return obj is not None and admin.ModelAdmin.has_delete_permission(self, request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Offer no button for it."""
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), "show_delete": False})

    def has_try_again_permission(self, request: HttpRequest) -> bool:
        """Allow who may change embeddings, although nobody changes them by hand."""
        return request.user.has_perm("recommendations.change_imageembedding")

    @admin.action(description=gettext_lazy("Try again"), permissions=["try_again"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[ImageEmbedding]) -> None:
        """Give failed photos a fresh start and queue them; queue pending ones once more."""
        failed = queryset.filter(status=ImageEmbedding.Status.FAILED)
        indexing.reset_failed(list(failed.values_list("pk", flat=True)))
        ids = list(queryset.filter(status=ImageEmbedding.Status.PENDING).values_list("pk", flat=True))
        tasks.queue_photos(ids)
        n = len(ids)
        self.message_user(request, ngettext("%d photo is tried again.", "%d photos are tried again.", n) % n)


@admin.register(IndexRelease)
class IndexReleaseAdmin(ReadOnly, ReleaseModelAdmin):
    """What was built, from what, how good it is, and which one is live."""

    list_display = ["name", "live", "status", "backend", "count", "recall", "megabytes", "created", "reason"]
    list_filter = ["live", "status", "backend", "embedder"]
    change_list_template = "recommendations/admin/releases.html"

    @admin.display(description=gettext_lazy("size in MB"), ordering="bytes")
    def megabytes(self, release: IndexRelease) -> str:
        """Show the size."""
        return f"{release.bytes / 1e6:,.1f}"

    @admin.display(description=gettext_lazy("go back"))
    def way_back(self, release: IndexRelease) -> str:
        """Lead to the question whether to make this release live again."""
        if release.live or release.status != IndexRelease.Status.PUBLISHED:
            return "—"
        return format_html('<a href="{}">{}</a>', self._url("rollback", release.pk), _("Go back to this one"))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Add the way back for those who may go it."""
        # Near the front: the list is wider than a phone.
        name, live, *rest = self.list_display
        return [name, live, *(["way_back"] if self._may_roll_back(request) else []), *rest]

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the buttons and of reports."""
        view = self.admin_site.admin_view
        return [
            path("reports/<str:name>/", view(self.report), name="recommendations_report"),
            path("reports/<str:name>/<path:file>", view(self.report)),
            path("rebuild/", view(self.rebuild), name="recommendations_rebuild"),
            path("<int:key>/rollback/", view(self.rollback), name="recommendations_rollback"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list under how the index stands now."""
        status = index_status()
        context = {
            "index_status": status,
            "storage": conf.release_storage() is not None,
            "failures": failures(10),
            "next_coverage": 100 * status.next_coverage() if status.next else None,
            "switch_coverage": 100 * conf.get("SWITCH_COVERAGE"),
            "may_rebuild": self._may_rebuild(request),
            "report": report_files.latest_report(),
            "rebuild_url": self._url("rebuild"),
            "failed_url": reverse(f"{self.admin_site.name}:recommendations_imageembedding_changelist"),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def rebuild(self, request: HttpRequest) -> HttpResponse:
        """Ask whether to build; where that is said, queue a build."""
        if not self._may_rebuild(request):
            raise PermissionDenied
        if request.method != "POST":
            question = _("Build a new release of the index now?")
            told = _("Searching goes on meanwhile. A worker builds it, and makes it live once it has been tried out.")
            return self._asked(request, question, told, _("Rebuild"))
        if tasks.publish(tasks.rebuild_index):
            self.message_user(request, _("A rebuild is queued. It is skipped where nothing has changed."))
        else:
            text = _("The queue cannot be reached. Run manage.py rebuild_index instead.")
            self.message_user(request, text, level=messages.ERROR)
        return HttpResponseRedirect(self._url("indexrelease_changelist"))

    def rollback(self, request: HttpRequest, key: int) -> HttpResponse:
        """Ask whether to make a release live again; where that is said, do it."""
        if not self._may_roll_back(request):
            raise PermissionDenied
        release = get_object_or_404(IndexRelease, pk=key)
        if request.method != "POST":
            question = _("Make release %(name)s live again?") % {"name": release.name}
            told = _("Every process changes to it within a request or two. What is newer is scanned exactly.")
            return self._asked(request, question, told, _("Go back"))
        try:
            indexing.rollback_release(release.name)
        except VogueError as error:
            self.message_user(request, str(error), level=messages.ERROR)
        else:
            self.message_user(request, _("Release %(name)s is live again.") % {"name": release.name})
        return HttpResponseRedirect(self._url("indexrelease_changelist"))

    def report(self, request: HttpRequest, name: str, file: str = report_files.PAGE) -> FileResponse:
        """Show a report of how good retrieval is: to those who may see releases."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = report_files.find_file(name, file)
        if found is None:
            raise Http404
        return FileResponse(found[0].open("rb"), content_type=found[1])

    def _asked(self, request: HttpRequest, question: str, told: str, yes: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": question,
            "told": told,
            "yes": yes,
            "back": self._url("indexrelease_changelist"),
        }
        return TemplateResponse(request, "recommendations/admin/confirm.html", context)

    def _url(self, name: str, *args: Any) -> str:
        return reverse(f"{self.admin_site.name}:recommendations_{name}", args=args)

    def _may_rebuild(self, request: HttpRequest) -> bool:
        return request.user.has_perm("recommendations.add_indexrelease")

    def _may_roll_back(self, request: HttpRequest) -> bool:
        return request.user.has_perm("recommendations.change_indexrelease")


class EmbeddingInline(WithPhoto, ReadOnly, EmbeddingTabularInline):
    """A product's photos as the search sees them."""

    model = ImageEmbedding
    extra = 0
    verbose_name_plural = gettext_lazy("Visual search")
    fields = ("photo", "status", "attempts", "reason", "embedder", "updated")
    readonly_fields = ("photo", "status", "attempts", "reason", "embedder", "updated")
    show_change_link = True
    ordering = ["embedder", "position", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImageEmbedding]:
        """Leave the vectors where they are."""
        return super().get_queryset(request).defer("vector")


class EmbeddingStateMixin:
    """For a product's admin: its photos' state, in the list and on its page.

    Put on by itself where the product is registered with the default admin site before this module loads (its app
    stands before ``recommendations`` in INSTALLED_APPS); by hand anywhere else:
    ``class ProductAdmin(EmbeddingStateMixin, admin.ModelAdmin)``.
    """

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Add the photos' state, once the product is there."""
        inlines = list(super().get_inlines(request, obj))  # type: ignore[misc]
        return [*inlines, EmbeddingInline] if obj is not None else inlines

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Add the column."""
        return [*super().get_list_display(request), "embedding_state"]  # type: ignore[misc]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the photos' state along: one query for a page."""
        rows = ImageEmbedding.objects.only("pk", "product_id", "status")
        products: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return products.prefetch_related(Prefetch("image_embeddings", queryset=rows))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], Any]:
        """Ask for no right to delete embeddings of who may delete the product: they go with it."""
        deleted, counts, needed, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        return deleted, counts, needed - {ImageEmbedding._meta.verbose_name}, protected

    @admin.display(description=gettext_lazy("visual search"))
    def embedding_state(self, product: Any) -> str:
        """Say it in a word, the worst first: failed, pending, ready; a dash where there is no photo."""
        found = {row.status for row in product.image_embeddings.all()}
        for status in (ImageEmbedding.Status.FAILED, ImageEmbedding.Status.PENDING, ImageEmbedding.Status.READY):
            if status in found:
                return str(status.label)
        return "—"


def extend_product_admin(site: admin.AdminSite) -> None:
    """Register the product's admin again with the mixin on it, where it is registered and has none yet."""
    model = ImageEmbedding._meta.get_field("product").related_model
    if not site.is_registered(model):
        return
    plain = type(site.get_model_admin(model))
    if issubclass(plain, EmbeddingStateMixin):
        return
    site.unregister(model)
    site.register(model, type(plain.__name__, (EmbeddingStateMixin, plain), {"__module__": plain.__module__}))


extend_product_admin(admin.site)
