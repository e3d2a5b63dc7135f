"""The purge: files really gone, rows gone, recorded; nothing younger touched; nothing lost to a crash in between."""

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from cameras.footage import footage_path
from cameras.holdings import camera_holdings, policy_shortening
from cameras.models import Camera, Segment
from cameras.services import retention
from cameras.services.retention import orphans_purge, segments_purge
from paca_site.audit.models import AuditEntry
from tests.cast import make_alert, make_camera, make_policy, make_segment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def footage(tmp_path: Path, settings: Any) -> Path:
    settings.FOOTAGE_DIR = tmp_path
    return tmp_path


def write(path: str) -> Path:
    file = footage_path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"masked video")
    return file


def recorded(camera: Camera, ages_h: Sequence[float]) -> list[tuple[Segment, Path]]:
    now = timezone.now()
    segments = [make_segment(camera, now - timedelta(hours=age)) for age in ages_h]
    return [(segment, write(segment.path)) for segment in segments]


def purge_entries() -> list[dict[str, Any]]:
    return [json.loads(entry.body) for entry in AuditEntry.objects.filter(action="retention.purged").order_by("number")]


def test_what_is_past_its_ceiling_goes_and_nothing_younger() -> None:
    camera = make_camera(retention=make_policy(masked_hours=24))
    old, young = recorded(camera, [30, 25]), recorded(camera, [23.9, 1])
    other = recorded(make_camera(retention=make_policy(masked_hours=48)), [30])
    assert segments_purge(camera=camera) == 2
    assert not any(file.exists() for _, file in old)
    assert all(file.exists() for _, file in young + other)
    assert set(Segment.objects.values_list("pk", flat=True)) == {segment.pk for segment, _ in young + other}
    (entry,) = purge_entries()
    assert entry["subject"] == f"camera:{camera.pk}"
    assert entry["role"] == "system"
    assert entry["details"]["count"] == 2
    assert entry["details"]["bytes"] == 2000


def test_a_purge_with_nothing_to_do_records_nothing() -> None:
    recorded(camera := make_camera(), [1])
    assert segments_purge(camera=camera) == 0
    assert not purge_entries()


def test_a_row_whose_file_is_already_gone_is_cleared() -> None:
    camera = make_camera()
    ((_, file),) = recorded(camera, [30])
    file.unlink()
    assert segments_purge(camera=camera) == 1
    assert not Segment.objects.exists()


def test_a_segment_still_being_written_goes_too_when_nothing_may_be_recorded_any_more() -> None:
    camera = make_camera(retention=make_policy(masked_hours=0, clip_days=0))
    segment = make_segment(camera, timezone.now() - timedelta(seconds=5), ended_at=None)
    file = write(segment.path)
    assert segments_purge(camera=camera) == 1
    assert not file.exists()


def test_a_file_that_cannot_be_deleted_keeps_its_row_and_does_not_keep_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    camera = make_camera()
    kept, *others = recorded(camera, [30, 29, 28, 27, 26])
    kept[1].unlink()
    kept[1].mkdir()  # unlink refuses a folder, also for root
    assert segments_purge(camera=camera) == 4
    assert list(Segment.objects.all()) == [kept[0]]
    assert not any(file.exists() for _, file in others)
    assert camera_holdings([camera])[0].overdue == 1


def test_a_path_that_leads_outside_the_footage_folder_is_never_followed(tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside.mp4"
    outside.write_bytes(b"not ours")
    camera = make_camera()
    make_segment(camera, timezone.now() - timedelta(hours=30), path="../outside.mp4")
    assert segments_purge(camera=camera) == 0
    assert outside.exists()


def test_batches_are_recorded_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    recorded(camera := make_camera(), [30, 29, 28, 27, 26])
    assert segments_purge(camera=camera) == 5
    assert [entry["details"]["count"] for entry in purge_entries()] == [2, 2, 1]


def test_files_without_a_row_go_after_an_hour_and_are_recorded() -> None:
    ((_, known),) = recorded(make_camera(), [1])
    orphan, fresh = write("segments/9/orphan.mp4"), write("segments/9/fresh.mp4")
    clip = write("clips/1.mp4")
    for file in (orphan, known, clip):
        os.utime(file, (1, 1))
    assert orphans_purge() == 1
    assert not orphan.exists()
    assert known.exists()
    assert fresh.exists()
    assert clip.exists()
    (entry,) = purge_entries()
    assert entry["details"] == {"kind": "files without a row", "count": 1, "bytes": 12}


def test_no_footage_folder_means_no_orphans() -> None:
    assert orphans_purge() == 0
    assert not purge_entries()


def test_holdings_count_what_is_there_and_what_is_too_old(django_assert_num_queries: Any) -> None:
    camera = make_camera(retention=make_policy(masked_hours=24, clip_days=7, alert_days=30))
    recorded(camera, [26, 24.5, 1])
    now = timezone.now()
    make_alert(camera, clip_path="clips/1.mp4", raised_at=now)
    make_alert(camera, raised_at=now - timedelta(days=31))
    make_alert(camera, clip_path="clips/2.mp4", raised_at=now - timedelta(days=8))
    empty = make_camera()
    with django_assert_num_queries(3):  # recordings, sealed, alerts
        held, nothing = camera_holdings([camera, empty])
    assert held.recordings.count == 3
    assert held.recordings.size_bytes == 3000
    assert held.recordings.hours == pytest.approx(30 / 3600)
    assert (held.clips, held.alerts) == (2, 3)
    assert held.recordings.overdue == 1  # 24.5 h waits for the next purge, 26 h should be gone
    assert held.overdue == 3
    assert (nothing.recordings.count, nothing.alerts, nothing.overdue) == (0, 0, 0)


def test_a_shorter_policy_tells_what_it_would_delete() -> None:
    policy = make_policy(masked_hours=24, clip_days=7, alert_days=30)
    camera = make_camera(retention=policy)
    recorded(camera, [20, 3])
    make_alert(camera, clip_path="clips/1.mp4", raised_at=timezone.now() - timedelta(days=3))
    policy.masked_hours, policy.clip_days, policy.alert_days = 12, 2, 2
    loss = policy_shortening(policy)
    assert (loss.segments, loss.size_bytes, loss.clips, loss.alerts) == (1, 1000, 1, 1)
