"""Make the thumbnails that are missing."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from PIL import Image
from tqdm import tqdm

from catalog.models import ProductImage
from catalog.thumbnails import make_thumbnails


class Command(BaseCommand):
    """Make the thumbnails that are missing, so that no visitor waits for them."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through all photos; name those that cannot be read and go on."""
        photos = ProductImage.objects.order_by("pk")
        total, bad = photos.count(), 0
        shown = tqdm(photos.iterator(chunk_size=500), total=total, unit="photo", disable=not sys.stderr.isatty())
        for image in shown:
            try:
                make_thumbnails(image)
            except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
                bad += 1
                self.stderr.write(f"{image.image.name}: {error}")
        if bad:
            raise CommandError(f"{bad} of {total} photos cannot be read.")
        self.stdout.write(f"Thumbnails of {total} photos are there.")
