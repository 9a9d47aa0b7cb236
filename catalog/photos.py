"""The shop's door for product photos: checked, upright, re-encoded, under a name of our own.

Re-encoding leaves behind what is no picture: the place it was taken (EXIF, GPS), thumbnails of what was cropped away,
a web page glued to the end. Who decodes is a setting, ``CATALOG["PHOTO_DECODER"]``: the dotted path of a function
``(data: bytes) -> PIL.Image.Image``, upright RGB. It refuses a file with an exception that has a ``code`` (text) and
whose own text is for people.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.files.base import ContentFile, File
from django.utils.module_loading import import_string
from django.utils.text import slugify
from PIL import Image

if TYPE_CHECKING:
    BytesFile = ContentFile[bytes]
else:
    # Django's own class takes no type parameters while the program runs.
    BytesFile = ContentFile

#: Pixels up to which a photo counts as small: there, every lost pixel shows (a network sees even JPEG at quality 98),
#: and exactness costs 1 kB more.
SMALL = 256 * 256
#: Largest file read, in bytes. The decoder has its own, lower or equal.
MAX_BYTES = 30 * 1024 * 1024
_JPEG = {"quality": 90, "optimize": True, "progressive": True}
# More effort saves 3 % of the room and takes four times as long.
_EXACT = {"lossless": True, "method": 2, "quality": 25}
_WEBP = {"quality": 85, "method": 4}


class PhotoError(ValueError):
    """The file is no photo the shop takes. ``code`` is stable, the message is for people."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class StoredPhoto(BytesFile):
    """A photo ready for storage, which knows its size in pixels."""

    def __init__(self, content: bytes, name: str, size: tuple[int, int]) -> None:
        super().__init__(content, name=name)
        self.width, self.height = size


def store_photo(data: bytes, stem: str) -> StoredPhoto:
    """Return the photo as it is to be stored, named after ``stem``.

    A small one is kept exactly, as lossless WebP. Of large ones a JPEG stays a JPEG, everything else becomes WebP, both
    as good as a shop shows them.

    Raises:
        PhotoError: the file is no photo the shop takes.
        ImproperlyConfigured: no decoder is set.
    """
    image = _decode(data)
    buffer = io.BytesIO()
    options: dict[str, Any]
    if image.width * image.height <= SMALL:
        suffix, kind, options = "webp", "WEBP", _EXACT
    elif data.startswith(b"\xff\xd8"):
        suffix, kind, options = "jpg", "JPEG", _JPEG
    else:
        suffix, kind, options = "webp", "WEBP", _WEBP
    image.save(buffer, kind, **options)
    return StoredPhoto(buffer.getvalue(), f"{slugify(stem)[:60] or 'photo'}.{suffix}", image.size)


def clean_photo(upload: IO[bytes] | File[bytes], stem: str = "photo") -> StoredPhoto:
    """Return an uploaded file as it is to be stored.

    Raises:
        ValidationError: the file is no photo the shop takes.
    """
    # One byte more than allowed, so that the decoder sees there is too much.
    data = upload.read(MAX_BYTES + 1)
    try:
        return store_photo(data, stem)
    except PhotoError as error:
        raise ValidationError(str(error), code=error.code) from error


class PhotoField(forms.FileField):
    """A form's field for a photo; what it gives is ready for storage.

    Not Django's ``ImageField``: that one hands the upload to every decoder Pillow has before anybody can refuse it.
    """

    def to_python(self, data: Any) -> Any:
        """Check and re-encode what was uploaded."""
        upload = super().to_python(data)
        return None if upload is None else clean_photo(upload)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Have the browser offer photos only."""
        attributes = super().widget_attrs(widget)
        if isinstance(widget, forms.FileInput):
            attributes.setdefault("accept", "image/jpeg,image/png,image/webp")
        return attributes


def _decode(data: bytes) -> Image.Image:
    try:
        return _decoder()(data)
    except Exception as error:
        # The shop does not know its decoder, so not its errors either: a refusal is what carries a code.
        code = getattr(error, "code", None)
        if not isinstance(code, str):
            raise
        raise PhotoError(str(error), code=code) from error


def _decoder() -> Callable[[bytes], Image.Image]:
    path = getattr(settings, "CATALOG", {}).get("PHOTO_DECODER")
    if not path:
        raise ImproperlyConfigured(
            'CATALOG["PHOTO_DECODER"] is not set. Set it to the dotted path of a function that takes bytes and returns '
            'an upright RGB picture, such as "recommendations.images.decode_product_photo".'
        )
    try:
        decoder: Callable[[bytes], Image.Image] = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(
            f'CATALOG["PHOTO_DECODER"] is {path!r}, which cannot be imported: {error}'
        ) from error
    return decoder
