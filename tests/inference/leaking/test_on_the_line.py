"""A turn of a camera, with real frames and real networks, leaves counts of the leak watch; none where it is off."""

import threading
from pathlib import Path

import pytest
from django.conf import LazySettings

from cameras.leaking.models import LeakHour
from cameras.models import Camera
from inference.leaking import watching
from inference.services import streams
from tests.cast import make_camera, make_policy
from tests.street_clip import write_street_clip

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("services")]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_street_clip(tmp_path_factory.mktemp("street") / "street.mp4", seconds=2.0, incident_at_s=1.0)


@pytest.fixture
def camera(clip: Path, tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Camera:
    settings.FOOTAGE_DIR = tmp_path / "footage"
    settings.STREAM_TURN_S, settings.LEAK_INTERVAL_S = 6, 0
    monkeypatch.setattr(watching, "SIZE", "s")
    monkeypatch.setattr(streams, "shutting_down", threading.Event())
    watching._process_watch.cache_clear()
    return make_camera(address=str(clip), is_enabled=True, retention=make_policy(masked_hours=0))


def test_a_turn_counts_people_and_keeps_within_its_share(camera: Camera) -> None:
    assert streams.stream_run(camera.pk) == "turn over"
    rows = list(LeakHour.objects.filter(camera=camera))
    assert sum(row.frames for row in rows) >= 1
    assert sum(row.people for row in rows) >= 1
    assert sum(row.failed for row in rows) == 0
    assert sum(row.skipped for row in rows) >= 1


def test_where_it_is_off_nothing_is_looked_at(camera: Camera, settings: LazySettings) -> None:
    settings.LEAK_WATCH, settings.STREAM_TURN_S = False, 1
    assert streams.stream_run(camera.pk) == "turn over"
    assert not LeakHour.objects.exists()
