"""How long live pictures stood open, as the report and its download tell it."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from django.test import Client

from alerts.playback.openings import Opening
from alerts.playback.window import Window
from alerts.services.history_opening import history_closed, history_opened
from cameras.access import Watcher
from cameras.models import Camera
from cameras.services.watching import cameras_watched, watching_ended
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.oversight.watching.report import Report
from tests.cast import make_camera, make_site, make_user
from tests.proof import proved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
DAY = datetime(2026, 3, 10, 12, tzinfo=UTC)
ASKED = {"since": "2026-03-10", "until": "2026-03-10"}


class Place:
    """Two cameras of a site, one who watches and one who asks."""

    def __init__(self) -> None:
        self.site = make_site()
        self.camera, self.next = make_camera(self.site), make_camera(self.site)
        self.operator = make_user(Role.OPERATOR, self.site)
        self.client = Client()
        supervisor = make_user(Role.SUPERVISOR, self.site)
        self.client.force_login(supervisor, backend="allauth.account.auth_backends.AuthenticationBackend")

    def report(self, **asked: Any) -> Report:
        found: Report = self.client.get("/watched/", ASKED | asked).context["report"]
        return found


@pytest.fixture
def place() -> Place:
    return Place()


def watch(
    by: User, *cameras: Camera, at: datetime = DAY, seconds: dict[int, int] | None = None, is_still: bool = False
) -> UUID:
    """Let a connection begin at `at`, and end where lengths are given."""
    view, watcher = uuid4(), Watcher(by.pk, "")
    with patch("paca_site.audit.services.timezone.now", return_value=at):
        cameras_watched(watcher=watcher, cameras=[one.pk for one in cameras], view_id=view, is_still=is_still)
    if seconds:
        end = at + timedelta(seconds=max(seconds.values()))
        with patch("paca_site.audit.services.timezone.now", return_value=end):
            watching_ended(watcher=watcher, seconds=seconds, view_id=view)
    return view


def test_lengths_add_up_by_day_and_person_and_what_has_no_end_is_unknown(place: Place) -> None:
    other = make_user(Role.OPERATOR, place.site)
    watch(place.operator, place.camera, seconds={place.camera.pk: 100})
    watch(place.operator, place.camera, at=DAY + timedelta(hours=1), seconds={place.camera.pk: 23})
    watch(other, place.camera, at=DAY + timedelta(hours=2))  # the process was killed, or it goes on
    report = place.report(camera=place.camera.pk)
    assert [row.length.words for row in report.days] == ["0:02:03 + 1 of unknown length"]
    assert report.all_days.length.words == report.days[0].length.words
    assert {row.label.partition(" (")[0]: row.length.words for row in report.others} == {
        str(place.operator): "0:02:03",
        str(other): "1 of unknown length",
    }
    assert [told.length for told in report.newest.rows] == ["unknown", "0:00:23", "0:01:40"]
    assert report.all_days.total == 3, "an end is no opening"


def test_cameras_seen_at_once_count_once_for_the_person_and_each_for_itself(place: Place) -> None:
    lengths = {place.camera.pk: 3600, place.next.pk: 60}
    watch(place.operator, place.camera, place.next, seconds=lengths)
    report = place.report(person=place.operator.pk)
    assert [row.length.words for row in report.days] == ["1:00:00"]
    assert sorted(row.length.words for row in report.others) == ["0:01:00", "1:00:00"]


def test_a_view_that_ends_days_later_counts_on_the_day_it_began(place: Place) -> None:
    watch(place.operator, place.camera, seconds={place.camera.pk: 26 * 3600 + 120})
    assert place.report(camera=place.camera.pk).all_days.length.words == "26:02:00"
    later = place.report(camera=place.camera.pk, since="2026-03-11", until="2026-03-12")
    assert later.days == []


def test_a_still_has_no_length_and_a_view_of_no_second_has_one(place: Place) -> None:
    watch(place.operator, place.camera, is_still=True)
    assert place.report(camera=place.camera.pk).all_days.length.words == ""
    watch(place.operator, place.camera, at=DAY + timedelta(hours=1), seconds={place.camera.pk: 0})
    assert place.report(camera=place.camera.pk).all_days.length.words == "0:00:00"


def test_what_was_shown_of_other_sites_is_not_told(place: Place) -> None:
    elsewhere = make_camera()
    SiteScope.objects.create(user=place.operator, site=elsewhere.site)
    lengths = {place.camera.pk: 10, elsewhere.pk: 7000}
    watch(place.operator, place.camera, elsewhere, seconds=lengths)
    report = place.report(person=place.operator.pk)
    assert report.all_days.length.words == "0:00:10"


def test_the_download_has_the_seconds(place: Place) -> None:
    watch(place.operator, place.camera, seconds={place.camera.pk: 100})
    watch(place.operator, place.camera, at=DAY + timedelta(hours=1))
    watch(place.operator, place.camera, at=DAY + timedelta(hours=2), is_still=True)
    data = {**ASKED, "camera": place.camera.pk, "reason": "The data protection officer asked"}
    rows = list(csv.DictReader(io.StringIO(proved(place.client).post("/watched/export", data).text)))
    assert [row["seconds"] for row in rows] == ["", "unknown", "100"]


def test_history_counts_as_long_as_its_page_stood_open(place: Place) -> None:
    window = Window(span="minutes", starts_at=DAY - timedelta(minutes=10), ends_at=DAY, at=DAY)
    opening = Opening(uuid4(), DAY)
    with patch("paca_site.audit.services.timezone.now", return_value=DAY):
        history_opened(camera=place.camera, window=window, actor=place.operator, view_id=opening.view)
        history_opened(camera=place.camera, window=window, actor=place.operator, view_id=uuid4())  # browser killed
        now = DAY + timedelta(seconds=75)
        history_closed(camera=place.camera, opening=opening, actor=place.operator, now=now)
    report = place.report(camera=place.camera.pk)
    assert report.all_days.length.words == "0:01:15 + 1 of unknown length"
    assert sorted(told.length for told in report.newest.rows) == ["0:01:15", "unknown"]
