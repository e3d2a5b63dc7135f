"""What an uploaded plan may be, and making it anew: only pixels get through, whatever else the file held."""

import hashlib
import io
import warnings
from dataclasses import dataclass, field
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000  # a file of a few kilobytes can claim any size: refused before it is unpacked
LEAST_PX, MOST_PX = 100, 4000
QUALITY = 85
MOST_LOSSLESS_BYTES = 2 * 1024 * 1024  # drawings stay sharp; photographs are larger than that without loss


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """A picture as it is kept: WebP, `width` x `height` pixels, `digest` its SHA-256."""

    content: bytes = field(repr=False)
    width: int
    height: int
    digest: str


def read_plan(uploaded: BinaryIO, size_bytes: int) -> PlanPicture:
    """Check an uploaded picture by what is in it, never by its name, and encode its pixels anew.

    Raises:
        ValidationError: too large, not a picture of `FORMATS`, too small to be a plan, or damaged.
    """
    if size_bytes > MOST_BYTES:
        raise ValidationError(
            gettext("The file has {mib:.1f} MiB; a plan has at most {most_mib} MiB.").format(
                mib=size_bytes / 2**20, most_mib=MOST_BYTES // 2**20
            )
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(uploaded, formats=FORMATS) as opened:
                _check_size(*opened.size)
                upright = ImageOps.exif_transpose(opened)
                pixels = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(gettext("This is not a PNG, JPEG or WebP picture.")) from error
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for damaged files of a known format
        raise ValidationError(gettext("The picture is damaged: it cannot be read to its end.")) from error
    pixels.thumbnail((MOST_PX, MOST_PX))
    content = _encoded(pixels)
    return PlanPicture(content, pixels.width, pixels.height, hashlib.sha256(content).hexdigest())


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise ValidationError(
            gettext("The picture has {width} x {height} pixels; at most 50 million are read.").format(
                width=width, height=height
            )
        )
    if min(width, height) < LEAST_PX:
        raise ValidationError(
            gettext("The picture has {width} x {height} pixels; a plan has at least {least_px} each way.").format(
                width=width, height=height, least_px=LEAST_PX
            )
        )


def _encoded(pixels: Image.Image) -> bytes:
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)  # a copy carries no profile, no EXIF and no text
    target = io.BytesIO()
    clean.save(target, "WEBP", lossless=True, quality=50, method=2)
    if target.tell() > MOST_LOSSLESS_BYTES:
        target = io.BytesIO()
        clean.save(target, "WEBP", quality=QUALITY, method=2)
    return target.getvalue()
