"""Uploads: in memory, whatever their size, and none too large."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.test import RequestFactory

from paca_site.uploads import MOST_BYTES


def test_a_large_upload_is_never_written_to_a_file(tmp_path: Path, settings: Any) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    order = SimpleUploadedFile("order.pdf", b"%PDF" + bytes(5 * 1024 * 1024), "application/pdf")
    request = RequestFactory().post("/warrants/add", {"order": order, "key_file": SimpleUploadedFile("key", b"secret")})
    assert {name: type(file) for name, file in request.FILES.items()} == {
        "order": InMemoryUploadedFile,
        "key_file": InMemoryUploadedFile,
    }
    taken = request.FILES["order"]
    assert isinstance(taken, InMemoryUploadedFile)
    assert taken.size == 5 * 1024 * 1024 + 4
    assert list(tmp_path.iterdir()) == []


def test_a_request_that_is_too_large_is_refused() -> None:
    large = SimpleUploadedFile("order.pdf", bytes(MOST_BYTES), "application/pdf")
    request = RequestFactory().post("/warrants/add", {"order": large})
    with pytest.raises(RequestDataTooBig, match="may have 26214400 bytes"):
        request.FILES  # noqa: B018 - reading it parses the request
