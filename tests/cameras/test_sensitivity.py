"""The curve of a camera's sensitivity: what is counted, what is suggested, what the page saves."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from alerts.models import AlertState
from cameras.models import Camera
from cameras.sensitivity import CONFIRMED, between, camera_sensitivity, false_counts, poisson_interval
from cameras.sensitivity_chart import sensitivity_chart
from inference.models import DetectorRelease, ScoreHour
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.cast import make_alert, make_camera, make_site, make_user

THRESHOLDS = [20, 40, 60, 80]


@pytest.fixture
def camera(db: None) -> Camera:
    return make_camera(make_site())


@pytest.fixture
def administrator(camera: Camera, settings: Any) -> Client:
    settings.REQUIRE_SECOND_FACTOR = False
    client = Client()
    user = make_user(Role.ADMINISTRATOR, camera.site)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def release(weights: str = "aaa", found: tuple[float, ...] = (1.0, 0.8, 0.5, 0.2)) -> DetectorRelease:
    values = {"name": "paca-detect", "default_percent": 50.0, "thresholds": THRESHOLDS, "found": list(found)}
    return DetectorRelease.objects.get_or_create(weights=weights, defaults={**values, "found_events": 90})[0]


def seen(camera: Camera, hours: int, events: list[int], **fields: Any) -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    for number in range(hours):
        ScoreHour.objects.create(
            camera=camera,
            release=fields.get("release") or release(),
            hour=now - timedelta(hours=number),
            observed_s=3600,
            events=events,
        )


def test_what_was_counted_becomes_false_alerts_a_day(camera: Camera) -> None:
    seen(camera, 12, [10, 4, 1, 0])
    known = camera_sensitivity(camera)
    assert known is not None
    assert [setting.per_day for setting in known.settings] == [240.0, 96.0, 24.0, 0.0]
    assert known.hours == 12.0
    assert known.suggested == 60  # 24 a day is one an hour
    assert known.default.per_day == pytest.approx(60.0)  # half-way between 40 and 60 %
    assert known.default.found == pytest.approx(0.65)
    quiet = known.settings[-1]
    assert quiet.low == 0.0
    assert 3.0 < quiet.high < 7.0  # nothing in half a day is not nothing for ever


def test_the_interval_is_that_of_a_poisson_count() -> None:
    for count, low, high in ((0, 0.0, 2.996), (1, 0.0513, 4.744), (10, 5.425, 16.962), (100, 84.14, 118.1)):
        assert poisson_interval(count)[0] == pytest.approx(low, abs=0.02)  # exact limits, from chi-squared tables
        assert poisson_interval(count)[1] == pytest.approx(high, abs=0.07)


def test_confirmed_alerts_are_no_false_ones_and_an_endless_event_is_never_cheap() -> None:
    assert false_counts([9, 5, 2, 1], THRESHOLDS, [0.65, 0.45]) == [7.0, 3.0, 1.0, 1.0]
    assert false_counts([1, 8, 2, 0], THRESHOLDS, []) == [8.0, 8.0, 2.0, 0.0]
    assert false_counts([0, 0, 0, 0], THRESHOLDS, [0.9]) == [0.0, 0.0, 0.0, 0.0]


def test_between_known_thresholds_the_line_is_straight_and_level_beyond() -> None:
    values = [8.0, 4.0, 2.0, 0.0]
    assert [between(percent, THRESHOLDS, values) for percent in (5, 20, 30, 80, 95)] == [8.0, 8.0, 6.0, 0.0, 0.0]


def test_only_confirmed_alerts_of_the_time_that_was_counted_are_taken_off(camera: Camera) -> None:
    assert CONFIRMED == AlertState.CONFIRMED
    seen(camera, 8, [4, 2, 2, 0])
    make_alert(camera, state=AlertState.CONFIRMED, score=0.7)
    make_alert(camera, state=AlertState.DISMISSED, score=0.7)
    make_alert(camera, state=AlertState.CONFIRMED, score=0.7, started_at=timezone.now() - timedelta(days=3))
    make_alert(make_camera(camera.site), state=AlertState.CONFIRMED, score=0.7)
    known = camera_sensitivity(camera)
    assert known is not None
    assert known.confirmed == 1
    assert known.settings[2].per_day == pytest.approx((8 * 2 - 1) * 3)


def test_hours_of_other_weights_and_of_other_cameras_do_not_count(camera: Camera) -> None:
    ScoreHour.objects.create(
        camera=camera,
        release=release("old"),
        hour=timezone.now() - timedelta(days=1),
        observed_s=3600,
        events=[99] * 4,
    )
    seen(camera, 1, [2, 1, 0, 0])
    seen(make_camera(camera.site), 5, [50, 50, 50, 50])
    known = camera_sensitivity(camera)
    assert known is not None
    assert known.hours == 1.0
    assert known.settings[0].per_day == 48.0
    assert known.suggested is None  # one hour is too little


def test_the_curve_costs_three_queries_for_an_hour_and_for_two_weeks(camera: Camera) -> None:
    seen(camera, 1, [1, 0, 0, 0])
    with CaptureQueriesContext(connection) as few:
        camera_sensitivity(camera)
    ScoreHour.objects.all().delete()
    seen(camera, 336, [1, 0, 0, 0])
    with CaptureQueriesContext(connection) as many:
        camera_sensitivity(camera)
    assert len(few) == len(many) == 3


def test_the_chart_goes_from_costly_and_thorough_to_cheap_and_dull(camera: Camera) -> None:
    seen(camera, 12, [10, 4, 1, 0])
    known = camera_sensitivity(camera)
    assert known is not None
    chart = sensitivity_chart(known)
    assert chart is not None
    assert [point.x for point in chart.points] == sorted((point.x for point in chart.points), reverse=True)
    assert [point.y for point in chart.points] == sorted(point.y for point in chart.points)
    assert [tick.label for tick in chart.across] == ["0", "1", "10", "100"]
    at_one_a_day = chart.across[1].at
    assert chart.across[0].at < at_one_a_day < chart.points[2].x


def test_a_setting_that_another_outdoes_is_marked_not_drawn_and_never_suggested(camera: Camera) -> None:
    seen(camera, 12, [1, 1, 1, 0], release=release("dip", found=(0.1, 0.8, 0.5, 0.2)))
    known = camera_sensitivity(camera)
    assert known is not None
    assert [setting.is_outdone for setting in known.settings] == [True, False, True, False]
    assert known.suggested == 40
    chart = sensitivity_chart(known)
    assert chart is not None
    assert [point.value for point in chart.points] == ["40", "80"]


def test_without_a_table_beside_the_weights_the_page_says_so(camera: Camera, administrator: Client) -> None:
    seen(camera, 7, [3, 2, 1, 0], release=release("none", found=()))
    page = administrator.get(reverse("cameras:camera-sensitivity", args=[camera.pk])).text
    assert "is not known for this detector" in page
    assert "sensitivity__chart" not in page
    assert "72.0" in page  # three an hour: false alerts a day


def test_before_the_first_minute_the_page_says_that_nothing_is_counted(camera: Camera, administrator: Client) -> None:
    page = administrator.get(reverse("cameras:camera-sensitivity", args=[camera.pk])).text
    assert "Nothing has been counted here yet" in page
    assert 'name="threshold_percent"' in page


def test_choosing_saves_audits_and_restarts_the_stream(
    camera: Camera, administrator: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    restarted: list[int] = []
    monkeypatch.setattr("cameras.services.cameras.stream_restart", restarted.append)
    seen(camera, 7, [3, 2, 1, 0])
    path = reverse("cameras:camera-sensitivity", args=[camera.pk])
    assert 'value="" checked' in administrator.get(path).text  # the detector's own
    with django_capture_on_commit_callbacks(execute=True):
        assert administrator.post(path, {"threshold_percent": "40", "version": camera.version}).status_code == 302
    camera.refresh_from_db()
    assert (camera.threshold_percent, camera.version) == (40, 2)
    details = json.loads(AuditEntry.objects.get(action="camera.changed").body)["details"]
    assert details["changes"]["threshold_percent"] == [None, 40]
    assert restarted == [camera.pk]
    assert 'value="40" checked' in administrator.get(path).text


def test_a_stale_page_or_a_wrong_number_saves_nothing(camera: Camera, administrator: Client) -> None:
    path = reverse("cameras:camera-sensitivity", args=[camera.pk])
    assert administrator.post(path, {"threshold_percent": "40", "version": camera.version + 5}).status_code == 422
    wrong = administrator.post(path, {"threshold_percent": "4", "version": camera.version})
    assert wrong.status_code == 422
    assert "greater than or equal to 5" in wrong.text
    camera.refresh_from_db()
    assert camera.threshold_percent is None


def test_a_threshold_that_was_typed_elsewhere_stays_choosable(camera: Camera, administrator: Client) -> None:
    camera.threshold_percent = 33
    camera.save()
    seen(camera, 7, [3, 2, 1, 0])
    assert 'value="33" checked' in administrator.get(reverse("cameras:camera-sensitivity", args=[camera.pk])).text
