"""Uploaded files stay in memory: a court's order, or a custodian's key beside a large file, never lies in /tmp."""

from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler

MOST_BYTES: Final = 25 * 1024 * 1024
"""Of a request with files: as the proxy allows (docs/operations.md), and more than any form takes."""


class InMemoryUploadHandler(MemoryFileUploadHandler):
    """Takes every upload into memory; Django's own writes larger ones to a named file, which a kill leaves there."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        """Take a request, or refuse it before a byte is read.

        Raises:
            RequestDataTooBig: it is larger than `MOST_BYTES`; answered with 400.
        """
        if content_length > MOST_BYTES:
            raise RequestDataTooBig(f"A request with files may have {MOST_BYTES} bytes, got {content_length}.")
        self.activated = True
