import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from alerts.playback.timeline import Piece, Stretch, gap_reason, gaps_between, stretches, timeline_of
from alerts.playback.window import WindowError, read_window, window_around
from alerts.system.causes import Cause
from cameras.archive.models import Archived
from cameras.models import Camera, Modality, Segment
from cameras.services.cameras import camera_switch
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_policy, make_segment, make_system_alert, make_user

OSLO = ZoneInfo("Europe/Oslo")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = b"masked" * 500


def details_of(action: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(AuditEntry.objects.get(action=action).body)["details"]
    return found


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def piece(start_s: float, end_s: float) -> Piece:
    return Piece(1, at(start_s), at(end_s))


@pytest.fixture
def filmed(desk: Desk, settings: LazySettings, tmp_path: Path) -> Segment:
    """A file of some minutes ago of the desk's camera."""
    settings.FOOTAGE_DIR = tmp_path
    (tmp_path / "some.mp4").write_bytes(BODY)
    return make_segment(desk.alert.camera, timezone.now() - timedelta(minutes=5), path="some.mp4")


def page(camera: Camera, moment: datetime, span: str = "minutes") -> str:
    return f"/playback/{camera.pk}/?at={moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z&span={span}"


@pytest.mark.parametrize(("day", "hours"), [("2026-11-20", 24), ("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_is_that_of_the_place_with_its_clock_changes(day: str, hours: int) -> None:
    window = read_window(f"{day}T13:00", "day", OSLO, NOON)
    assert (window.starts_at.date().isoformat(), window.length_s) == (day, hours * 3600)
    assert window.offset_s(window.moment(5 * 3600)) == 5 * 3600


def test_the_hour_that_comes_twice_can_be_told_apart() -> None:
    first, second = (window_around(datetime(2026, 10, 25, hour, 30, tzinfo=UTC), "hour", OSLO) for hour in (0, 1))
    assert first.starts_at.isoformat() == "2026-10-25T02:00:00+02:00"
    assert second.starts_at.isoformat() == "2026-10-25T02:00:00+01:00"
    assert first.ends_at.astimezone(UTC) == second.starts_at.astimezone(UTC)


@pytest.mark.parametrize(("moment", "span"), [("yesterday", "day"), ("0001-01-01", "day"), ("2026-11-20", "year")])
def test_a_moment_or_span_that_is_none_is_refused(moment: str, span: str) -> None:
    with pytest.raises(WindowError):
        read_window(moment, span, OSLO, NOON)


def test_files_that_follow_each_other_are_one_stretch_and_what_is_between_is_a_gap() -> None:
    found = stretches([piece(-5, 10), piece(10.2, 20), piece(40, 50), piece(49, 51)], at(0), at(60))
    assert found == [Stretch(at(0), at(20)), Stretch(at(40), at(51))]
    assert gaps_between(found, at(0), at(60)) == [Stretch(at(20), at(40)), Stretch(at(51), at(60))]
    assert gaps_between([], at(0), at(60)) == [Stretch(at(0), at(60))]


def test_a_gap_names_what_was_wrong_meanwhile_once() -> None:
    causes = [
        Stretch(at(-100), at(-50), "Long before"),
        Stretch(at(22), at(38), "Camera lost"),
        Stretch(at(30), at(31), "Camera lost"),
        Stretch(at(200), at(300), "Long after"),
    ]
    assert gap_reason(Stretch(at(20), at(40)), causes) == "Camera lost"
    assert gap_reason(Stretch(at(100), at(120)), causes) == ""


@pytest.mark.django_db
@pytest.mark.usefixtures("services")
def test_gaps_say_lost_stopped_or_unknown_and_the_ceiling_hides_what_only_a_hold_keeps() -> None:
    camera = make_camera(retention=make_policy(name="Two hours", masked_hours=2))
    now = timezone.now()
    Camera.objects.filter(pk=camera.pk).update(created_at=now - timedelta(days=3))
    camera.refresh_from_db()
    for minutes in (90, 60, 50, 40):
        start = now - timedelta(minutes=minutes)
        make_segment(camera, start, ended_at=start + timedelta(minutes=9))
    make_segment(camera, now - timedelta(hours=3))  # past the ceiling
    make_system_alert(
        camera, began_at=now - timedelta(minutes=80), ended_at=now - timedelta(minutes=61), cause=Cause.CAMERA_LOST
    )
    person = make_user(Role.ADMINISTRATOR, camera.site)
    camera_switch(camera=camera, is_enabled=False, actor=person)
    window = window_around(now, "day", ZoneInfo("UTC"))
    later = now + timedelta(minutes=5)
    if window.starts_at > now - timedelta(hours=4):  # just after midnight the day is too short to see it all
        window = type(window)("day", now - timedelta(hours=12), now + timedelta(hours=1), now)
    found = timeline_of(camera, window, later)
    reasons = [gap.reason for gap in found.gaps]
    assert "Older than the policy “Two hours” keeps footage" in reasons[0]
    assert reasons[1:3] == ["Camera lost", "No reason is recorded"]
    assert "stopped by a person" in reasons[-1]
    assert len(found.pieces) == 4


@pytest.mark.django_db
def test_a_file_in_an_archive_that_does_not_answer_is_told_as_that(
    filmed: Segment, as_operator: Client, tmp_path: Path
) -> None:
    opening = as_operator.get(page(filmed.camera, filmed.started_at)).context["opening"]
    Archived.objects.create(segment=filmed, begun_at=timezone.now(), done_at=timezone.now())
    (tmp_path / "some.mp4").unlink()
    answer = as_operator.get(f"/playback/{filmed.camera_id}/{filmed.pk}.mp4?opening={opening}")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "it lies in the archive, which does not answer now" in answer.text


@pytest.mark.django_db
def test_opening_history_is_recorded_with_camera_and_times(desk: Desk, filmed: Segment, as_operator: Client) -> None:
    camera = desk.alert.camera
    answer = as_operator.get(page(camera, filmed.started_at))
    assert answer.status_code == 200
    assert f"/playback/{camera.pk}/{filmed.pk}.mp4?opening=" in answer.text
    details = details_of("history.opened")
    assert AuditEntry.objects.get(action="history.opened").actor == desk.operator
    assert details["camera"] == camera.pk
    assert datetime.fromisoformat(details["from"]) <= filmed.started_at < datetime.fromisoformat(details["to"])
    assert "no-store" in answer.headers["Cache-Control"]
    assert "blob:" in answer.headers["Content-Security-Policy"].split("media-src")[1].split(";")[0]


@pytest.mark.django_db
def test_leaving_the_page_records_once_how_long_it_stood_open(
    desk: Desk, filmed: Segment, as_operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = as_operator.get(page(filmed.camera, filmed.started_at)).context["opening"]
    left, later = f"/playback/{filmed.camera_id}/closed", timezone.now() + timedelta(seconds=90)
    other = Client()
    other.force_login(desk.supervisor, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert other.post(left, {"opening": opening}).status_code == 400
    assert as_operator.post(left, {"opening": opening + "x"}).status_code == 400
    monkeypatch.setattr("alerts.views.playback.timezone.now", lambda: later)
    for _ in range(2):
        assert as_operator.post(left, {"opening": opening}).status_code == 204
    assert details_of("history.closed") == {
        "cameras": [filmed.camera_id],
        "seconds": {str(filmed.camera_id): 90},
    }
    ends = AuditEntry.objects.filter(action__in=("history.opened", "history.closed"))
    assert len({entry.request_id for entry in ends}) == 1


@pytest.mark.django_db
def test_a_file_is_sent_in_parts_within_an_opening_only(desk: Desk, filmed: Segment, as_operator: Client) -> None:
    address = f"/playback/{filmed.camera_id}/{filmed.pk}.mp4"
    answer = as_operator.get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"/playback/{filmed.camera_id}/?at=")
    opening = as_operator.get(page(filmed.camera, filmed.started_at)).context["opening"]
    part = as_operator.get(f"{address}?opening={opening}", headers={"Range": "bytes=6-11"})
    assert (part.status_code, part.content, part["Content-Range"]) == (206, b"masked", f"bytes 6-11/{len(BODY)}")
    # another person's opening, another camera's, another time's: none opens the file
    other = Client()
    other.force_login(desk.supervisor, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert other.get(f"{address}?opening={opening}").status_code == 302
    elsewhen = as_operator.get(page(filmed.camera, filmed.started_at - timedelta(hours=2))).context["opening"]
    assert as_operator.get(f"{address}?opening={elsewhen}").status_code == 302
    elsewhere = make_segment(make_camera(), filmed.started_at)
    assert as_operator.get(f"/playback/{filmed.camera_id}/{elsewhere.pk}.mp4?opening={opening}").status_code == 404


@pytest.mark.django_db
def test_what_only_a_hold_keeps_and_edge_cameras_are_not_watched(filmed: Segment, as_operator: Client) -> None:
    camera, address = filmed.camera, f"/playback/{filmed.camera_id}/{filmed.pk}.mp4"
    Segment.objects.filter(pk=filmed.pk).update(started_at=timezone.now() - timedelta(hours=30))
    assert as_operator.get(address).status_code == 404
    Segment.objects.filter(pk=filmed.pk).update(started_at=timezone.now())
    assert as_operator.get(address).status_code == 302
    Segment.objects.filter(camera=camera).delete()  # the database lets no edge camera have any
    Camera.objects.filter(pk=camera.pk).update(modality=Modality.EDGE)
    assert as_operator.get(address).status_code == 404
    assert "store no footage" in as_operator.get(page(camera, timezone.now() - timedelta(hours=1))).text


@pytest.mark.django_db
def test_old_history_asks_for_a_reason_that_counts_for_that_day_of_that_camera(
    desk: Desk, as_operator: Client, settings: LazySettings
) -> None:
    settings.HISTORY_REASON_HOURS = 1
    camera, old = desk.alert.camera, timezone.now() - timedelta(hours=3)
    asked = as_operator.get(page(camera, old))
    assert "Why this recording?" in asked.text
    assert not AuditEntry.objects.filter(action="history.opened").exists()
    form = {"at": old.isoformat(), "span": "minutes", "reason": "short"}
    assert as_operator.post(f"/playback/{camera.pk}/reason", form).status_code == 422
    assert not AuditEntry.objects.filter(action__startswith="history.").exists()
    shown = as_operator.post(f"/playback/{camera.pk}/reason", {**form, "reason": "Case 24-77, asked by KRIPOS"})
    opened = as_operator.get(shown.headers["Location"])
    assert "Masked recordings" in opened.text
    assert details_of("history.reason-given")["reason"] == "Case 24-77, asked by KRIPOS"
    grant = shown.headers["Location"].split("grant=")[1]
    for other in (page(camera, old - timedelta(days=1)), page(make_camera(desk.site), old)):
        assert "Why this recording?" in as_operator.get(f"{other}&grant={grant}").text


@pytest.mark.django_db
def test_a_day_of_files_takes_as_many_queries_as_one_file(
    filmed: Segment, as_operator: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    start = timezone.now() - timedelta(hours=1)
    rows = [
        Segment(camera=filmed.camera, path=f"{n}.mp4", started_at=start + timedelta(seconds=n), width=2, height=2)
        for n in range(200)
    ]
    Segment.objects.bulk_create(rows)
    make_alert(filmed.camera)
    with django_assert_max_num_queries(22):  # type: ignore[operator]
        assert as_operator.get(page(filmed.camera, start, "hour")).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["at=yesterday", "span=year", "at=9999-12-31T23:59"])
def test_an_address_that_names_no_time_is_absent(desk: Desk, as_operator: Client, query: str) -> None:
    assert as_operator.get(f"/playback/{desk.alert.camera_id}/?{query}").status_code == 404
