"""From the running detector to the database: hours are added up, survive a restart, and go after 36 days."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from cameras.models import Camera
from inference.core.detection.model import load_model
from inference.core.errors import WeightsError
from inference.core.sensitivity import THRESHOLDS, HourTally
from inference.core.weights import WEIGHTS_FOLDER
from inference.leases import Lease
from inference.models import DetectorRelease, ScoreHour
from inference.services import scores
from inference.services.scores import ScoreReporter, release_of, score_hours_add, score_hours_purge
from inference.writer import StreamWriter
from tests.cast import make_camera

HOUR = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ONE = tuple(int(index < 3) for index in range(len(THRESHOLDS)))


@pytest.fixture
def camera(db: None) -> Camera:
    return make_camera()


def test_the_release_says_what_the_shipped_weights_say() -> None:
    release = release_of(WEIGHTS_FOLDER / "paca-detect")
    assert release.default_percent == pytest.approx(load_model().threshold * 100, abs=0.06)
    assert release.thresholds == list(range(5, 100, 5))
    assert len(release.found) in {0, len(release.thresholds)}
    assert bool(release.found) == bool(release.found_events)


def test_what_is_counted_in_one_hour_adds_up_over_turns(camera: Camera) -> None:
    for _ in range(3):
        score_hours_add(
            camera_id=camera.pk,
            release=release_of(WEIGHTS_FOLDER / "paca-detect"),
            tallies=[HourTally(HOUR, 60.0, ONE)],
        )
    row = ScoreHour.objects.get()
    assert (row.hour, row.observed_s) == (HOUR, 180.0)
    assert row.events[:4] == [3, 3, 3, 0]
    assert DetectorRelease.objects.count() == 1


def test_a_table_that_is_measured_later_reaches_the_release(camera: Camera) -> None:
    release = release_of(WEIGHTS_FOLDER / "paca-detect")
    release.found, release.found_events = [], 0
    score_hours_add(camera_id=camera.pk, release=release, tallies=[])
    release.found, release.found_events = [0.5] * len(THRESHOLDS), 80
    score_hours_add(camera_id=camera.pk, release=release, tallies=[])
    assert DetectorRelease.objects.get().found_events == 80


def test_a_damaged_table_is_logged_and_counts_as_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def damaged(name: str, folder: Path) -> None:
        raise WeightsError("found.json cannot be used")

    monkeypatch.setattr(scores, "load_found", damaged)
    assert release_of(WEIGHTS_FOLDER / "paca-detect").found == []
    assert "cameras show false alerts only" in caplog.text


def test_hours_are_deleted_after_36_days(camera: Camera) -> None:
    now = timezone.now()
    for days in (35, 37):
        tallies = [HourTally(now - timedelta(days=days), 60.0, ONE)]
        score_hours_add(camera_id=camera.pk, release=release_of(WEIGHTS_FOLDER / "paca-detect"), tallies=tallies)
    assert score_hours_purge(now=now) == 1
    assert ScoreHour.objects.get().hour == now - timedelta(days=35)


class Counted:
    """Stands for a tallied detector that has counted one minute."""

    def __init__(self) -> None:
        self.tally = self
        self.waiting = [HourTally(HOUR, 60.0, ONE)]

    def take(self) -> list[HourTally]:
        taken, self.waiting = self.waiting, []
        return taken


def test_the_reporter_hands_over_what_is_left_when_the_turn_ends(camera: Camera) -> None:
    lease = Lease(camera_id=camera.pk, owner="w", token="t", fence=1)
    writer = StreamWriter(lease, threading.Event())
    detector = Counted()
    reporter = ScoreReporter(detector, release_of(WEIGHTS_FOLDER / "paca-detect"), writer)  # type: ignore[arg-type]
    reporter.start()
    reporter.stop()
    reporter.stop()  # nothing is handed over twice
    writes = list(writer._writes)
    assert len(writes) == 1
    writes[0]()
    assert ScoreHour.objects.get().observed_s == 60.0
