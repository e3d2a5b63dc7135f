"""Recordings that a dead worker left behind are closed or registered; none is deleted for a passing error."""

import errno
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from cameras.footage import footage_path
from cameras.models import Camera, Segment
from cameras.services.retention import orphans_purge
from inference.core.recording import segments as recording
from inference.core.recording.segments import RecorderConfig, SegmentRecorder
from inference.services import segments
from inference.services.segments import segments_adopt, segments_repair
from paca_site.audit.models import AuditEntry
from tests.cast import make_camera, make_segment
from tests.inference.frames import masked_frame

pytestmark = pytest.mark.django_db


@pytest.fixture
def camera(settings: Settings, tmp_path: Path) -> Camera:
    settings.FOOTAGE_DIR = tmp_path
    return make_camera()


def record(camera: Camera) -> str:
    told: list[recording.Segment] = []
    recorder = SegmentRecorder(RecorderConfig(footage_path(f"segments/{camera.pk}"), "abc"), told.append)
    for index in range(5):
        recorder.write(masked_frame(index))
    recorder.close()
    return f"segments/{camera.pk}/{told[-1].path.name}"


def test_a_recording_that_cannot_be_read_now_is_kept_and_closed_by_a_later_turn(
    camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_segment(camera, timezone.now(), path=record(camera), ended_at=None)

    def refuse(path: Path) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(segments, "inspect", refuse)
        segments_repair(camera.pk)
    assert footage_path(row.path).exists()
    segments_repair(camera.pk)
    row.refresh_from_db()
    assert row.ended_at is not None


def test_a_recording_without_a_frame_is_deleted_with_an_entry_in_the_trail(camera: Camera) -> None:
    whole = footage_path(record(camera))
    path = f"segments/{camera.pk}/{recording.segment_name(timezone.now())}"
    footage_path(path).write_bytes(b"")
    make_segment(camera, timezone.now(), path=path, ended_at=None)
    missing = f"segments/{camera.pk}/{recording.segment_name(timezone.now())}"
    make_segment(camera, timezone.now(), path=missing, ended_at=None)
    segments_repair(camera.pk)
    assert not footage_path(path).exists()
    assert whole.exists()
    entry = AuditEntry.objects.get(action="retention.purged")
    assert entry.subject == f"camera:{camera.pk}"


def test_what_was_recorded_without_a_database_gets_its_row_and_is_no_orphan(camera: Camera) -> None:
    path = record(camera)
    assert segments_adopt(camera.pk) == 0, "its own recorder may still write the row"
    later_s = (timezone.now() + timedelta(hours=2)).timestamp()
    assert segments_adopt(camera.pk, settled_s=0.0) == 1
    assert orphans_purge(now_s=later_s) == 0
    row = Segment.objects.get(path=path)
    assert (row.frame_count, row.camera) == (5, camera)
    assert row.ended_at is not None
    assert footage_path(path).exists()
