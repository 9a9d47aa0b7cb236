"""The shop's back room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.models import Category, Product, ProductImage, ProductQuerySet
from catalog.photos import PhotoField
from catalog.templatetags.shop import money
from catalog.thumbnails import thumbnails

if TYPE_CHECKING:
    PhotoModelForm = forms.ModelForm[ProductImage]
    PhotoFormSet = forms.BaseInlineFormSet[ProductImage, Product, PhotoModelForm]
    PhotoTabularInline = admin.TabularInline[ProductImage, Product]
    ProductModelAdmin = admin.ModelAdmin[Product]
    CategoryModelAdmin = admin.ModelAdmin[Category]
else:
    # Django's own classes take no type parameters while the program runs.
    PhotoModelForm = forms.ModelForm
    PhotoFormSet = forms.BaseInlineFormSet
    PhotoTabularInline = admin.TabularInline
    ProductModelAdmin = CategoryModelAdmin = admin.ModelAdmin


def preview(image: ProductImage | None, width: int) -> str:
    """Return a small picture of a photo, or a dash."""
    copies = thumbnails(image) if image else []
    if image is None or not copies:
        return "–"
    smallest = copies[0]
    height = round(smallest.height * width / smallest.width)
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy">', smallest.url, width, height, image.alt
    )


class StockFilter(admin.SimpleListFilter):
    """Sold out or not."""

    title = _("stock")
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("some", _("in stock")), ("none", _("sold out"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:  # noqa: ARG002
        if self.value() == "some":
            return queryset.filter(stock__gt=0)
        return queryset.filter(stock=0) if self.value() == "none" else queryset


class ProductImageForm(PhotoModelForm):
    """Photos come in through the shop's door; what is refused is said beside the field."""

    image = PhotoField(label=_("photo"), help_text=_("JPEG, PNG or WebP."), widget=forms.FileInput)

    class Meta:
        model = ProductImage
        fields = ("image", "alt", "position")


class ProductImageFormSet(PhotoFormSet):
    """Names its fields for screen readers: in a table the labels are heads of columns, tied to no field."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            field.widget.attrs["aria-label"] = form[name].label


class ProductImageInline(PhotoTabularInline):
    """A product's photos, in the order of their position."""

    model = ProductImage
    form = ProductImageForm
    formset = ProductImageFormSet
    fields = ("photo_preview", "image", "alt", "position")
    readonly_fields = ("photo_preview",)
    extra = 1

    @admin.display(description=_("preview"))
    def photo_preview(self, image: ProductImage) -> str:
        return preview(image if image.pk else None, 90)


@admin.register(Product)
class ProductAdmin(ProductModelAdmin):
    """Products, with their photos."""

    list_display = ("photo_preview", "name", "sku", "brand", "category", "shown_price", "stock", "active")
    list_display_links = ("photo_preview", "name")
    list_select_related = ("category",)
    list_per_page = 50
    list_filter = (
        "active",
        StockFilter,
        "gender",
        "season",
        ("category", admin.RelatedOnlyFieldListFilter),
        "colour",
    )
    search_fields = ("name", "sku", "brand", "category__name")
    search_help_text = _("Name, SKU, brand or category.")
    autocomplete_fields = ("category",)
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("created", "updated")
    inlines = (ProductImageInline,)
    actions = ("activate", "hide")
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("name", "slug", "sku", "brand", "category", "description")}),
        (_("What it is like"), {"fields": (("gender", "colour"), ("season", "usage"))}),
        (_("Sale"), {"fields": (("price", "currency"), "stock", "active", ("created", "updated"))}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return super().get_queryset(request).prefetch_related("images")

    @admin.display(description=_("photo"))
    def photo_preview(self, product: Product) -> str:
        return preview(product.main_image, 45)

    @admin.display(description=_("price"), ordering="price")
    def shown_price(self, product: Product) -> str:
        return money(product.price, product.currency)

    @admin.action(description=_("Show the selected products in the shop"), permissions=["change"])
    def activate(self, request: HttpRequest, products: ProductQuerySet) -> None:
        self._set_active(request, products, True)

    @admin.action(description=_("Hide the selected products"), permissions=["change"])
    def hide(self, request: HttpRequest, products: ProductQuerySet) -> None:
        self._set_active(request, products, False)

    def _set_active(self, request: HttpRequest, products: ProductQuerySet, active: bool) -> None:
        # One by one: update() sends no signal, and who listens (search) would hear of it late.
        changed = 0
        for product in products.filter(active=not active):
            product.active = active
            product.save(update_fields=["active", "updated"])
            self.log_change(request, product, [{"changed": {"fields": [str(_("active"))]}}])
            changed += 1
        words = (
            ngettext("%d product is in the shop now.", "%d products are in the shop now.", changed)
            if active
            else ngettext("%d product is hidden now.", "%d products are hidden now.", changed)
        )
        self.message_user(request, words % changed)


@admin.register(Category)
class CategoryAdmin(CategoryModelAdmin):
    """The tree, in its own order."""

    list_display = ("name", "path", "parent")
    list_select_related = ("parent",)
    search_fields = ("name", "path")
    autocomplete_fields = ("parent",)
    prepopulated_fields = {"slug": ("name",)}
