"""The pages of serious incidents, the banner, the system alert, and what the public and the technical file tell."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from alerts.system.causes import Cause
from alerts.system.models import SystemAlert
from cameras.models import Site
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from paca_site.oversight.dossier.page import technical_file_html
from paca_site.oversight.serious.figures import serious_rows
from paca_site.oversight.serious.harms import Gravity, Law, Outcome
from paca_site.oversight.serious.models import Duty, EntryKind, Report
from paca_site.oversight.serious.services.closing import report_close
from paca_site.oversight.serious.services.telling import overdue_tell
from paca_site.oversight.serious.services.writing import duty_settle
from tests.cast import make_alert, make_camera, make_report_of_harm, make_site, make_user

pytestmark = pytest.mark.django_db
WORDS = "Told by telephone, reference 24/311."


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def filled_in(site: Site, **fields: Any) -> dict[str, Any]:
    return {
        "site": site.pk,
        "headline": "Masking failed at the fountain",
        "began_at": "2026-01-05T20:00",
        "noticed_at": "2026-01-05T20:30",
        "gravity": Gravity.SERIOUS,
        "harms": ["unmasked"],
        "happened": "Faces could be seen for two minutes.",
        "measures": "The camera was stopped.",
        "alerts": "",
        "token": str(uuid4()),
        **fields,
    }


def test_a_supervisor_reports_in_the_time_of_the_place_and_sees_the_deadlines() -> None:
    camera = make_camera(make_site(time_zone="Europe/Oslo"))
    alert, desk = make_alert(camera), client_of(make_user(Role.SUPERVISOR, camera.site))
    given = filled_in(camera.site, cameras=[camera.pk], alerts=f"{alert.pk}")
    answer = desk.post("/serious/add/", given)
    report = Report.objects.get()
    assert answer["Location"] == f"/serious/{report.pk}/"
    assert report.noticed_at == datetime(2026, 1, 5, 19, 30, tzinfo=UTC)
    assert report.alert_ids == [alert.pk]
    text = desk.get(f"/serious/{report.pk}/").text
    for words in (
        "Faces could be seen",
        camera.name,
        "GDPR art. 33 (1); LED art. 30 (1)",
        "2026-01-08 20:30",
        "overdue",
    ):
        assert words in text
    assert AuditEntry.objects.filter(action="serious.viewed").count() == 1
    assert "Masking failed at the fountain" in desk.get("/serious/").text


def test_what_is_wrong_in_the_form_is_told_and_what_was_written_stays() -> None:
    site, elsewhere = make_site(), make_camera()
    user = make_user(Role.ADMINISTRATOR, site, elsewhere.site)
    desk = client_of(user)
    for fields, words in (
        ({"harms": []}, "This field is required"),
        ({"noticed_at": "2999-01-01T00:00"}, "cannot have been noticed in the future"),
        ({"began_at": "2026-01-06T00:00"}, "cannot have begun after"),
        ({"cameras": [elsewhere.pk]}, f"has no camera {elsewhere.name}"),
        ({"alerts": "999999"}, "This site has no alert 999999"),
    ):
        answer = desk.post("/serious/add/", filled_in(site, **fields))
        assert (answer.status_code, words in answer.text) == (422, True), words
        assert "Faces could be seen for two minutes." in answer.text
    assert not Report.objects.exists()


def test_nobody_reports_about_a_site_that_is_not_theirs() -> None:
    desk = client_of(make_user(Role.SUPERVISOR, make_site()))
    assert desk.post("/serious/add/", filled_in(make_site())).status_code == 422
    assert not Report.objects.exists()


def test_two_people_take_a_report_from_the_telling_to_its_end() -> None:
    site = make_site(time_zone="Europe/Oslo")
    mine, other = (make_user(Role.SUPERVISOR, site), make_user(Role.ADMINISTRATOR, site))
    report = make_report_of_harm(site, mine, noticed_at=timezone.now() - timedelta(hours=5))
    page, desk = f"/serious/{report.pk}/", client_of(mine)
    assert "another supervisor or administrator closes it" in desk.get(page).text
    assert "can be closed when everybody" in client_of(other).get(page).text
    note = {"kind": "note", "text": "The recorder's own log agrees.", "token": str(uuid4())}
    assert desk.post(f"{page}entry/", note).status_code == 302
    at = timezone.now().astimezone(ZoneInfo("Europe/Oslo")).strftime("%Y-%m-%dT%H:%M")
    for duty in report.duties.all():
        form = {"duty": duty.pk, "kind": "told", "told_at": at, "text": WORDS, "token": str(uuid4())}
        assert desk.post(f"{page}told/", form).status_code == 302
    end = {"outcome": "put-right", "lessons": "Streams start with a second look now."}
    refused = desk.post(f"{page}close/", end)
    assert (refused.status_code, "another person closes it" in refused.text) == (422, True)
    assert client_of(other).post(f"{page}close/", end).status_code == 302
    text = client_of(make_user(Role.AUDITOR, site)).get(page).text
    assert "Streams start with a second look now." in text
    assert "Happened, and was put right" in text
    assert "<form" not in text.split('id="main"')[1]
    assert client_of(other).post(f"{page}entry/", note | {"token": str(uuid4())}).status_code == 422


def test_the_banner_tells_those_of_the_site_until_it_is_settled() -> None:
    site = make_site()
    mine, elsewhere = make_user(Role.SUPERVISOR, site), make_user(Role.SUPERVISOR, make_site())
    operator, auditor = make_user(Role.OPERATOR, site), make_user(Role.AUDITOR, site)
    report = make_report_of_harm(site, mine, noticed_at=timezone.now() - timedelta(days=30))
    words = "3 deadlines of serious incidents have passed"
    assert words in client_of(mine).get("/serious/").text
    assert words in client_of(auditor).get("/audit/").text
    assert "have passed" not in client_of(elsewhere).get("/serious/").text
    assert "have passed" not in client_of(operator).get("/alerts/").text
    for duty in report.duties.all():
        duty_settle(duty=duty, kind=EntryKind.NOT_NEEDED, text=WORDS, told_at=None, token=uuid4(), actor=mine)
    assert "passed" not in client_of(mine).get("/serious/").text


def test_a_missed_deadline_is_a_system_alert_until_somebody_was_told() -> None:
    site = make_site()
    mine = make_user(Role.SUPERVISOR, site)
    early = make_report_of_harm(site, mine)
    assert overdue_tell() == 0
    late = make_report_of_harm(site, mine, noticed_at=timezone.now() - timedelta(hours=80))
    overdue_tell()
    overdue_tell()
    alert = SystemAlert.objects.get(cause=Cause.SERIOUS_OVERDUE)
    assert (alert.subject, alert.ended_at) == (f"report:{late.pk}", None)
    assert alert.reason.startswith("Data-protection officer: to be told by")
    assert late.headline not in alert.reason
    first = late.duties.get(law=Law.OFFICER)
    duty_settle(duty=first, kind=EntryKind.NOT_NEEDED, text=WORDS, told_at=None, token=uuid4(), actor=mine)
    overdue_tell()
    alert.refresh_from_db()
    assert alert.ended_at is None
    assert alert.reason.startswith("Data-protection authority")
    for duty in Duty.objects.unsettled().filter(report=late):
        duty_settle(duty=duty, kind=EntryKind.NOT_NEEDED, text=WORDS, told_at=None, token=uuid4(), actor=mine)
    overdue_tell()
    alert.refresh_from_db()
    assert alert.ended_at is not None
    assert Duty.objects.unsettled().filter(report=early).count() == 3


def test_a_committed_report_that_is_late_already_raises_its_alert_at_once(
    django_capture_on_commit_callbacks: Any,
) -> None:
    site = make_site()
    with django_capture_on_commit_callbacks(execute=True):
        make_report_of_harm(site, make_user(Role.SUPERVISOR, site), noticed_at=timezone.now() - timedelta(days=30))
    assert SystemAlert.objects.filter(cause=Cause.SERIOUS_OVERDUE, ended_at=None).count() == 1


def test_everybody_reads_how_many_there_were_and_small_counts_are_hidden() -> None:
    assert serious_rows() == []
    assert "None has been reported" in Client().get("/transparency/").text
    site = make_site()
    mine, other = (make_user(Role.SUPERVISOR, site) for _ in range(2))
    for number in range(8):
        report = make_report_of_harm(site, mine, ("near-miss",))
        if number < 6:
            for duty in report.duties.all():
                duty_settle(duty=duty, kind=EntryKind.NOT_NEEDED, text=WORDS, told_at=None, token=uuid4(), actor=mine)
            report_close(report=report, outcome=Outcome.NEARLY, lessons="Look twice before a start.", actor=other)
    told = {row.label: str(row.number) for row in serious_rows()}
    assert told["Nearly happened"] == "6"
    assert told["Being worked on"] == "fewer than 5"
    assert told["Did not happen as reported"] == "0"
    page = Client().get("/transparency/").text
    assert "Nearly happened: 6" in page
    assert report.headline not in page


def test_the_technical_file_holds_the_reports_of_its_sites() -> None:
    site, elsewhere = make_site(), make_site()
    report = make_report_of_harm(site, make_user(Role.SUPERVISOR, site), headline="At the fountain")
    make_report_of_harm(elsewhere, make_user(Role.SUPERVISOR, elsewhere), headline="At the harbour")
    text = technical_file_html([site.pk], timezone.now())
    assert f"{report.pk}: At the fountain (open)" in text
    assert escape("GDPR art. 33 (1); LED art. 30 (1)") in text
    assert "For two minutes faces could be seen" in text
    assert "At the harbour" not in text
