"""The order document: checked by what is in it, kept beside the footage, and checked again when it is read."""

import hashlib
import os
import time
import warnings
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from PIL import Image, UnidentifiedImageError

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_PIXELS: Final = 50_000_000  # a file of a few kilobytes can claim any size: refused before it is unpacked
PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
ENDINGS: Final = {PDF: "pdf", PNG: "png", JPEG: "jpg"}
PDF_HEAD_WITHIN, PDF_END_WITHIN = 1024, 1024
"""Bytes from either end in which readers look for `%PDF-` and `%%EOF` (ISO 32000-1, annex H of PDF 1.7)."""
STRAY_AFTER_S: Final = 3600
"""A file that no row names was left by a process that was killed, unless it is as young as a request under way."""


class OrderError(Exception):
    """A stored order cannot be trusted; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it was uploaded.

    Attributes:
        content: the file, at most `MOST_BYTES`.
        name: what it was called.
        media_type: PDF, PNG or JPEG, found in the content.
        sha256: of the content, 64 hex digits.
    """

    content: bytes = field(repr=False)
    name: str
    media_type: str
    sha256: str


def read_order(content: bytes, name: str) -> Order:
    """Check an uploaded order by its content, never by its name.

    Raises:
        ValidationError: empty, too large, damaged, or neither PDF nor PNG nor JPEG.
    """
    if not 0 < len(content) <= MOST_BYTES:
        raise ValidationError(
            gettext("The file has {size} bytes; an order has 1 byte to {most} MiB.").format(
                size=len(content), most=MOST_BYTES // 2**20
            )
        )
    media_type = PDF if b"%PDF-" in content[:PDF_HEAD_WITHIN] else _picture_type(content)
    if media_type == PDF and b"%%EOF" not in content[-PDF_END_WITHIN:]:
        raise ValidationError(gettext("The PDF is damaged: it has no end."))
    return Order(content, Path(name).name[-120:] or "order", media_type, hashlib.sha256(content).hexdigest())


def _picture_type(content: bytes) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise ValidationError(gettext("The picture has more than 50 million pixels."))
                found = PNG if opened.format == "PNG" else JPEG
                opened.load()  # to its end: half a page is no order
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(gettext("The order must be a PDF, PNG or JPEG file.")) from error
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for damaged files of a known format
        raise ValidationError(gettext("The picture is damaged: it cannot be read to its end.")) from error
    return found


def order_folder() -> Path:
    """Return the folder of orders; it holds names of people and cases, so nobody else may look in."""
    return Path(settings.DATA_DIR) / "orders"


def order_write(order: Order) -> str:
    """Store an order under a fresh name, on disk for good before this returns; the caller writes the row after it."""
    folder = order_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{uuid4().hex}.{ENDINGS[order.media_type]}"
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(order.content)
        file.flush()
        os.fsync(file.fileno())
    parent = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
    return name


def order_read(name: str, sha256: str) -> bytes:
    """Return a stored order, which must be what was uploaded.

    Raises:
        OrderError: it is gone, cannot be read, or is another one.
    """
    try:
        content = (order_folder() / Path(name).name).read_bytes()
    except OSError as error:
        raise OrderError(f"The order {name} cannot be read: {error.strerror}.") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise OrderError(f"The order {name} was changed: its SHA-256 is {found}, it was uploaded as {sha256}.")
    return content


def order_strays(named: set[str]) -> list[Path]:
    """Return stored files that no row names and that are older than `STRAY_AFTER_S`."""
    folder = order_folder()
    if not folder.is_dir():
        return []
    before = time.time() - STRAY_AFTER_S
    return [file for file in folder.iterdir() if file.name not in named and file.stat().st_mtime < before]
