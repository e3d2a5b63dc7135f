"""Clips end with their alerts, also those that nobody knows any more."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from alerts.models import ClipState
from alerts.services.retention import clip_orphans_purge
from cameras.footage import footage_path
from paca_site.audit.models import AuditEntry
from tests.cast import make_alert

pytestmark = pytest.mark.django_db


def write(path: str, *, is_old: bool = True) -> Path:
    file = footage_path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"masked video")
    if is_old:
        os.utime(file, (1, 1))
    return file


def test_clips_that_no_alert_names_go_after_an_hour(tmp_path: Path, settings: Any) -> None:
    settings.FOOTAGE_DIR = tmp_path
    make_alert(clip_state=ClipState.READY, clip_path="clips/1/a.mp4", poster_path="clips/1/a.jpg")
    make_alert(clip_state=ClipState.PENDING, event_id="b")  # killed between cutting and storing
    kept = [
        write("clips/1/a.mp4"),
        write("clips/1/a.jpg"),
        write("clips/1/c.mp4", is_old=False),
        write("segments/s.mp4"),
    ]
    orphans = [write("clips/1/b.mp4"), write("clips/1/b.jpg"), write("clips/1/.b.mp4.0123.part")]
    assert clip_orphans_purge() == len(orphans)
    assert all(file.exists() for file in kept)
    assert not any(file.exists() for file in orphans)
    entry = AuditEntry.objects.get(action="retention.purged")
    assert json.loads(entry.body)["details"] == {"kind": "clips without an alert", "count": 3, "bytes": 36}
