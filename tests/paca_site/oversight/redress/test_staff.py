from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from paca_site.oversight.redress.figures import outcome_rows
from paca_site.oversight.redress.models import Complaint, Outcome
from paca_site.oversight.redress.services.answering import complaint_answer
from tests.cast import make_alert, make_camera, make_complaint, make_site, make_user

pytestmark = pytest.mark.django_db
ANSWER = "We looked: nothing of that evening is kept any more."


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_a_supervisor_links_cameras_and_alerts_and_answers_once() -> None:
    camera = make_camera()
    alert, complaint = make_alert(camera), make_complaint(camera.site)
    desk = client_of(make_user(Role.SUPERVISOR, camera.site))
    page = f"/redress/complaints/{complaint.pk}/"
    work = {"cameras": [camera.pk], "alerts": f"{alert.pk}", "note": "At 20:03, dismissed as a group of friends."}
    assert desk.post(f"{page}findings/", work).status_code == 302
    assert desk.post(f"{page}answer/", {"outcome": "answered", "answer": ANSWER}).status_code == 302
    complaint.refresh_from_db()
    assert (complaint.outcome, complaint.answer, complaint.alert_ids) == (Outcome.ANSWERED, ANSWER, [alert.pk])
    assert list(complaint.cameras.all()) == [camera]
    again = desk.post(f"{page}answer/", {"outcome": "upheld", "answer": ANSWER})
    assert again.status_code == 422
    assert "answered this complaint meanwhile" in again.text
    complaint.refresh_from_db()
    assert complaint.outcome == Outcome.ANSWERED
    recorded = AuditEntry.objects.filter(action__startswith="redress.").values_list("action", flat=True)
    assert set(recorded) == {"redress.filed", "redress.worked-on", "redress.answered"}


@pytest.mark.parametrize(
    ("given", "told"), [("twelve", "digits; got twelve"), ("999999999", "no alert 999999999"), ("7" * 30, "digits")]
)
def test_numbers_that_are_no_alerts_of_the_site_are_told(given: str, told: str) -> None:
    complaint = make_complaint(make_site())
    desk = client_of(make_user(Role.SUPERVISOR, complaint.site))
    answer = desk.post(f"/redress/complaints/{complaint.pk}/findings/", {"alerts": given, "note": "Kept in the form."})
    assert answer.status_code == 422
    assert told in answer.text
    assert "Kept in the form." in answer.text


def test_an_alert_or_camera_of_another_site_cannot_be_linked() -> None:
    complaint, other = make_complaint(make_site()), make_camera()
    desk = client_of(make_user(Role.SUPERVISOR, complaint.site))
    for work in ({"alerts": str(make_alert(other).pk)}, {"cameras": [other.pk]}):
        assert desk.post(f"/redress/complaints/{complaint.pk}/findings/", work).status_code == 422
    assert not complaint.cameras.exists()


def test_an_auditor_reads_but_is_not_told_how_to_reach_the_person_and_the_look_is_recorded() -> None:
    complaint = make_complaint(make_site(), contact="kari@example.org")
    auditor, supervisor = (make_user(role, complaint.site) for role in (Role.AUDITOR, Role.SUPERVISOR))
    page = f"/redress/complaints/{complaint.pk}/"
    assert "kari@example.org" in client_of(supervisor).get(page).text
    seen = client_of(auditor).get(page).text
    assert "kari@example.org" not in seen
    assert "for supervisors only" in seen
    assert AuditEntry.objects.filter(action="redress.viewed", actor=auditor).count() == 1


def test_what_is_overdue_is_told_and_comes_first() -> None:
    site = make_site()
    late, fresh = make_complaint(site), make_complaint(site)
    Complaint.objects.filter(pk=fresh.pk).update(due_at=timezone.now() + timedelta(days=9))
    Complaint.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(days=2))
    text = client_of(make_user(Role.SUPERVISOR, site)).get("/redress/complaints/").text
    assert "1 past the day of answer" in text
    assert text.index(late.reference) < text.index(fresh.reference)


def test_everybody_reads_what_became_of_complaints_and_small_counts_are_hidden() -> None:
    assert outcome_rows() == []
    site = make_site()
    actor = make_user(Role.SUPERVISOR, site)
    for number in range(14):
        complaint = make_complaint(site)
        if number < 12:
            complaint_answer(complaint=complaint, outcome=Outcome.PARTLY, answer=ANSWER, actor=actor)
    told = {row.label: str(row.number) for row in outcome_rows()}
    assert told["Upheld in part"] == "12"
    assert told["Waiting for an answer"].startswith("fewer than")
    assert told["Upheld"] == "0"
    page = Client().get("/transparency/").text
    assert "Upheld in part: 12" in page
    assert 'href="/redress/"' in page
