"""What a month brought and took: worked out by hand, noted before it is deleted, and told with what is not known."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from alerts.shifts import Shift
from cameras.models import Camera, Site
from inference.models import DetectorRelease, ScoreHour, StreamState
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from paca_site.oversight.benefit.balance import Taken, balance_of
from paca_site.oversight.benefit.energy import card_energy
from paca_site.oversight.benefit.models import CameraDay
from paca_site.oversight.benefit.report import balances, operator_hours, taken_of
from paca_site.oversight.benefit.services import camera_days_note
from paca_site.oversight.deciding.records import AlertRecord
from tests.cast import make_camera, make_segment, make_site, make_user
from tests.paca_site.oversight.deciding.month import Month
from tests.paca_site.oversight.trail import entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
NOW = datetime(2026, 4, 12, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_remembered(services: object) -> None:
    cache.clear()


@pytest.fixture
def camera(db: None) -> Camera:
    return make_camera(make_site())


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def record(alert: int, verdict: str, **fields: object) -> AlertRecord:
    values = {"site": 1, "camera": 1, "confidence": 60.0, "raised_at": MARCH, **fields}
    return AlertRecord(alert=alert, verdict=verdict, **values)  # type: ignore[arg-type]


def score_hour(camera: Camera, hour: datetime, observed_s: float) -> None:
    release, _ = DetectorRelease.objects.get_or_create(
        weights="w" * 12, defaults={"name": "test", "default_percent": 50, "thresholds": [50]}
    )
    ScoreHour.objects.create(camera=camera, release=release, hour=hour, observed_s=observed_s, events=[0])


def a_shift(person: User, start: datetime, hours: float, *sites: Site) -> None:
    shift = Shift.objects.create(person=person, started_at=start, ended_at=start + timedelta(hours=hours))
    shift.sites.set(sites)


def test_the_balance_of_a_month_is_what_was_worked_out_by_hand() -> None:
    records = [
        *(record(n, "confirm", after_s=30.0, watched_s=36.0) for n in range(4)),
        *(record(n, "dismiss", reason="crowd", after_s=50.0, opened_s=90.0) for n in range(4, 7)),
        record(7, "dismiss", reason="crowd", after_s=50.0, opened_s=5000.0),  # left open: 10 minutes count
        record(8, "dismiss", reason="crowd", after_s=150.0),  # never opened by itself
        record(9, "dismiss", reason="resolved", after_s=50.0, opened_s=60.0),  # nobody was called for nothing
        record(10, ""),
    ]
    taken = Taken(observed_s=720_000, sampled_s=360_000, work_s=60_000, kept_bytes=4_000_000_000)
    found = balance_of(
        MARCH, records, event_to_alert_s=[1.0, 2.0, 9.0], operator_hours=22.0, live_openings=6, taken=taken
    )
    assert (found.alerts, found.confirmed, found.false, found.undecided) == (11, 4, 5, 1)
    assert (found.event_to_alert_s, found.decided_after_s, found.decided_slow_s) == (2.0, 50.0, 60.0)
    assert found.alerts_per_hour == 0.5
    assert found.confirmed_per_hour == pytest.approx(4 / 22)
    assert (found.camera_hours, found.watched_hours, found.unwatched_hours) == (200.0, 0.04, 199.96)
    assert (found.false_minutes, found.false_timed) == (3 * 1.5 + 10.0, 4)
    assert found.work_s_per_camera_hour == 600.0  # of the hours whose work was sampled
    assert found.watt_hours(12.0) == 2.0
    assert found.kept_gb == 4.0


def test_what_is_not_known_is_none_and_never_nought() -> None:
    found = balance_of(MARCH, [], event_to_alert_s=[], operator_hours=0.0, live_openings=0, taken=Taken())
    assert found.is_empty
    for value in (
        found.event_to_alert_s, found.decided_after_s, found.decided_slow_s, found.alerts_per_hour,
        found.confirmed_per_hour, found.work_s_per_camera_hour, found.watt_hours(10.0), found.kept_gb,
    ):  # fmt: skip
        assert value is None


def test_days_are_noted_before_their_hours_are_deleted(camera: Camera) -> None:
    score_hour(camera, NOW - timedelta(days=10), 3000.0)
    score_hour(camera, NOW - timedelta(days=10) + timedelta(hours=1), 600.0)
    score_hour(camera, NOW - timedelta(hours=1), 1800.0)
    score_hour(camera, NOW - timedelta(days=13), 999.0)  # part of its day may be deleted already
    make_segment(camera, NOW - timedelta(hours=3), size_bytes=4000)
    StreamState.objects.create(camera=camera, mask_ms=30.0, detect_ms=2.0, updated_at=NOW)
    assert camera_days_note(now=NOW) == 2
    days = {day.day: day for day in CameraDay.objects.all()}
    assert days.keys() == {date(2026, 4, 2), date(2026, 4, 12)}
    before, today = days[date(2026, 4, 2)], days[date(2026, 4, 12)]
    assert (before.observed_s, before.kept_bytes, before.samples) == (3600.0, 0, 0)
    assert (today.observed_s, today.kept_bytes, today.frame_ms, today.samples) == (1800.0, 4000, 32.0, 1)
    assert today.work_s == pytest.approx(1800 * 5 * 0.032)


def test_noting_again_doubles_nothing_and_takes_nothing_away(camera: Camera) -> None:
    score_hour(camera, NOW - timedelta(hours=1), 1800.0)
    segment = make_segment(camera, NOW - timedelta(hours=3), size_bytes=4000)
    state = StreamState.objects.create(camera=camera, mask_ms=30.0, detect_ms=2.0, updated_at=NOW)
    camera_days_note(now=NOW)
    ScoreHour.objects.all().delete()
    segment.delete()
    StreamState.objects.filter(pk=state.pk).update(mask_ms=20.0)
    camera_days_note(now=NOW)
    day = CameraDay.objects.get()
    assert (day.observed_s, day.kept_bytes, day.frame_ms, day.samples) == (1800.0, 4000, 27.0, 2)


def test_a_stream_that_has_been_silent_is_no_sample(camera: Camera) -> None:
    StreamState.objects.create(camera=camera, mask_ms=30.0, updated_at=NOW - timedelta(minutes=6))
    assert camera_days_note(now=NOW) == 0


def test_operator_hours_are_those_within_the_month_and_shared_among_sites(camera: Camera) -> None:
    site, other = camera.site, make_site()
    kari = make_user(Role.OPERATOR, site)
    a_shift(kari, MARCH - timedelta(hours=2), 8, site)  # 6 hours of it in March
    a_shift(kari, MARCH + timedelta(days=3), 8, site, other)  # 4 for each
    a_shift(kari, MARCH + timedelta(days=4), 8, other)
    a_shift(kari, APRIL - timedelta(hours=1), 8, site)  # 1
    assert operator_hours(site, MARCH, APRIL) == 11.0
    Shift.objects.create(person=kari, started_at=NOW - timedelta(hours=3))  # runs still, at the sites she has now
    assert operator_hours(site, APRIL, NOW) == 7.0 + 3.0


def test_a_month_of_a_site_is_put_together_from_trail_shifts_and_days(camera: Camera) -> None:
    site, people = camera.site, [make_user(Role.OPERATOR, camera.site) for _ in range(2)]
    Month(camera, people, MARCH - timedelta(days=2), timedelta(hours=1)).add("confirm")  # in February
    month = Month(camera, people, MARCH + timedelta(days=2), timedelta(hours=1))
    month.add("confirm", count=3, watched_s=60)
    month.add("dismiss", count=5, opened_s=60, watched_s=0)
    a_shift(people[0], MARCH + timedelta(days=2), 4, site)
    entry("camera.watched", MARCH + timedelta(days=2), site, f"camera:{camera.pk}", by=people[0])
    values = {"camera": camera, "site": site, "frames_per_second": 5}
    CameraDay.objects.create(day=date(2026, 3, 3), observed_s=86400, frame_ms=40, samples=3, kept_bytes=500, **values)
    CameraDay.objects.create(day=date(2026, 3, 31), observed_s=3600, kept_bytes=900, **values)
    CameraDay.objects.create(day=date(2026, 4, 1), observed_s=7200, kept_bytes=100, **values)
    april, march, february = balances(site, NOW)
    assert (february.alerts, april.camera_hours) == (1, 2.0)
    assert (march.alerts, march.confirmed, march.false) == (8, 3, 5)
    assert (march.alerts_per_hour, march.live_openings, march.false_minutes) == (2.0, 1, 5.0)
    assert (march.camera_hours, march.watched_hours) == (25.0, 0.05)
    assert march.work_s_per_camera_hour == pytest.approx(5 * 3600 * 0.040)
    assert march.kept_bytes == 900
    assert march.event_to_alert_s is not None


def test_the_space_of_a_site_is_that_of_all_its_cameras_on_one_day(camera: Camera) -> None:
    second = make_camera(camera.site)
    for one, day, kept in ((camera, 3, 500), (second, 3, 500), (camera, 4, 900)):
        CameraDay.objects.create(
            camera=one, site=one.site, day=date(2026, 3, day), frames_per_second=5, kept_bytes=kept
        )
    assert taken_of(camera.site, MARCH, APRIL).kept_bytes == 1000


def test_a_finished_month_is_worked_out_once_and_the_running_one_each_time(camera: Camera) -> None:
    people = [make_user(Role.OPERATOR, camera.site)]
    Month(camera, people, MARCH + timedelta(days=2), timedelta(hours=1)).add("confirm")
    assert [month.alerts for month in balances(camera.site, NOW)] == [1]
    Month(camera, people, NOW - timedelta(hours=9), timedelta(hours=1)).add("confirm", count=2)
    assert [month.alerts for month in balances(camera.site, NOW)] == [2, 1]


def test_the_page_and_its_file_tell_the_same_and_leave_a_trace(camera: Camera, settings: LazySettings) -> None:
    settings.CORE_WATTS = 12
    site = camera.site
    day = datetime.now(UTC).date()
    CameraDay.objects.create(
        camera=camera, site=site, day=day, frames_per_second=5, observed_s=7200, frame_ms=100 / 3, samples=1
    )
    auditor = make_user(Role.AUDITOR, site)
    page = client_of(auditor).get("/benefit/").content.decode()
    card = card_energy()
    assert card is not None
    for words in ("600 s", "2.00 Wh", "12 W", "2.0 h", "not known", f"{card.cpu_s} CPU-seconds"):
        assert words in page
    answer = client_of(auditor).get("/benefit/export", {"site": str(site.pk)})
    assert answer["Content-Disposition"] == f'attachment; filename="paca-benefit-{site.slug}.csv"'
    (row,) = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["camera_hours"], row["core_s_per_camera_hour"]) == ("2.000", "600.000")
    assert (row["watt_hours_per_camera_hour_estimate"], row["assumed_watts_per_core"]) == ("2.000", "12")
    assert row["alerts_per_operator_hour"] == ""
    assert AuditEntry.objects.filter(action="benefit.viewed", actor=auditor, site_id=site.pk).count() == 1
    assert AuditEntry.objects.filter(action="benefit.exported", actor=auditor, site_id=site.pk).count() == 1


def test_a_site_without_anything_says_so_and_another_s_is_refused(camera: Camera) -> None:
    client = client_of(make_user(Role.SUPERVISOR, camera.site))
    assert "Nothing yet" in client.get("/benefit/").content.decode()
    for address in ("/benefit/", "/benefit/export"):
        answer = client.get(address, {"site": str(make_site().pk)})
        assert answer.status_code == 422
        assert "None of your sites" in answer.content.decode()


def test_the_card_s_figure_is_read_as_it_was_measured() -> None:
    found = card_energy()
    assert found is not None
    assert found.cpu_s == pytest.approx(found.frame_ms / 1000 * found.fps * 3600, rel=0.01)
