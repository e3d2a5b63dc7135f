"""Whatever a policy takes, a signed record says so: video, clips and alerts, each batch, and nothing of what it was."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from alerts.models import Alert, ClipState
from alerts.services.retention import alerts_purge, clips_purge
from cameras.custody.models import DeletionRecord
from cameras.custody.services.proving import RecordsVerdict, records_verify
from cameras.footage import footage_path
from cameras.models import Camera
from cameras.services.retention import segments_purge
from paca_site.accounts.models import Role
from paca_site.audit.signing import SigningError
from tests.cast import make_alert, make_camera, make_policy, make_segment, make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _checkpoints(tmp_path: Path, settings: Any) -> None:
    settings.CHECKPOINT_FILE = tmp_path / "audit" / "checkpoints.jsonl"


def write(path: str, size: int) -> None:
    file = footage_path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bytes(size))


def filmed() -> Camera:
    camera = make_camera(make_site(), retention=make_policy(masked_hours=24, clip_days=2, alert_days=4))
    segment = make_segment(camera, timezone.now() - 2 * DAY)
    write(segment.path, 7)
    alert = make_alert(
        camera, clip_state=ClipState.READY, clip_path="clips/1/a.mp4", poster_path="clips/1/a.jpg", sentence="Kari fell"
    )
    write("clips/1/a.mp4", 20)
    write("clips/1/a.jpg", 3)
    Alert.objects.filter(pk=alert.pk).update(raised_at=timezone.now() - 3 * DAY)
    return camera


def test_recordings_clips_and_alerts_leave_a_signed_record_that_the_trail_tells_too() -> None:
    camera = filmed()
    assert segments_purge(camera=camera) == 1
    assert clips_purge(camera=camera) == 1
    assert alerts_purge(camera=camera, now=timezone.now() + 2 * DAY) == 1
    told = [json.loads(record.text) for record in DeletionRecord.objects.order_by("pk")]
    assert [(one["kind"], one["count"]) for one in told] == [
        ("masked recordings", 1),
        ("masked clips", 1),
        ("alerts and decisions", 1),
    ]
    assert [one["bytes"] for one in told[1:]] == [23, 0]
    assert "Kari" not in str(told)
    assert "clips/" not in str(told)
    assert records_verify() == RecordsVerdict(3, ())
    page = client_of(make_user(Role.AUDITOR, camera.site)).get("/custody/").text
    assert all(words in page for words in ("Masked recordings", "Masked clips", "Alerts and decisions"))


def test_a_batch_that_cannot_be_signed_for_stays_overdue_until_it_can(settings: Any) -> None:
    camera = filmed()
    settings.CHECKPOINT_KEY.parent.mkdir(parents=True, exist_ok=True)
    settings.CHECKPOINT_KEY.write_text("no key")
    with pytest.raises(SigningError):
        segments_purge(camera=camera)
    assert camera.segments.count() == 1
    settings.CHECKPOINT_KEY.unlink()
    assert segments_purge(camera=camera) == 1
    assert records_verify() == RecordsVerdict(1, ())
