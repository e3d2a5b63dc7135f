"""Who watched this camera, what did this person watch: what counts, for whom, and that asking is recorded."""

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.services.exporting import REASON_MIN
from alerts.services.viewing import alert_viewed, clip_viewed
from cameras.access import Watcher
from cameras.models import Camera, Site
from cameras.services.watching import cameras_watched, wall_opened
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import audit_record_now
from paca_site.oversight.watching import download
from paca_site.oversight.watching.kinds import COLUMNS, LOOKS, Kind
from paca_site.oversight.watching.numbering import first_number_at
from paca_site.oversight.watching.report import Report, Row
from tests.cast import make_alert, make_camera, make_site, make_user
from tests.proof import prove, proved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
NOW = timezone.now()


class Place:
    """A site with a camera, a supervisor, an auditor and an operator who looks."""

    def __init__(self) -> None:
        self.site = make_site()
        self.camera, self.next = make_camera(self.site), make_camera(self.site)
        self.operator = make_user(Role.OPERATOR, self.site, first_name="Kari", last_name="Vik")
        self.clients: dict[Role, Client] = {}

    def client(self, role: Role) -> Client:
        """Sign in when first needed: that stands in the trail too, at the time of the test."""
        if role not in self.clients:
            self.clients[role] = client_of(make_user(role, self.site))
        return self.clients[role]

    def ask(self, role: Role = Role.SUPERVISOR, **asked: Any) -> Any:
        return self.client(role).get("/watched/?" + urlencode(asked))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def look(action: str, camera: Camera, by: User, /, at: datetime = NOW, site: Site | None = None, **details: Any) -> int:
    with patch("paca_site.audit.services.timezone.now", return_value=at):
        subject = f"camera:{camera.pk}"
        entry = audit_record_now(
            action=action, actor=by, subject=subject, site_id=(site or camera.site).pk, details=details
        )
    return entry.number


def counts(row: Row) -> dict[Kind, int]:
    return {kind: count for kind, count in zip(COLUMNS, row.counts, strict=True) if count}


def details_of(action: str) -> list[dict[str, Any]]:
    return [json.loads(entry.body)["details"] for entry in AuditEntry.objects.filter(action=action)]


@pytest.fixture
def place() -> Place:
    return Place()


def test_what_the_services_record_is_counted_for_the_camera_and_for_the_person(place: Place) -> None:
    alert = make_alert(place.camera)
    wall_opened(cameras=[place.camera, place.next], actor=place.operator)
    cameras_watched(watcher=Watcher(place.operator.pk, ""), cameras=[place.camera.pk], view_id=uuid4())
    alert_viewed(alert=alert, actor=place.operator, view_id=uuid4())
    clip_viewed(alert=alert, actor=place.operator, view_id=uuid4())
    look("camera.viewed", place.camera, place.operator, footage=True)
    look("camera.viewed", place.camera, place.operator, footage=False)  # saw its configuration, no picture
    look("history.opened", place.camera, place.operator, camera=place.camera.pk)
    audit_record_now(action="alert.viewed", actor=place.operator, site_id=place.site.pk, details={"camera": 10**6})
    once = dict.fromkeys((Kind.WALL, Kind.LIVE, Kind.PAGE, Kind.ALERT, Kind.CLIP, Kind.HISTORY), 1)

    report: Report = place.ask(camera=place.camera.pk).context["report"]
    assert [counts(row) for row in report.days] == [once]
    assert [(row.label, counts(row)) for row in report.others] == [("Kari Vik (operator)", once)]
    assert len(report.newest.rows) == 6

    report = place.ask(person=place.operator.pk).context["report"]
    by_camera = {row.label: counts(row) for row in report.others}
    assert by_camera[f"{place.site.name}: {place.camera.name}"] == once
    assert by_camera[f"{place.site.name}: {place.next.name}"] == {Kind.WALL: 1}
    assert counts(report.all_days) == {**once, Kind.ALERT: 2}


def test_every_action_of_looking_is_one_that_the_trail_knows(place: Place) -> None:
    for action in LOOKS:
        look(action, place.camera, place.operator, footage=True, camera=place.camera.pk)
    report: Report = place.ask(camera=place.camera.pk).context["report"]
    assert report.all_days.total == len(LOOKS)


def test_days_are_those_of_the_place_and_both_ends_are_included(place: Place) -> None:
    day = datetime(2026, 3, 10, tzinfo=ZoneInfo("Europe/Oslo"))
    for at in (
        day - timedelta(microseconds=1),
        day,
        day + timedelta(days=2, microseconds=-1),
        day + timedelta(days=2),
    ):
        look("camera.watched", place.camera, place.operator, at)
    report: Report = place.ask(camera=place.camera.pk, since="2026-03-10", until="2026-03-11").context["report"]
    assert [(row.label, row.total) for row in report.days] == [("2026-03-11", 1), ("2026-03-10", 1)]


def test_the_times_of_the_report_and_its_file_have_the_offset_of_the_place(place: Place) -> None:
    look("camera.watched", place.camera, place.operator, datetime(2026, 3, 10, 22, 30, tzinfo=ZoneInfo("UTC")))
    asked: dict[str, Any] = {"camera": place.camera.pk, "since": "2026-03-10", "until": "2026-03-10"}
    page = place.ask(**asked).text
    assert "2026-03-10 23:30:00 +0100" in page
    assert "From (Europe/Oslo)" in page
    client = proved(place.client(Role.SUPERVISOR))
    answer = client.post("/watched/export", {**asked, "reason": "The officer asked for it"})
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["time"], row["time_utc"]) == ("2026-03-10T23:30:00+01:00", "2026-03-10T22:30:00+00:00")


def test_a_moment_is_found_by_halving_also_where_entries_are_missing() -> None:
    assert first_number_at(NOW) == 1
    user, camera = make_user(Role.OPERATOR), make_camera()
    numbers = [look("camera.watched", camera, user, NOW + timedelta(hours=hour)) for hour in range(9)]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM audit_auditentry WHERE number IN (%s, %s)", [numbers[0], numbers[4]])
        cursor.execute("SET session_replication_role = DEFAULT")
    for hour in range(9):
        first = AuditEntry.objects.filter(number__gte=first_number_at(NOW + timedelta(hours=hour))).earliest("number")
        assert first.number == next(number for number in numbers[hour:] if number not in (numbers[0], numbers[4]))
    assert first_number_at(NOW + timedelta(hours=9)) == numbers[-1] + 1


def test_what_was_looked_at_on_other_sites_is_never_counted_nor_offered(place: Place) -> None:
    elsewhere = make_camera()
    stranger = make_user(Role.OPERATOR, elsewhere.site)
    SiteScope.objects.create(user=place.operator, site=elsewhere.site)
    look("camera.watched", elsewhere, place.operator)
    look("camera.watched", place.camera, place.operator, site=elsewhere.site)  # stood there before it was moved
    for role in (Role.SUPERVISOR, Role.AUDITOR):
        for asked in ({"person": place.operator.pk}, {"camera": place.camera.pk}):
            answer = place.ask(role, **asked)
            assert answer.context["report"].days == []
            assert "Nothing was opened" in answer.text
        absent = [place.ask(role, camera=key) for key in (elsewhere.pk, 10**6)]
        assert [answer.status_code for answer in absent] == [422, 422]
        assert all("None of the cameras of your sites" in answer.text for answer in absent)
        assert elsewhere.name not in absent[0].text
    assert place.ask(person=stranger.pk).status_code == 422


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "got neither"),
        ({"person": True}, "got both"),
        ({"since": "10.3.2026"}, "like 2026-03-31; got &quot;10.3.2026&quot;"),
        ({"since": "2026-01-01", "until": "2026-04-03"}, "At most 92 days at once; 2026-01-01 to 2026-04-03 are 93."),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "not be after the last, 2026-03-01; got 2026-03-02"),
        ({"until": "2999-01-01"}, "got 2999-01-01"),
    ],
)
def test_a_wrong_question_is_told_what_is_allowed_and_what_was_given(
    place: Place, asked: dict[str, Any], told: str
) -> None:
    asked = {**asked, "camera": place.camera.pk} if asked else {"since": "2026-01-01"}
    answer = place.ask(**asked | ({"person": place.operator.pk} if "person" in asked else {}))
    assert answer.status_code == 422
    assert told in answer.text
    assert "report" not in answer.context
    assert not AuditEntry.objects.filter(action="watching.viewed").exists()


def test_asking_is_recorded_and_an_empty_form_is_not(place: Place) -> None:
    assert place.client(Role.AUDITOR).get("/watched/").status_code == 200
    assert details_of("watching.viewed") == []
    place.ask(Role.AUDITOR, camera=place.camera.pk, since="2026-03-01", until="2026-05-31")
    assert details_of("watching.viewed") == [{"from": "2026-03-01", "to": "2026-05-31", "sites": [place.site.pk]}]
    entry = AuditEntry.objects.get(action="watching.viewed")
    assert (entry.subject, entry.site_id) == (f"camera:{place.camera.pk}", place.site.pk)


def test_reasons_stand_in_the_report_and_only_auditors_are_led_to_the_entry(place: Place) -> None:
    number = look("history.reason-given", place.camera, place.operator, camera=place.camera.pk, reason="Asked <b>")
    link = f'href="/audit/{number}/"'
    for role, leads in ((Role.AUDITOR, True), (Role.SUPERVISOR, False)):
        page = place.ask(role, person=place.operator.pk).text
        assert "Asked &lt;b&gt;" in page
        assert (link in page) is leads


def test_the_download_has_every_entry_and_asks_for_a_reason(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [look("camera.watched", place.camera, place.operator) for _ in range(3)]
    numbers.append(look("history.reason-given", place.camera, place.operator, camera=place.camera.pk, reason="=1+1"))
    client, data = place.client(Role.SUPERVISOR), {"camera": place.camera.pk, "reason": "x" * (REASON_MIN - 1)}
    refused = client.post("/watched/export", data)
    assert (refused.status_code, details_of("watching.exported")) == (422, [])
    assert refused.context["why"].errors["reason"]
    data["reason"] = "The data protection officer asked"
    unproved = client.post("/watched/export", data)
    assert parse_qs(urlsplit(unproved["Location"]).query)["next"] == [f"/watched/?camera={place.camera.pk}"]
    assert details_of("watching.exported") == []
    prove(client)
    answer = client.post("/watched/export", data)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(row["entry"]) for row in rows] == numbers[::-1]
    assert {row["person"] for row in rows} == {place.operator.username}
    assert rows[0]["reason"] == "'=1+1"  # no formula for a spreadsheet
    assert rows[1]["camera"] == f"{place.site.name}: {place.camera.name}"
    recorded = details_of("watching.exported")
    assert [(one["rows"], one["reason"]) for one in recorded] == [(4, data["reason"])]
    monkeypatch.setattr(download, "MOST_ROWS", 3)
    refused = client.post("/watched/export", data)
    assert refused.status_code == 422
    assert "At most 3 entries in one file" in refused.text
    assert len(details_of("watching.exported")) == 1


def test_the_report_asks_the_database_equally_often_for_few_and_many(place: Place) -> None:
    def queries(**asked: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert place.ask(**asked).context["report"].days
        return len(captured)

    asked = ({"camera": place.camera.pk}, {"person": place.operator.pk})
    look("camera.watched", place.camera, place.operator)
    place.client(Role.SUPERVISOR)  # signing in costs queries of its own
    few = [queries(**one) for one in asked]
    for _ in range(20):
        camera = make_camera(place.site)
        look("camera.watched", camera, place.operator, NOW + timedelta(seconds=1))
        look("camera.watched", place.camera, make_user(Role.OPERATOR, place.site), NOW + timedelta(seconds=1))
    assert [queries(**one) for one in asked] == few
    assert max(few) <= 25
