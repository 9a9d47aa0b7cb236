"""What to tell somebody whose file is not a JPEG, PNG or WebP."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_HEIC = gettext_lazy("This is an iPhone HEIC photo. Save it as JPEG, or take a screenshot of it, and send that.")
_AVIF = gettext_lazy("This is an AVIF picture. Save it as JPEG or PNG and send that.")
_TIFF = gettext_lazy("This is a TIFF or raw camera picture. Save it as JPEG and send that.")
_JPEG_XL = gettext_lazy("This is a JPEG XL picture. Save it as JPEG and send that.")
_VIDEO = gettext_lazy("This is a video. Send a photo: JPEG, PNG or WebP.")

#: How a file begins → what to say.
_STARTS = {
    b"GIF8": gettext_lazy("This is a GIF. Save it as JPEG or PNG and send that."),
    b"BM": gettext_lazy("This is a BMP picture. Save it as JPEG or PNG and send that."),
    b"II*\0": _TIFF,
    b"MM\0*": _TIFF,
    b"8BPS": gettext_lazy("This is a Photoshop file. Save it as JPEG or PNG and send that."),
    b"%PDF": gettext_lazy("This is a PDF. Send a photo: JPEG, PNG or WebP."),
    b"%!PS": gettext_lazy("This is a PostScript file. Send a photo: JPEG, PNG or WebP."),
    b"\xff\x0a": _JPEG_XL,
    b"\0\0\0\x0cJXL ": _JPEG_XL,
    b"\0\0\0\x0cjP  ": gettext_lazy("This is a JPEG 2000 picture. Save it as JPEG and send that."),
    b"PK\x03\x04": gettext_lazy("This is a zip or office file. Send a photo: JPEG, PNG or WebP."),
}
#: What a file of the MP4 family says it is → what to say; the others of the family are videos.
_BRANDS = dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), _HEIC)
_BRANDS |= dict.fromkeys((b"avif", b"avis"), _AVIF)


def describe_unsupported(data: bytes) -> str:
    """Return what this file is, as far as its first bytes tell, and what to do about it."""
    for start, message in _STARTS.items():
        if data.startswith(start):
            return str(message)
    if data[4:8] == b"ftyp":
        return str(_BRANDS.get(data[8:12], _VIDEO))
    head = data[:1024].lower()
    if b"<svg" in head:
        return _("This is an SVG drawing. Send a photo: JPEG, PNG or WebP.")
    if b"<html" in head or b"<!doctype html" in head:
        return _("This is a web page. Save the picture itself and send that.")
    return _("This is not a photo we can read. Send a JPEG, PNG or WebP.")
