"""A known clip with its file, ready to be placed."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from alerts.models import AlertState, ClipState
from alerts.seeding.models import KnownClip
from tests.alerts.conftest import Desk
from tests.cast import make_alert


@pytest.fixture
def known(desk: Desk, settings: LazySettings, tmp_path: Path) -> KnownClip:
    """A dismissed alert of two hours ago, known to be positive all the same, with a clip of 20 s on disk."""
    settings.FOOTAGE_DIR = tmp_path
    (tmp_path / "source.mp4").write_bytes(b"masked clip")
    (tmp_path / "source.jpg").write_bytes(b"masked poster")
    raised = timezone.now() - timedelta(hours=2)
    source = make_alert(
        desk.alert.camera,
        state=AlertState.DISMISSED,
        raised_at=raised,
        started_at=raised - timedelta(seconds=4),
        peak_at=raised - timedelta(seconds=1),
        ended_at=raised + timedelta(seconds=6),
        regions=[[0.0, [[0, 0], [1, 0], [1, 1]]], [9.0, [[0, 0], [1, 0], [1, 1]]]],
        scores=[[0.0, 0.6], [3.0, 0.7], [9.0, 0.5]],
        clip_state=ClipState.READY,
        clip_path="source.mp4",
        poster_path="source.jpg",
        clip_started_at=raised - timedelta(seconds=12),
        clip_duration_s=20.0,
    )
    return KnownClip.objects.create(alert=source, is_positive=True, by=desk.supervisor)
