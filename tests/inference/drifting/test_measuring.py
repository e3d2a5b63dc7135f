"""From stored hours and decisions to a flag, a sentence, and the pages of who is to know."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from cameras.models import Camera
from inference.drifting.models import Drift, DriftState
from inference.drifting.services.measuring import drifts_measure
from inference.models import DetectorRelease, ScoreHour
from paca_site.accounts.models import Role, User
from tests.cast import make_alert, make_camera, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 4, 27, tzinfo=UTC)


@pytest.fixture
def camera() -> Camera:
    return make_camera(is_enabled=True)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def fill(camera: Camera, last: int, before: int, weights: str = "0" * 12) -> None:
    """Ten hours a day for five weeks with so many events an hour at 20 %, and a tenth of it at 60 %."""
    values = {"name": "x", "default_percent": 40, "thresholds": [20, 60], "found": []}
    release, _ = DetectorRelease.objects.get_or_create(weights=weights, defaults=values)
    rows = []
    for day in range(35):
        for hour in range(10):
            at = NOW - timedelta(days=day, hours=hour, minutes=27)
            events = (last if day < 7 else before) * 10 + (day * 7 + hour * 3) % 5
            rows.append(
                ScoreHour(camera=camera, release=release, hour=at, observed_s=3600, events=[events, events // 10])
            )
    ScoreHour.objects.bulk_create(rows)


def decide(camera: Camera, days: range, confirmed: int, dismissed: int) -> None:
    for number in range(confirmed + dismissed):
        at = NOW - timedelta(days=days[number % len(days)], hours=1)
        state = "confirmed" if number < confirmed else "dismissed"
        make_alert(camera, state=state, confidence=70.0, started_at=at)


def test_three_times_the_events_flag_the_camera_and_its_pages_say_so(camera: Camera) -> None:
    fill(camera, last=3, before=1)
    assert drifts_measure(now=NOW) == 1
    drift = Drift.objects.get()
    assert (drift.scores, drift.calibration, drift.flagged_since) == (DriftState.DRIFT, DriftState.FEW, NOW)
    assert drift.factor == pytest.approx(2.7, abs=0.2)
    assert f"came {drift.factor:.1f} times as often" in drift.scores_sentence
    supervisor = client_of(make_user(Role.SUPERVISOR, camera.site))
    assert drift.scores_sentence in supervisor.get("/drift/").text
    assert "since 2026-11-24" in supervisor.get("/drift/").text
    assert drift.scores_sentence in supervisor.get(f"/cameras/{camera.pk}/").text


def test_the_flag_keeps_its_first_day_and_goes_when_the_drift_is_over(camera: Camera) -> None:
    fill(camera, last=3, before=1)
    drifts_measure(now=NOW)
    drifts_measure(now=NOW + timedelta(hours=1))
    assert Drift.objects.get().flagged_since == NOW
    ScoreHour.objects.all().delete()
    fill(camera, last=2, before=2)
    assert drifts_measure(now=NOW) == 0
    assert Drift.objects.get().flagged_since is None


def test_confidence_that_no_longer_holds_is_told_in_numbers(camera: Camera) -> None:
    decide(camera, range(7, 35), confirmed=70, dismissed=30)
    decide(camera, range(7), confirmed=5, dismissed=35)
    assert drifts_measure(now=NOW) == 1
    drift = Drift.objects.get()
    assert (drift.scores, drift.calibration, drift.decided, drift.confirmed) == ("few", "drift", 40, 5)
    assert drift.expected == pytest.approx(40 * 75 / 140)
    assert "of 40 alerts decided in the last week 5 were confirmed" in drift.calibration_sentence


def test_a_camera_that_stays_as_it_was_says_so(camera: Camera) -> None:
    fill(camera, last=2, before=2)
    decide(camera, range(7, 35), confirmed=60, dismissed=60)
    decide(camera, range(7), confirmed=15, dismissed=15)
    assert drifts_measure(now=NOW) == 0
    drift = Drift.objects.get()
    assert (drift.scores, drift.calibration) == (DriftState.STEADY, DriftState.STEADY)
    assert "as the four before" in drift.scores_sentence


def test_hours_of_other_weights_are_not_mixed_in(camera: Camera) -> None:
    fill(camera, last=9, before=9, weights="1" * 12)
    ScoreHour.objects.filter(hour__gt=NOW - timedelta(days=7)).delete()
    fill(camera, last=2, before=2)
    ScoreHour.objects.filter(release="0" * 12, hour__lt=NOW - timedelta(days=7)).delete()
    drifts_measure(now=NOW)
    assert Drift.objects.get().scores == DriftState.FEW


def test_a_camera_that_is_off_keeps_no_comparison(camera: Camera) -> None:
    fill(camera, last=3, before=1)
    drifts_measure(now=NOW)
    Camera.objects.update(is_enabled=False)
    assert drifts_measure(now=NOW) == 0
    assert not Drift.objects.exists()


def test_the_database_keeps_no_flag_without_a_drift(camera: Camera) -> None:
    for wrong in (
        {"scores": "few", "calibration": "few", "flagged_since": NOW},
        {"scores": "drift", "scores_p": 0.001, "factor": 2, "threshold_percent": 20, "calibration": "few"},
        {"scores": "steady", "calibration": "few"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Drift.objects.create(camera=camera, measured_at=NOW, **wrong)
