"""The least a shop tells of itself. It borrows the tables of ``catalog``, and nothing else of it."""

from recommendations.gallery import ModelGallery


class OtherGallery(ModelGallery):
    model = "catalog.Product"
    image_model = "catalog.ProductImage"
    image_ordering = ("position", "pk")
