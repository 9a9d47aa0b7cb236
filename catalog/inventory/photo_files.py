"""The photos an import brings: stored, with thumbnails, under a name that says which photo of the source it was.

The name ends in the source's fingerprint (checksum and size), so a later run sees without reading anything whether the
source's photo is still the one in the shop.
"""

from __future__ import annotations

import re
import uuid
from pathlib import PurePath

from django.core.files.storage import FileSystemStorage

from catalog.inventory.source import PhotoReadError, SourcePhoto
from catalog.models import ProductImage
from catalog.photos import PhotoError, store_photo
from catalog.thumbnails import delete_photo, make_thumbnails

_IMPORTED = re.compile(r"-src([0-9a-f]{9,})\.\w+$")


class PhotoRefusedError(ValueError):
    """This photo does not come in; ``reason`` is one of a few, ``detail`` is about this one."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


def imported_fingerprint(name: str | None) -> str:
    """Return the fingerprint in a stored photo's name; "" where no import stored it."""
    found = _IMPORTED.search(name or "")
    return found[1] if found else ""


def is_current(image: ProductImage, photo: SourcePhoto) -> bool:
    """Tell whether the stored photo is the source's, and still there."""
    stored = imported_fingerprint(image.image.name)
    if not photo.known_fingerprint:
        try:
            _, known = photo.read()
        except PhotoReadError:
            return False
    else:
        known = photo.known_fingerprint
    # Asking a remote storage for every photo would take longer than the import.
    storage = image.image.storage
    return stored == known and (not isinstance(storage, FileSystemStorage) or storage.exists(image.image.name or ""))


def keep_photo(photo: SourcePhoto) -> ProductImage:
    """Store the photo and its thumbnails; return an unsaved row that names the file and its size.

    Raises:
        PhotoRefusedError: it cannot be read, or is no photo the shop takes.
        OSError: the storage does not take it; nothing is left behind.
    """
    try:
        data, known = photo.read()
        stored = store_photo(data, "photo")
    except PhotoReadError as error:
        raise PhotoRefusedError("its photo cannot be read", f"{photo.name}: {error}") from error
    except PhotoError as error:
        raise PhotoRefusedError("its photo is not one the shop takes", f"{photo.name}: {error}") from error
    unique = uuid.uuid4().hex
    suffix = PurePath(stored.name or "").suffix
    storage = ProductImage._meta.get_field("image").storage
    name = storage.save(f"products/{unique[:2]}/{unique}-src{known}{suffix}", stored)
    image = ProductImage(image=name, width=stored.width, height=stored.height)
    try:
        make_thumbnails(image)
    except BaseException:
        delete_photo(image)
        raise
    return image
